package loop

// Hot: two atomic operations per request that runs on a worker.

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
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
	isLent     = 1 << iota // owned by a worker
	sawInput               // a readable edge came meanwhile
	wantsRead              // the worker sleeps until a readable edge
	wantsWrite             // the worker sleeps until a writable edge
	isGone                 // the client is gone or the connection shall end
	sawHangup              // the client closed its sending side meanwhile
)

// lease is what only a lent connection needs. Reused: a wake-up may reach the next holder, so every wait is in a loop,
// and onGone is called for its holder only.
type lease struct {
	wake   chan struct{} // capacity 1
	since  atomic.Uint32 // tick at which the worker fell asleep
	mu     sync.Mutex
	holder *Conn  // whose onGone it is
	onGone func() // called once when the client is gone
}

var leases = sync.Pool{New: func() any { return &lease{wake: make(chan struct{}, 1)} }}

func (c *Conn) lent() bool { return c.state.Load()&isLent != 0 }

// Lend makes a worker the owner of c, with rest as its unread input (copied; of the reactor's buffer or c's own). The
// reactor's callback must not touch c any more, and hands it to the worker after this call. Everything queued before is
// sent first or stays in the queue, in order.
func (c *Conn) Lend(rest []byte) {
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
	old := c.in
	c.in = nil
	if len(rest) > 0 {
		c.in = append(r.mem.Get(len(rest)), rest...)
	}
	if old != nil {
		r.mem.Put(old)
	}
	c.lease = leases.Get().(*lease)
	c.loans++
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
	select {
	case <-l.wake:
	default:
	}
	leases.Put(l)
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

// Cut drops what the borrower queued and has the connection closed when it is returned: for a response that cannot be
// finished, whose client must see that it is truncated.
func (c *Conn) Cut() {
	c.closeQueue()
	c.state.Or(isGone)
}

// reclaim makes the reactor the owner again.
func (c *Conn) reclaim() {
	r := c.r
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
	return c.note(set, woken)
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
			if s&woken != 0 {
				select {
				case l.wake <- struct{}{}:
				default:
				}
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

// OnGone has f called, on the reactor, when the client of a lent connection leaves. f must not block and must not touch
// c. It is called at most once and never after Return. Only the borrower may call OnGone. When the client has already
// left, f is called at once.
func (c *Conn) OnGone(f func()) {
	l := c.lease
	l.mu.Lock()
	l.holder, l.onGone = c, f
	l.mu.Unlock()
	if c.state.Load()&isGone != 0 {
		l.gone(c)
	}
}

// Waiting tells for how many ticks the borrower of a lent connection has been waiting for the socket, 0 when it is not.
// The reactor uses it to time out a client that neither reads nor sends.
func (c *Conn) Waiting() uint32 {
	if c.state.Load()&(wantsRead|wantsWrite) == 0 {
		return 0
	}
	return c.r.wheel.now - c.lease.since.Load()
}

// Lent tells whether c is with a worker.
func (c *Conn) Lent() bool { return c.lent() }

// Gone tells a borrower whether the client has left.
func (c *Conn) Gone() bool { return c.state.Load()&isGone != 0 }

// await sleeps until the edge named by bit comes. try is done once more after the wish is noted, so that an edge
// between the last attempt and the wish is not lost.
func (c *Conn) await(bit uint32, try func() bool) error {
	for {
		s := c.state.Load()
		if s&isGone != 0 {
			return ErrClosed
		}
		if c.state.CompareAndSwap(s, s|bit) {
			break
		}
	}
	if try() {
		c.state.And(^uint32(bit))
		return nil
	}
	c.lease.since.Store(c.r.Ticks())
	<-c.lease.wake
	if c.state.Load()&isGone != 0 {
		return ErrClosed
	}
	return nil
}

// Send sends what the borrower queued, without waiting: what the socket does not take stays queued, for Flush or for the
// reactor after Return.
func (c *Conn) Send() error {
	q := c.q
	if q == nil {
		return nil
	}
	how, err := q.transmit(int(c.fd), c.r, c.r.shared)
	for how == sentBudget && err == nil {
		how, err = q.transmit(int(c.fd), c.r, c.r.shared)
	}
	if how == sentAll {
		c.r.sharedQueues.put(q)
		c.q = nil
	} else {
		q.own(c.r, c.r.shared)
	}
	if err != nil {
		c.state.Or(isGone)
	}
	return err
}

// Flush sends what the borrower queued and waits while the socket is full, until no more than left bytes are queued.
// It returns ErrClosed when the client is gone.
func (c *Conn) Flush(left int64) error {
	if c.Gone() {
		return ErrClosed
	}
	for {
		if err := c.Send(); err != nil {
			return err
		}
		if c.Queued() <= left {
			return nil
		}
		before := c.Queued()
		var err error
		wait := c.await(wantsWrite, func() bool {
			err = c.Send()
			return err != nil || c.Queued() < before
		})
		if err == nil {
			err = wait
		}
		if err != nil {
			return err
		}
	}
}

// Read reads into p for the borrower: first the unread input of c, then the socket, waiting while it is empty. It
// returns 0, nil at the end of input.
func (c *Conn) Read(p []byte) (int, error) {
	if len(c.in) > 0 {
		n := copy(p, c.in)
		c.in = c.in[:copy(c.in, c.in[n:])]
		if len(c.in) == 0 {
			c.r.shared.Put(c.in)
			c.in = nil
		}
		return n, nil
	}
	for {
		n, errno := recv(int(c.fd), p)
		if errno == unix.EAGAIN {
			err := c.await(wantsRead, func() bool { n, errno = recv(int(c.fd), p); return errno != unix.EAGAIN })
			if err != nil {
				return 0, err
			}
			if errno == unix.EAGAIN {
				continue
			}
		}
		switch errno {
		case 0:
			return n, nil
		case unix.EINTR:
		default:
			c.state.Or(isGone)
			return 0, errno
		}
	}
}

// Unread gives back input that the borrower read too much of: it will be the first that is read next.
func (c *Conn) Unread(p []byte) {
	if len(p) == 0 {
		return
	}
	b := append(c.r.shared.Get(len(p)+len(c.in)), p...)
	b = append(b, c.in...)
	if c.in != nil {
		c.r.shared.Put(c.in)
	}
	c.in = b
}

// queueList is a free list of queues: a reactor's own, or, locked, the workers'.
type queueList struct{ free []*queue }

func (l *queueList) get() *queue {
	if n := len(l.free) - 1; n >= 0 {
		q := l.free[n]
		l.free = l.free[:n]
		return q
	}
	return new(queue)
}

func (l *queueList) put(q *queue) {
	q.segs = nil
	if len(l.free) < 1024 {
		l.free = append(l.free, q)
	}
}

// sharedQueueList is the same for any goroutine.
type sharedQueueList struct {
	mu sync.Mutex
	queueList
}

func (l *sharedQueueList) get() *queue {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.queueList.get()
}

func (l *sharedQueueList) put(q *queue) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queueList.put(q)
}
