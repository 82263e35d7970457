package limit

// Hot: runs for every request; no allocation, no map, no defer. The arithmetic is that of ngx_http_limit_req_module, in whole
// milliseconds and thousandths of a request.

// outcome is what a zone says to a request.
type outcome uint8

const (
	counted outcome = iota // it is in the bucket
	noted                  // it would be taken; account counts it
	busy                   // its excess is above the burst
	full                   // there is no room for its key
)

// pin is a state that a request is about to be counted in, or is counted in.
type pin struct {
	shard *shard
	state int32
	hash  uint64
}

// at returns the state, nil when it was forgotten meanwhile. The shard is locked.
func (p *pin) at() *state {
	if e := &p.shard.states[p.state]; e.size > 0 && e.hash == p.hash {
		return e
	}
	return nil
}

// longest bounds how long a bucket drains, in milliseconds: 11 days empty any.
const longest = 1e9

// take looks a key up at time now. With count, the request is in the bucket at once; otherwise the state is noted. It may write
// over the key.
func (z *ReqZone) take(key []byte, burst, now int64, count bool) (o outcome, excess int64, p pin) {
	id := z.ident(key)
	s := z.shard(id.hash)
	z.lock(s)
	i := s.find(id)
	if i == 0 {
		o, p = z.fresh(s, id, now, count)
		s.unlock()
		return o, 0, p
	}
	s.touch(i)
	e := &s.states[i]
	excess, ms := e.drained(z.Rate, now)
	switch {
	case excess > burst:
		o = busy
	case count:
		e.excess = excess
		if ms != 0 {
			e.last = now
		}
	default:
		o, p = noted, pin{s, i, id.hash}
	}
	s.unlock()
	return o, excess, p
}

// fresh makes a state for a key that has none.
func (z *ReqZone) fresh(s *shard, id ident, now int64, count bool) (outcome, pin) {
	z.expire(s, now, 1)
	if !s.fits(id) {
		z.expire(s, now, 0)
		if !s.fits(id) {
			return full, pin{}
		}
	}
	i := s.add(id, 0)
	if count {
		s.states[i].last = now
		return counted, pin{}
	}
	return noted, pin{s, i, id.hash}
}

// drained returns the excess of one more request at time now, and the milliseconds it drained for. Requests get hold of a
// shard in another order than they looked at the clock; a clock that was set back by more than a minute counts as one
// millisecond, so that the bucket goes on from there.
func (e *state) drained(rate, now int64) (excess, ms int64) {
	ms = min(now-e.last, longest)
	switch {
	case ms < -60000:
		ms = 1
	case ms < 0:
		ms = 0
	}
	return max(e.excess-rate*ms/1000+1000, 0), ms
}

// expire forgets the oldest states: n = 1 one or two that are empty and idle for a minute, n = 0 the oldest whatever it is,
// and one or two such.
func (z *ReqZone) expire(s *shard, now int64, n int) {
	for ; n < 3; n++ {
		i := s.oldest
		if i == 0 {
			return
		}
		if e := &s.states[i]; n != 0 {
			ms := min(max(now-e.last, e.last-now), longest)
			if ms < 60000 || e.excess-z.Rate*ms/1000 > 0 {
				return
			}
		}
		s.remove(i)
	}
}

// account counts the request in a state that was noted. One that further keys have pushed out meanwhile counts nothing.
func (z *ReqZone) account(p pin, now int64) (excess int64) {
	z.lock(p.shard)
	if e := p.at(); e != nil {
		var ms int64
		excess, ms = e.drained(z.Rate, now)
		if ms != 0 {
			e.last = now
		}
		e.excess = excess
	}
	p.shard.unlock()
	return excess
}
