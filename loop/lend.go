package loop

// Hot: two atomic operations per request that runs on a worker.

import (
	"sync"
	"sync/atomic"
)

// A connection is lent when a worker shall answer. Between Lend and Return the worker owns the unread input, the out
// queue and the socket; the reactor keeps the poller registration and the timer, and only notes what it sees:
//
//	         Lend                      Return, nothing left to do: one CAS, no message
//	owned ──────────▶ lent ──────────────────────────────────────────────▶ owned
//	(reactor)        (worker)  ──Return, something left──▶ posted ──reclaim──▶ owned
//
//	0 ≤ writers of in, q, socket ≤ 1, and the writer is the reactor exactly when the lent bit is clear
//
// The worker sends directly and wakes the reactor only when output is left over, input waits or the connection is to be
// closed. A worker that must wait for the socket sleeps on its lease; the reactor's next edge wakes it.
const (
	isLent       = 1 << iota // owned by a worker
	sawInput                 // a readable edge came meanwhile
	wantsRead                // the worker sleeps until a readable edge
	wantsWrite               // the worker sleeps until a writable edge
	isGone                   // the client is gone or the connection shall end
	sawHangup                // the client closed its sending side meanwhile
	readExpired              // the borrower's read deadline has passed, see deadline.go
	writeExpired             // the borrower's write deadline has passed
	isHijacked               // the borrower took the socket over, see hijack.go
	isMoving                 // on its way to another reactor, see move.go
)

// lease is what only a lent connection needs. Reused: a wake-up may reach the next holder, so every wait is in a loop,
// and onGone is called for its holder only. The two directions wait on channels of their own, so that one goroutine may
// read while another writes.
type lease struct {
	readable, writable chan struct{} // capacity 1
	sinceRead          atomic.Uint32 // tick at which who reads fell asleep
	sinceWrite         atomic.Uint32 // and who writes
	mu                 sync.Mutex
	holder             *Conn  // whose onGone it is
	onGone             func() // called once when the client is gone
}

var leases = sync.Pool{New: func() any {
	return &lease{readable: make(chan struct{}, 1), writable: make(chan struct{}, 1)}
}}

// poke wakes whoever waits on wake, now or next.
func poke(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// drop forgets a wake-up that nobody waited for.
func drop(wake chan struct{}) {
	select {
	case <-wake:
	default:
	}
}

func (c *Conn) lent() bool { return c.state.Load()&isLent != 0 }

// Lend makes a worker the owner of c, with rest as its unread input (copied; of the reactor's buffer or c's own). The
// reactor's callback must not touch c any more, and hands it to the worker after this call. Everything queued before is
// sent first or stays in the queue, in order.
func (c *Conn) Lend(rest []byte) {
	old := c.in
	c.in = nil
	if len(rest) > 0 {
		c.in = append(c.r.mem.Get(len(rest)), rest...)
	}
	if old != nil {
		c.r.mem.Put(old)
	}
	c.handOver()
}

// LendPaused is Lend for a connection that was paused, outside Protocol.Data: its unread input goes along as it is, and it
// is read on afterwards.
func (c *Conn) LendPaused() {
	c.paused, c.watching = false, false
	c.handOver()
}

func (c *Conn) handOver() {
	r := c.r
	if c.dirty {
		c.unmarkDirty()
	}
	if c.q != nil {
		c.q.own(r, r.mem)
		if r.scratchUsed && c.q.last() != nil && c.q.last().kind == segScratch {
			panic("loop: lent with the scratch buffer")
		}
	}
	c.lease = leases.Get().(*lease)
	c.burst = true
	c.loans++
	c.markSlow(false)
	r.lentOut.Add(1)
	state := uint32(isLent)
	if c.readable { // no edge will tell of what the socket already holds
		state |= sawInput
	}
	c.state.Store(state)
}

// unmarkDirty takes c, which was the last to be marked or nearly so, out of the reactor's list.
func (c *Conn) unmarkDirty() {
	d := c.r.dirty
	for i := len(d) - 1; i >= 0; i-- {
		if d[i] == c {
			d[i] = d[len(d)-1]
			c.r.dirty = d[:len(d)-1]
			break
		}
	}
	c.dirty = false
}

// Return ends the loan. Only the borrower may call it, once, as its last use of c. With attend, or when anything is left
// to do (output, input, a waiting edge), the reactor gets c back through its mailbox and calls Reclaimed; otherwise c is
// simply idle again.
func (c *Conn) Return(attend bool) {
	l, r := c.lease, c.r
	l.mu.Lock()
	l.holder, l.onGone = nil, nil
	l.mu.Unlock()
	drop(l.readable)
	drop(l.writable)
	leases.Put(l)
	if c.Hijacked() {
		return // the reactor has forgotten c already, or will
	}
	if !attend && c.q == nil && c.in == nil && c.state.CompareAndSwap(isLent, 0) {
		r.lentOut.Add(-1)
		return
	}
	r.post(c)
}

// TakeBack undoes a Lend that found no borrower. Only the reactor may call it, before anybody was handed c.
func (c *Conn) TakeBack() {
	c.state.Store(0)
	c.r.lentOut.Add(-1)
	leases.Put(c.lease)
}

// reclaim makes the reactor the owner again.
func (c *Conn) reclaim() {
	r := c.r
	switch s := c.state.Load(); {
	case s&isHijacked != 0:
		c.detach()
		return
	case s&isMoving != 0:
		c.arrive()
		return
	}
	r.lentOut.Add(-1)
	s := c.state.Swap(0)
	if s&sawInput != 0 {
		c.readable = true
	}
	if s&sawHangup != 0 {
		c.peerShut = true
	}
	if s&isGone != 0 {
		c.fail(ErrClosed)
		return
	}
	if c.q != nil {
		c.flush()
	}
	if !c.closed {
		c.proto.Reclaimed(c)
	}
	if !c.closed && !c.paused && !c.lent() && (c.readable || len(c.in) > 0) {
		r.again(c)
	}
}

// lentEvent notes what the poller saw of a lent connection. It returns false when the connection was returned meanwhile
// and the event is the reactor's to handle.
func (c *Conn) lentEvent(ev readiness) bool {
	var set, woken uint32
	if ev&(isReadable|isHangup|isError) != 0 {
		set, woken = sawInput, wantsRead
	}
	if ev&isWritable != 0 {
		woken |= wantsWrite
	}
	if ev&isHangup != 0 {
		set |= sawHangup
	}
	if ev&isError != 0 {
		set |= isGone
		woken |= wantsRead | wantsWrite
	}
	if !c.note(set, woken) {
		return false
	}
	if set&sawHangup != 0 {
		c.lease.gone(c)
	}
	return true
}

// note sets bits in the state and wakes the worker if it waits for one of woken.
func (c *Conn) note(set, woken uint32) bool {
	l := c.lease // written by this reactor only, in Lend
	for {
		s := c.state.Load()
		if s&isLent == 0 {
			return false
		}
		if c.state.CompareAndSwap(s, (s|set)&^(s&woken)) {
			if s&woken&wantsRead != 0 {
				poke(l.readable)
			}
			if s&woken&wantsWrite != 0 {
				poke(l.writable)
			}
			if set&isGone != 0 && s&isGone == 0 {
				l.gone(c)
			}
			return true
		}
	}
}

// notifyGone tells the borrower that the connection shall end.
func (c *Conn) notifyGone() { c.note(isGone, wantsRead|wantsWrite) }

func (l *lease) gone(c *Conn) {
	var f func()
	l.mu.Lock()
	if l.holder == c {
		f, l.onGone = l.onGone, nil
	}
	l.mu.Unlock()
	if f != nil {
		f()
	}
}
