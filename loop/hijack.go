package loop

// A borrower may take the socket for good: a protocol that this package does not speak goes on with it. The descriptor is
// duplicated, so that the socket lives on when the reactor closes its own; the record is never used for another connection,
// because its borrower holds it as long as its handler runs, perhaps for the life of the new protocol.
//
//	lent ──Hijack──▶ hijacked ──the reactor's next turn──▶ detached          Return does nothing any more
//
// A detached connection is counted nowhere: Drain does not wait for it, MaxConns does not limit it, no time-out is left.

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Hijack hands the socket of a lent connection to its borrower: everything queued is sent first, then the result is a
// new descriptor, close-on-exec and non-blocking, and the input that was read and not consumed, a copy. Afterwards only
// Remote, Gone and Return may be called on c; Protocol.Closed is not. On an error c is as it was.
func (c *Conn) Hijack() (fd int, unread []byte, err error) {
	if c.Hijacked() {
		return -1, nil, errors.New("loop: already hijacked")
	}
	c.Local() // while the socket is at hand
	if err := c.Flush(0); err != nil {
		return -1, nil, fmt.Errorf("loop: hijack: %w", err)
	}
	fd, err = unix.FcntlInt(uintptr(c.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1, nil, os.NewSyscallError("fcntl", err)
	}
	if c.in != nil {
		unread = append([]byte(nil), c.in...)
		c.r.shared.Put(c.in)
		c.in = nil
	}
	c.closeQueue()
	c.state.Or(isHijacked)
	c.r.post(c)
	return fd, unread, nil
}

// Hijacked tells the borrower, or the reactor, that the socket was taken over.
func (c *Conn) Hijacked() bool { return c.state.Load()&isHijacked != 0 }

// detach makes the reactor forget a connection that was hijacked. It must leave the poller by name: the registration
// would live as long as the duplicate. The socket is not shut down.
func (c *Conn) detach() {
	r := c.r
	r.lentOut.Add(-1)
	r.wheel.unlink(c)
	r.poller.remove(int(c.fd))
	r.forget(c)
	closeFd(int(c.fd))
}
