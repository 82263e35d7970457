package upstream

// Hot: runs for every request; no allocation, no map, no defer.

import "time"

// timing is how long a peer takes, in milliseconds, as ngx_http_upstream_least_time_module.c keeps it.
type timing struct {
	header, response int64 // averages
	waiting          int64 // average time that the unanswered requests have waited so far
	waited           int64 // sum of it, at the last change
	changed          int64 // when the number of unanswered requests changed last
	unanswered       int64
}

const (
	worstTime = 5000 // slower peers are equally bad: then the number of requests decides
	timeStep  = 20   // peers whose times are in the same step are equally good
)

// leastTime chooses the peer that would be done first with what it has to do.
func leastTime(g *Group, r *Request, l *level, now int64) *Peer {
	if l.single {
		return onlyPeer(r, l, now)
	}
	for _, p := range l.peers {
		if t := &p.timing; t.unanswered > 0 && p.eligible(r, now) {
			average(&t.waiting, max(0, t.waited/t.unanswered+now-t.changed))
		}
	}
	p := least(g, r, l, now, estimate)
	if p == nil {
		return nil
	}
	if g.inflight {
		p.timing.asked(now)
		r.wait = true
	}
	p.take(r, now)
	return p
}

// estimate is the time that p would need for its requests and one more.
func estimate(g *Group, p *Peer, now int64) int64 {
	t := p.timing.header
	if g.method.byTime() {
		t = p.timing.response
	}
	if idle := now - p.checked; idle > p.failTimeout {
		// A peer that was slow gets a chance again: the time is halved once in FailTimeout.
		t >>= min(62, idle/(p.failTimeout+1000))
	}
	if p.timing.unanswered > 0 {
		t = max(t, p.timing.waiting)
	}
	if t > worstTime {
		t = worstTime
	} else {
		t += timeStep - t%timeStep
	}
	return t * int64(1+p.conns)
}

// average is NGINX's exponential moving average, with its rounding.
func average(avg *int64, v int64) {
	if *avg == 0 {
		*avg = v
		return
	}
	*avg = int64(0.5 + float64(v)*0.05 + float64(*avg)*0.95)
}

// asked counts one more unanswered request.
func (t *timing) asked(now int64) {
	if t.unanswered > 0 {
		t.waited += (now - t.changed) * t.unanswered
	}
	t.changed = now
	t.unanswered++
}

// answered forgets a request that has waited for last milliseconds.
func (t *timing) answered(last, now int64) {
	if t.unanswered == 1 {
		t.waited = 0
	} else {
		t.waited += (now-t.changed)*t.unanswered - last
		t.changed = now
	}
	t.unanswered--
}

// Header tells that the response head of p has arrived, header after the try began. Groups of least_time header and those with
// sticky learn's parameter header need to know before Done; for others it does nothing. session is Outcome's.
func (g *Group) Header(r *Request, p *Peer, header time.Duration, session []byte, now int64) {
	if g.sessions != nil && g.sticky.Header && !r.LearnLater {
		g.learn(r, p, session, now)
	}
	if !g.inflight || g.method != LeastTimeHeader {
		return
	}
	g.lock.Lock()
	average(&p.timing.header, header.Milliseconds())
	r.told = true
	if r.wait {
		r.wait = false
		p.timing.answered(header.Milliseconds(), now)
	}
	g.lock.Unlock()
}

// timed takes the times of a try that is done into the averages; only those of good answers, so that a peer that fails fast is not
// preferred.
func (g *Group) timed(r *Request, p *Peer, o *Outcome, now int64) {
	if r.wait {
		r.wait = false
		p.timing.answered(o.Total.Milliseconds(), now)
	}
	told := r.told
	r.told = false
	if o.Failed || o.Next || o.Status == 0 {
		return
	}
	average(&p.timing.response, o.Total.Milliseconds())
	if !told {
		average(&p.timing.header, o.Header.Milliseconds())
	}
}
