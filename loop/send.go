package loop

// Hot: one call per event that queued output; one system call for a small response.

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// progress is how a send ended.
type progress uint8

const (
	sentAll     progress = iota // the queue is empty
	sentBlocked                 // the socket is full: a writable edge will come
	sentBudget                  // the share of one event is used up: go on when the others had theirs
	sentPaced                   // the connection is ahead of its pace: go on later
)

// transmit hands the queue to the kernel until it is empty, the socket is full, or budget bytes of files are used up.
// A head goes with MSG_MORE before its file, so that they share packets without toggling TCP_CORK.
func (q *queue) transmit(fd int, budget int64, r *Reactor, m memory) (progress, error) {
	for len(q.segs) > 0 {
		var n int
		var errno unix.Errno
		s := &q.segs[0]
		if s.kind == segFile {
			if budget <= 0 {
				return sentBudget, nil
			}
			n, errno = sendfile(fd, s.file.Fd(), s.off, int(min(s.left(), budget)))
			if n == 0 && errno == 0 {
				return sentBlocked, ErrTruncated
			}
			budget -= int64(n)
		} else {
			n, errno = q.sendBytes(fd)
		}
		switch errno {
		case 0:
		case unix.EAGAIN:
			return sentBlocked, nil
		case unix.EINTR:
			continue
		default:
			return sentBlocked, errno
		}
		// A short sendfile is no proof of a full socket: since Linux 4.3 it may be interrupted anywhere, so it is
		// repeated until EAGAIN. A short send is.
		full := s.kind != segFile && int64(n) < q.run()
		q.sent(int64(n), r, m)
		if full {
			return sentBlocked, nil
		}
	}
	return sentAll, nil
}

// run returns the number of bytes that sendBytes offers to the kernel in one call.
func (q *queue) run() int64 {
	var n int64
	for i := range q.segs {
		if i == gatherMax || q.segs[i].kind == segFile {
			break
		}
		n += q.segs[i].left()
	}
	return n
}

// sendBytes sends the byte segments at the front of the queue in one call.
func (q *queue) sendBytes(fd int) (int, unix.Errno) {
	count := 1
	for count < len(q.segs) && count < gatherMax && q.segs[count].kind != segFile {
		count++
	}
	more := count < len(q.segs)
	if count == 1 {
		s := &q.segs[0]
		return send(fd, s.buf[s.off:], more)
	}
	var vec [gatherMax]unix.Iovec
	for i := range count {
		s := &q.segs[i]
		b := s.buf[s.off:]
		if len(b) > 0 {
			vec[i].Base = &b[0]
		}
		vec[i].SetLen(len(b))
	}
	n, errno := sendmsg(fd, vec[:count], more)
	runtime.KeepAlive(q)
	return n, errno
}

// flush sends what is queued. It is the reactor's side; see Flush for a worker's.
func (c *Conn) flush() {
	if c.lent() {
		return
	}
	c.dirty = false
	if c.closed || c.connecting {
		return
	}
	if q := c.q; q != nil && !c.transmit(q) {
		return
	}
	if c.backlog && (c.q == nil || c.paused && c.pace == nil && c.Queued() <= LowWater) {
		c.backlog = c.q != nil // what is left may be added to, and its end is to be told as well
		c.proto.Drained(c)
	}
	if c.closing && c.q == nil && !c.closed {
		c.finish()
	}
}

// transmit sends q and decides how the rest goes on. It returns false when the connection was closed.
func (c *Conn) transmit(q *queue) bool {
	if c.sendOne(q) {
		return true
	}
	how, err := c.transmitQueue(q, c.r.mem)
	if err != nil {
		c.sendFailed(err)
		return false
	}
	c.blocked = how == sentBlocked
	c.markSlow(how != sentAll)
	if how == sentBudget {
		c.backlog = true // whoever saw how much is left may have paused
	}
	if c.blocked {
		c.backlog = true
		if c.lst != nil && c.lst.send > 0 {
			c.SetTimeout(timeoutSend, c.lst.send)
		} else if c.sendTicks > 0 {
			c.SetTimeout(c.sendKind, c.sendTicks)
		}
	}
	if how == sentAll {
		c.r.queues.put(q)
		c.q = nil
		if c.shutWrite {
			c.CloseWrite()
		}
		return true
	}
	q.own(c.r, c.r.mem)
	switch how {
	case sentBudget:
		c.r.again(c)
	case sentPaced:
		c.rest()
	}
	return true
}

// sendOne is transmit for what most output is: one run of bytes, of which the socket takes all. It tells whether that was so;
// otherwise it has changed nothing but what has left.
func (c *Conn) sendOne(q *queue) bool {
	if len(q.segs) != 1 || q.segs[0].kind == segFile || c.pace != nil || c.shutWrite || c.slow {
		return false
	}
	s := &q.segs[0]
	n, errno := send(int(c.fd), s.buf[s.off:], false)
	if errno != 0 {
		return false
	}
	c.taken += int64(n)
	if left := s.left(); int64(n) < left {
		s.off += int64(n)
		q.bytes -= int64(n)
		return false
	}
	s.release(c.r, c.r.mem)
	*s = segment{}
	q.bytes = 0
	c.r.queues.put(q)
	c.q, c.blocked = nil, false
	return true
}

// sendFailed ends a connection that cannot be sent to. A server that was dialled may have answered before it stopped reading
// (RFC 9112 section 9.5), and its answer is still to be read: then only what was to be sent is dropped.
func (c *Conn) sendFailed(err error) {
	if c.lst != nil || c.closing || c.sawEOF || err == ErrTruncated {
		c.fail(err)
		return
	}
	c.closeQueue()
	c.blocked, c.backlog = false, false
	c.peerShut, c.readable = true, true
	c.r.again(c)
}

// SendNow sends what is queued without waiting for the end of the event, for a protocol that wants to know whether the
// client keeps up (see Queued and HighWater), or whose borrowed memory is about to be written to again: what is not sent is
// copied. It may close c: check Closed.
func (c *Conn) SendNow() {
	switch {
	case c.q == nil:
	case c.blocked || c.connecting:
		c.q.own(c.r, c.r.mem)
	default:
		wasDirty := c.dirty
		c.flush()
		c.dirty = wasDirty // it still stands in the reactor's list
	}
}

// Push is SendNow without what follows from it: of what is left the protocol hears by Drained, and a connection that is closing
// stays open until the event is over. It may close c all the same, when that is broken: check Closed.
func (c *Conn) Push() {
	switch {
	case c.q == nil:
	case c.blocked || c.connecting:
		c.q.own(c.r, c.r.mem)
	case c.transmit(c.q) && c.q != nil:
		c.backlog = true
	}
}

// Closed tells whether c was closed.
func (c *Conn) Closed() bool { return c.closed }
