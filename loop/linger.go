package loop

import "golang.org/x/sys/unix"

// Linger says how long a connection that is closed reads and drops what the client still sends, in ticks (see Ticks). The zero
// value closes at once.
type Linger struct {
	// Time bounds the whole (NGINX lingering_time: 30s), Idle the wait for more of it (lingering_timeout: 5s).
	Time, Idle uint32
}

// DefaultLinger is NGINX's default.
var DefaultLinger = Linger{Time: Ticks(lingerTime), Idle: Ticks(lingerIdle)}

// CloseWhenSent closes c after everything queued was sent. When it lingers, the sending side is closed first and what the
// client still sends is read and dropped: closing a socket with unread input makes the kernel send a reset, which can destroy
// the response before the client reads it (RFC 9112 section 9.6).
func (c *Conn) CloseWhenSent(l Linger) {
	c.closing, c.linger = true, l
	if c.q == nil && !c.dirty {
		c.dirty = true
		c.r.dirty = append(c.r.dirty, c)
	}
}

// ResetWhenSent closes c with a reset after everything queued was sent, and has arrived: the end of a response that broke off, where
// an orderly end of the connection would be the end of the body. A reset drops what the kernel has not delivered yet, so it
// waits for the client to take that, resetTime at most.
func (c *Conn) ResetWhenSent() {
	_ = unix.SetsockoptLinger(int(c.fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}) // whatever ends c before
	c.resets, c.paused, c.watching = true, true, false
	c.CloseWhenSent(Linger{Time: Ticks(resetTime)})
}

// finishReset resets c when the client's side has acknowledged everything.
func (c *Conn) finishReset() {
	if !c.lingers {
		c.lingers, c.lingerEnd = true, c.r.Ticks()+c.linger.Time
	}
	if undelivered(int(c.fd)) == 0 || int32(c.lingerEnd-c.r.Ticks()) <= 0 {
		c.close(ErrTruncated)
		return
	}
	c.SetTimeout(timeoutReset, 1)
}

// finish is called when a closing connection has sent everything.
func (c *Conn) finish() {
	if c.resets {
		c.finishReset()
		return
	}
	if c.linger.Time == 0 || c.sawEOF || (c.peerShut && !c.readable) {
		c.close(nil)
		return
	}
	_ = unix.Shutdown(int(c.fd), unix.SHUT_WR)
	if c.in != nil {
		c.r.mem.Put(c.in)
		c.in = nil
	}
	c.paused = false
	if !c.lingers {
		c.lingers, c.lingerEnd = true, c.r.Ticks()+c.linger.Time
		c.SetTimeout(timeoutLinger, max(min(c.linger.Idle, c.linger.Time), 1))
	}
	c.readable = true
	c.r.again(c)
}

// drop discards input of a connection that is closing.
func (c *Conn) drop() {
	if !c.lingers {
		return
	}
	left := int32(c.lingerEnd - c.r.Ticks())
	if left <= 0 {
		c.close(nil)
		return
	}
	c.SetTimeout(timeoutLinger, max(min(c.linger.Idle, uint32(left)), 1))
}
