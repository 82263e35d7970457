package loop

import "golang.org/x/sys/unix"

// Abort closes c at once. err is what Protocol.Closed is told.
func (c *Conn) Abort(err error) { c.fail(err) }

// fail closes c because of err.
func (c *Conn) fail(err error) {
	if !c.closed {
		c.close(err)
	}
}

// close ends the connection: the protocol is told, then everything is given back. While it is lent the descriptor
// stays open until the borrower returns it, so that its number cannot be reused under a worker's hands.
func (c *Conn) close(err error) {
	if c.lent() {
		c.notifyGone()
		return
	}
	c.closed = true
	c.markSlow(false)
	r := c.r
	r.wheel.unlink(c)
	c.closeQueue()
	in := c.in
	c.in = nil
	r.forget(c)
	defer c.closeSocket(in) // the protocol may want to know something of it yet
	c.proto.Closed(c, err)
}

// closeSocket is the end of close. in is the unread input: requests that have been answered may be views of it, and a log that is
// told of them in Closed reads them.
func (c *Conn) closeSocket(in []byte) {
	r := c.r
	if in != nil {
		r.mem.Put(in)
	}
	if c == r.current {
		closeFd(int(c.fd))
	} else {
		// The poller may hold an event of this descriptor that it has not handed out yet. Were the descriptor closed
		// now, a connection accepted meanwhile could get its number, and the event.
		if !c.resets {
			_ = unix.Shutdown(int(c.fd), unix.SHUT_RDWR)
		}
		r.buried = append(r.buried, c)
		r.poller.soon()
	}
}
