package upstream

// Hot: runs for every request that waits; no allocation, no map, no defer.

import "time"

// Waiter is told when a request that was Queued has a peer.
type Waiter interface {
	// Granted hands over the peer that was chosen for the request; Done must follow. It is called on the goroutine that made
	// room, without any lock held, and must not block: a reactor's own work is posted to it.
	Granted(p *Peer)
}

// queue is the requests that wait for room, in the order they came. It is a list through the requests themselves.
type queue struct {
	first, last *Request
	length      int
	overflows   int
}

// link is the place of a request in the queue, or in a list of those that have been granted a peer.
type link struct {
	next, previous *Request
	peer           *Peer
	in             bool
}

// maxPassed is how many requests that cannot be served yet, because of what they have tried, do not keep those behind them
// waiting.
const maxPassed = 8

func (q *queue) push(r *Request, limit int) bool {
	if q.length >= limit {
		if limit > 0 {
			q.overflows++
		}
		return false
	}
	r.level = &r.set.primary // whichever peer has room first
	r.link = link{previous: q.last, in: true}
	if q.last == nil {
		q.first = r
	} else {
		q.last.link.next = r
	}
	q.last = r
	q.length++
	return true
}

func (q *queue) remove(r *Request) {
	if r.link.previous == nil {
		q.first = r.link.next
	} else {
		r.link.previous.link.next = r.link.next
	}
	if r.link.next == nil {
		q.last = r.link.previous
	} else {
		r.link.next.link.previous = r.link.previous
	}
	r.link = link{}
	q.length--
}

// grant gives peers that have room to the requests that wait for them, and returns these as a list.
func (q *queue) grant(now int64) (granted *Request) {
	var last *Request
	passed := 0
	for r := q.first; r != nil && passed < maxPassed; {
		next := r.link.next
		if p := r.group.again(r, now); p == nil {
			passed++
		} else {
			q.remove(r)
			r.link.peer = p
			if last == nil {
				granted = r
			} else {
				last.link.next = r
			}
			last = r
		}
		r = next
	}
	return granted
}

// again looks for a peer for a request that waits.
func (g *Group) again(r *Request, now int64) *Peer {
	if r.set != g.set {
		g.enter(r)
	}
	p := g.walk(r, now)
	if p == nil {
		r.level = &r.set.primary
	}
	return p
}

// tell calls the waiters of a list that grant returned.
func tell(granted *Request) {
	for r := granted; r != nil; {
		next, p := r.link.next, r.link.peer
		r.link.next, r.link.peer = nil, nil // in is not true any more, and Leave may be reading it
		r.Waiter.Granted(p)
		r = next
	}
}

// QueueTimeout is how long a request may be Queued; then its owner calls Leave and answers 502.
func (g *Group) QueueTimeout() time.Duration { return g.queueWait }

// Leave takes r out of the queue. It returns false when r is not in it any more: then Granted has been called, or will be, and
// r must not be reset before.
func (g *Group) Leave(r *Request) bool {
	g.lock.Lock()
	in := r.link.in
	if in {
		g.queue.remove(r)
	}
	g.lock.Unlock()
	return in
}
