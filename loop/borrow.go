package loop

// What a borrower may do with a connection, see lend.go. These functions are for the worker between Lend and Return, except
// Lent, AwaitsInput and AwaitsOutput, which are the reactor's. Read and Unread touch the input alone, the others the output alone, so
// that one goroutine of the borrower may read while another writes.

import (
	"os"

	"golang.org/x/sys/unix"
)

// OnGone has f called, on the reactor, when the client of a lent connection leaves: when the connection breaks, or the
// client closes its sending side. (That is all that is to be seen of a client that closes its socket. One that closes only
// this side can still be written to; net/http makes the same of it.) f must not block and must not touch c. It is called
// at most once and never after Return. Only the borrower may call OnGone. When the client has already left, f is called at
// once.
func (c *Conn) OnGone(f func()) {
	l := c.lease
	l.mu.Lock()
	l.holder, l.onGone = c, f
	l.mu.Unlock()
	if c.state.Load()&(isGone|sawHangup) != 0 || c.peerShut {
		l.gone(c)
	}
}

// AwaitsInput tells for how many ticks the borrower of a lent connection has been waiting for the client to send, 0 when it is not;
// AwaitsOutput, for the client to take what was sent. The reactor uses them to time out a client that does neither.
func (c *Conn) AwaitsInput() uint32 {
	if c.state.Load()&wantsRead == 0 {
		return 0
	}
	return c.r.wheel.now - c.lease.sinceRead.Load()
}

// AwaitsOutput is AwaitsInput for who writes.
func (c *Conn) AwaitsOutput() uint32 {
	if c.state.Load()&wantsWrite == 0 {
		return 0
	}
	return c.r.wheel.now - c.lease.sinceWrite.Load()
}

// Lent tells whether c is with a worker.
func (c *Conn) Lent() bool { return c.lent() }

// Gone tells a borrower whether the client has left.
func (c *Conn) Gone() bool { return c.state.Load()&isGone != 0 }

// await sleeps until the edge named by bit comes, or the deadline of that direction passes. try is done once more after the wish is noted, so that an edge
// between the last attempt and the wish is not lost.
func (c *Conn) await(bit uint32, try func() bool) error {
	wake, since := c.lease.readable, &c.lease.sinceRead
	if bit == wantsWrite {
		wake, since = c.lease.writable, &c.lease.sinceWrite
	}
	since.Store(c.r.Ticks()) // before the reactor sees the wish
	for {
		s := c.state.Load()
		if s&isGone != 0 {
			return ErrClosed
		}
		if expired(s, bit) {
			return os.ErrDeadlineExceeded
		}
		if c.state.CompareAndSwap(s, s|bit) {
			break
		}
	}
	if try() {
		c.state.And(^uint32(bit))
		return nil
	}
	<-wake
	if c.state.And(^bit)&isGone != 0 { // the bit is set still when the wake-up was meant for the holder before
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
	if c.Hijacked() { // the number of the descriptor may be somebody else's
		c.closeQueue()
		return ErrClosed
	}
	how, err := c.transmitQueue(q, c.r.shared)
	for how == sentBudget && err == nil {
		how, err = c.transmitQueue(q, c.r.shared)
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
// It returns ErrClosed when the client is gone, and os.ErrDeadlineExceeded beyond the write deadline.
func (c *Conn) Flush(left int64) error {
	if c.Gone() {
		return ErrClosed
	}
	if expired(c.state.Load(), wantsWrite) {
		return os.ErrDeadlineExceeded
	}
	for {
		if err := c.Send(); err != nil {
			return err
		}
		if c.Queued() <= left {
			return nil
		}
		if c.pace != nil && c.pace.allowed(c.r.Ticks()) <= 0 {
			if err := c.sleepPaced(); err != nil {
				return err
			}
			continue
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
// returns 0, nil at the end of input, and os.ErrDeadlineExceeded beyond the read deadline.
func (c *Conn) Read(p []byte) (int, error) {
	if s := c.state.Load(); s&isHijacked != 0 {
		return 0, ErrClosed
	} else if expired(s, wantsRead) {
		return 0, os.ErrDeadlineExceeded
	}
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

// Retract takes back what was queued behind position at, see Enqueued: a response that is not to be sent any further. What was queued
// before that, and what the kernel has taken, is sent.
func (c *Conn) Retract(at int64) {
	if c.q == nil {
		return
	}
	keep := at - c.taken
	if keep <= 0 {
		c.closeQueue()
		return
	}
	m := memory(c.r.mem)
	if c.lent() {
		m = c.r.shared
	}
	c.q.truncate(keep, c.r, m)
}
