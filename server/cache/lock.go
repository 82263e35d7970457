package cache

import "time"

// Waker is told that a lock has ended.
type Waker interface {
	// Wake is called once, on any goroutine, and must not block: it posts to the reactor of the request, which calls Lookup again.
	Wake()
}

// waiter is a Request in the list of a node that it waits for. The shard's lock guards it.
type waiter struct {
	prev, next *waiter
	list       *waitList
	sum        Sum
	waker      Waker
}

// waitList is who waits for a node, and the timer that wakes them when the lock is too old.
type waitList struct {
	first *waiter
	timer *time.Timer
}

func (l *waitList) add(w *waiter) {
	w.prev, w.next, w.list = nil, l.first, l
	if w.next != nil {
		w.next.prev = w
	}
	l.first = w
}

func (l *waitList) remove(w *waiter) {
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		l.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	}
	w.prev, w.next, w.list = nil, nil, nil
}

// takeAll empties the list and returns its waiters as a chain of copies: the requests may be gone before they are woken.
func (l *waitList) takeAll() (chain *waiter) {
	for l.first != nil {
		w := l.first
		l.remove(w)
		chain = &waiter{waker: w.waker, next: chain}
	}
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	return chain
}

// wakeAll wakes a chain, in the order in which its requests came. No lock is held.
func (w *waiter) wakeAll() {
	for ; w != nil; w = w.next {
		w.waker.Wake()
	}
}

// Lock asks to be the one request that fills the entry, after the verdict Miss (proxy_cache_lock on). It returns true when it is:
// until its Writer ends, or Release, or age milliseconds have passed (proxy_cache_lock_age), others wait. When it returns false, w is
// told once when to Lookup, and Lock, again. How long it waits at most (proxy_cache_lock_timeout) is the caller's timer; see
// CancelWait.
func (r *Request) Lock(now, age int64, w Waker) bool {
	z := r.zone
	s := z.shard(&r.sum)
	s.mu.Lock()
	defer s.mu.Unlock()
	n := z.node(s, r.sum, r.key.Sum, now)
	if n == nil { // no room in the index
		return true
	}
	if !n.updating || n.lockEnd != 0 && n.lockEnd <= now {
		r.take(n, now+age)
		return true
	}
	r.wait.sum, r.wait.waker = r.sum, w
	n.waiters.add(&r.wait)
	if n.waiters.timer == nil && n.lockEnd != 0 {
		n.waiters.timer = time.AfterFunc(time.Duration(n.lockEnd-now)*time.Millisecond, func() { z.aged(n) })
	}
	return false
}

// aged wakes who waits for a lock that is too old; the first of them that locks again fills the entry, too.
func (z *Zone) aged(n *node) {
	s := z.shard(&n.sum)
	s.mu.Lock()
	woken := n.waiters.takeAll()
	s.mu.Unlock()
	woken.wakeAll()
}

// CancelWait ends the waiting that Lock began. It tells whether the request still waited: when not, Wake was called, or will be at
// any moment. It takes constant time.
func (r *Request) CancelWait() bool {
	if r.wait.waker == nil {
		return false
	}
	s := r.zone.shard(&r.wait.sum)
	s.mu.Lock()
	waited := r.wait.list != nil
	if waited {
		r.wait.list.remove(&r.wait)
	}
	s.mu.Unlock()
	r.wait.waker = nil
	return waited
}
