package loop

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A pace bounds how fast a response leaves, from Pace on until EndPace was called and the out queue is empty (NGINX limit_rate).
// It is NGINX's rule, counted in ticks:
//
//	may be sent by now = free + rate × (time since it began + one second)
//
// so one second's share leaves at once, and the next when that has taken its time: a piece each second, as in NGINX. While there is
// more, the connection is paused, its time-out is the pace's, and Drained is owed. A connection without a pace pays one
// comparison for each send.
type pace struct {
	rate  int64  // bytes a second, 0 < rate ≤ maxRate
	free  int64  // bytes that do not count
	sent  int64  // bytes since it began
	began uint32 // the tick behind that in which it began: what is left of one does not count
	open  bool   // EndPace was not called: an empty queue is not the end
}

const (
	// maxRate is the largest rate in bytes a second; what is larger is no bound.
	maxRate = 1 << 40
	// ticksPerSecond is how many ticks a second has.
	ticksPerSecond = int64(time.Second / Tick)
)

// Pace has what is queued from now on leave at rate bytes a second, but for the first free bytes. What is queued already
// is not delayed; a rate of 0 or less is none. EndPace has to follow. While Paced, the protocol must not begin another response;
// Drained tells the end of that, too. The owner of c may call it.
func (c *Conn) Pace(rate, free int64) {
	if rate <= 0 || rate > maxRate {
		return
	}
	c.pace = &pace{rate: rate, free: free + c.Queued(), began: c.r.Ticks() + 1, open: true}
	c.backlog = true
}

// EndPace tells that the last byte of what Pace was called for is queued. Without a pace it does nothing. The owner of c may call it.
func (c *Conn) EndPace() {
	if p := c.pace; p != nil {
		if p.open = false; c.q == nil {
			c.pace = nil
		}
	}
}

// Paced tells whether a Pace is in force.
func (c *Conn) Paced() bool { return c.pace != nil }

// allowed returns how many bytes may leave now; less than 0 is how far ahead of its rate the connection is.
func (p *pace) allowed(now uint32) int64 {
	passed := int64(max(int32(now-p.began), 0))
	return p.free + p.rate*(passed+ticksPerSecond)/ticksPerSecond - p.sent
}

// delay returns for how many ticks to wait before the next piece is sent: until what was sent has taken its time.
func (p *pace) delay(now uint32) uint32 {
	took := ((p.sent-p.free)*ticksPerSecond + p.rate - 1) / p.rate
	return uint32(max(min(took-int64(int32(now-p.began)), maxPaceDelay), 1))
}

// maxPaceDelay bounds one wait, in ticks.
const maxPaceDelay = 600

// transmitQueue hands q to the kernel, at c's pace, and counts what it takes.
func (c *Conn) transmitQueue(q *queue, m memory) (how progress, err error) {
	before := q.bytes
	if c.pace == nil {
		how, err = q.transmit(int(c.fd), c.chunk(), c.r, m)
	} else {
		how, err = c.transmitPaced(q, m)
	}
	c.taken += before - q.bytes
	if how == sentBlocked && err == nil && !c.outEdges {
		c.outEdges = true
		c.r.poller.watchOutput(int(c.fd))
	}
	return how, err
}

// chunk is how many bytes of files may leave before the other connections get their turn.
func (c *Conn) chunk() int64 {
	if c.lst == nil {
		return DefaultSendChunk
	}
	return c.lst.chunk
}

// transmitPaced hands as much of q to the kernel as c's pace allows.
func (c *Conn) transmitPaced(q *queue, m memory) (progress, error) {
	p := c.pace
	allowed, chunk := p.allowed(c.r.Ticks()), c.chunk()
	for left := min(allowed, chunk); len(q.segs) > 0 && left > 0; {
		n, err := q.sendSome(int(c.fd), left, c.r, m)
		switch {
		case err == unix.EAGAIN:
			return sentBlocked, nil
		case err != nil:
			return sentBlocked, err
		}
		p.sent += n
		left -= n
	}
	switch {
	case len(q.segs) > 0 && allowed > chunk:
		return sentBudget, nil
	case len(q.segs) > 0:
		return sentPaced, nil
	case !p.open:
		c.pace = nil
	}
	return sentAll, nil
}

// sendSome sends at most limit bytes of the first segment.
func (q *queue) sendSome(fd int, limit int64, r *Reactor, m memory) (int64, error) {
	s := &q.segs[0]
	want := int(min(s.left(), limit))
	for {
		var n int
		var errno unix.Errno
		if s.kind == segFile {
			n, errno = sendfile(fd, s.file.Fd(), s.off, want)
		} else {
			n, errno = send(fd, s.buf[s.off:s.off+int64(want)], false)
		}
		switch {
		case errno == unix.EINTR:
			continue
		case errno != 0:
			return 0, errno
		case n == 0 && want > 0:
			return 0, ErrTruncated
		}
		q.sent(int64(n), r, m)
		return int64(n), nil
	}
}

// rest has c wait until its pace lets it go on.
func (c *Conn) rest() {
	c.paused, c.backlog = true, true
	c.SetTimeout(timeoutPace, c.pace.delay(c.r.wheel.now))
}

// sleepPaced has the borrower of c wait for its pace, a second at most: a client that is gone should be noticed.
func (c *Conn) sleepPaced() error {
	ticks := c.pace.delay(c.r.Ticks())
	time.Sleep(min(time.Duration(ticks)*Tick, time.Second))
	switch s := c.state.Load(); {
	case s&isGone != 0:
		return ErrClosed
	case expired(s, wantsWrite):
		return os.ErrDeadlineExceeded
	}
	return nil
}
