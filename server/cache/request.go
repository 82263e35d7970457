package cache

// Hot: Lookup runs for every request; no allocation, no defer, no lock but the shard's.

// Verdict is what Lookup found.
type Verdict uint8

// The verdicts of Lookup.
const (
	// Miss: there is no entry. The request may fill it; see Lock.
	Miss Verdict = iota
	// Hit: Entry is fresh.
	Hit
	// Expired: Entry is stale, and this request is the one that updates it.
	Expired
	// Updating: Entry is stale, and another request updates it.
	Updating
	// Scarce: there is no entry, and the key was not asked for often enough to be stored (min_uses), or the zone is full of
	// entries in use.
	Scarce
	// NeedsOpen: there may be an entry, in a file. Call Open on a goroutine that may block, then Lookup again.
	NeedsOpen
	// Failed: there is no response, but a status that was kept by KeepStatus.
	Failed
)

// Request is the business of one request with a zone. It is used by one goroutine at a time; the zero value is ready for Reset.
type Request struct {
	zone   *Zone
	key    Key
	fields Fields
	min    int

	sum     Sum // what was looked up last: the main sum or a secondary one
	entry   *Entry
	marked  bool // the node at markSum is updating, by this request
	markSum Sum
	token   uint64
	failed  int
	counted [2]bool // in uses, of the main and of a secondary sum
	opens   int
	opened  Sum // no need to open that file again
	wait    waiter

	values  [][]byte
	scratch []byte
}

// Reset begins a new request. fields gives the values for Vary, minUses is proxy_cache_min_uses. fields and
// the key's text must stay valid until Release.
func (r *Request) Reset(z *Zone, key Key, fields Fields, minUses int) {
	r.Release()
	r.zone, r.key, r.fields, r.min, r.sum = z, key, fields, minUses, key.Sum
	r.opens, r.counted, r.failed = 0, [2]bool{}, 0
}

// Zone returns the zone of Reset, nil after Release.
func (r *Request) Zone() *Zone { return r.zone }

// Entry returns the entry of the last Lookup that was Hit, Expired or Updating, until Release or the next Lookup; else nil. Begin
// leaves it, so that it can be served stale.
func (r *Request) Entry() *Entry { return r.entry }

// FailedStatus returns the status of the verdict Failed.
func (r *Request) FailedStatus() int { return r.failed }

// Lookup looks for the entry of the request. It never blocks, and may be called again after Open or Waker.Wake.
func (r *Request) Lookup(now int64) Verdict {
	if r.wait.waker != nil {
		r.CancelWait()
	}
	r.drop()
	r.unmark()
	r.sum = r.key.Sum
	v := r.find(now)
	if v == Hit && len(r.entry.meta.Vary) > 0 {
		if sum := r.variant(r.entry.meta.Vary); sum != r.entry.variant {
			r.drop()
			r.sum = sum
			if v = r.find(now); v == Hit && (len(r.entry.meta.Vary) == 0 || r.entry.variant != sum) {
				r.drop()
				v = Miss
			}
		}
	}
	if v == Hit && !r.entry.Fresh(now) {
		v = r.mark(now)
	}
	return v
}

// find looks a sum up; Hit means that there is an entry, fresh or not.
func (r *Request) find(now int64) Verdict {
	z := r.zone
	s := z.shard(&r.sum)
	s.mu.Lock()
	n := s.nodes[r.sum]
	if n == nil && r.min > 1 {
		n = z.node(s, r.sum, r.key.Sum, now)
	}
	v := Miss
	if n == nil {
		if r.mayOpen(s) && z.cold.Load() {
			v = NeedsOpen
		} else if r.min > 1 {
			v = Scarce
		}
		s.mu.Unlock()
		return v
	}
	r.countUse(n)
	z.use(s, n, now)
	switch {
	case n.failed != 0 && n.failedValid >= now/1000:
		r.failed, v = n.failed, Failed
	case n.entry != nil:
		if n.key == string(r.key.Text) {
			r.entry, v = n.entry.Acquire(), Hit
			if now-n.checked > verifyEvery {
				z.check(s, n, now)
			}
		}
	case (n.exists || z.cold.Load()) && r.mayOpen(s):
		v = NeedsOpen
	case r.min > 1 && !n.exists && n.uses < r.min:
		v = Scarce
	}
	s.mu.Unlock()
	return v
}

// countUse counts the request for min_uses, once for each sum.
func (r *Request) countUse(n *node) {
	i := 0
	if r.sum != r.key.Sum {
		i = 1
	}
	if !r.counted[i] {
		n.uses++
		r.counted[i] = true
	}
}

// mayOpen tells whether the file of the sum is worth opening.
func (r *Request) mayOpen(s *shard) bool {
	return r.zone.path != "" && r.opens < maxOpens && (r.opens == 0 || r.opened != r.sum) && s.doomed[r.sum] == 0
}

// check has the file of a warm node looked for, or written when it has none, because the disk was full or too slow. The caller holds
// the lock.
func (z *Zone) check(s *shard, n *node, now int64) {
	switch {
	case n.size > 0:
		if sum := n.sum; n.checked != 0 {
			z.disk.add(0, func() { z.verify(sum) })
		}
	case z.path == "" || n.saving != nil || now-s.rewritten < rewriteEvery:
		return
	default:
		s.rewritten = now
		z.queue(s, n, n.entry)
	}
	n.checked = now
}

// mark takes the task of updating the entry, unless another has it.
func (r *Request) mark(now int64) Verdict {
	s := r.zone.shard(&r.sum)
	s.mu.Lock()
	v := Updating
	if n := s.nodes[r.sum]; n == nil || !n.updating {
		if n != nil {
			r.take(n, 0)
		}
		v = Expired
	}
	s.mu.Unlock()
	return v
}

// take makes the request the one that fills n. The caller holds the lock.
func (r *Request) take(n *node, lockEnd int64) {
	n.updating, n.lockEnd = true, lockEnd
	n.token++
	r.marked, r.markSum, r.token = true, r.sum, n.token
}

// Forgo lets another request fill the entry: this one's response is not kept. It is called when that is known, which may be long before
// the response is over (NGINX: ngx_http_file_cache_free behind the head).
func (r *Request) Forgo() { r.unmark() }

// unmark gives the task back that take took, unless another took it meanwhile.
func (r *Request) unmark() {
	if !r.marked {
		return
	}
	r.marked = false
	r.zone.untake(r.markSum, r.token, r.min)
}

// untake ends a lock that was not committed, and wakes who waits for it.
func (z *Zone) untake(sum Sum, token uint64, minUses int) {
	s := z.shard(&sum)
	var woken *waiter
	s.mu.Lock()
	if n := s.nodes[sum]; n != nil && n.token == token {
		n.updating = false
		woken = n.waiters.takeAll()
		if !n.exists && n.failed == 0 && minUses <= 1 {
			z.remove(s, n)
		}
	}
	s.mu.Unlock()
	woken.wakeAll()
}

// KeepStatus keeps the status of a response that was replaced by an error page (NGINX: proxy_intercept_errors), up to and including the
// second valid.
func (r *Request) KeepStatus(status int, valid, now int64) {
	s := r.zone.shard(&r.sum)
	s.mu.Lock()
	if n := r.zone.node(s, r.sum, r.key.Sum, now); n != nil {
		n.failed, n.failedValid = status, valid
	}
	s.mu.Unlock()
}

func (r *Request) drop() {
	if r.entry != nil {
		r.entry.Release()
		r.entry = nil
	}
}

// Release ends the request: it gives the entry back, and the lock if it has one that no Writer took. Calling it again does nothing.
func (r *Request) Release() {
	if r.zone == nil {
		return
	}
	r.CancelWait()
	r.drop()
	r.unmark()
	clear(r.values[:cap(r.values)])
	if cap(r.scratch) > scratchKept {
		r.scratch = nil
	}
	r.zone, r.fields, r.key.Text = nil, nil, nil
}
