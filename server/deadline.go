package server

import (
	"sync"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
)

// deadlines are the two deadlines of a request that set any. Its timers run on goroutines of their own, and the connection
// may only be touched while it is lent: end, which comes before its return, shuts them out.
type deadlines struct {
	mu          sync.Mutex
	conn        *loop.Conn // nil when the request is over
	read, write deadline
}

// deadline is one of them.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

// set replaces the deadline; expire tells the connection. The zero time is none.
func (d *deadlines) set(which *deadline, at time.Time, expire func(*loop.Conn, bool)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn == nil {
		return
	}
	if which.timer != nil {
		which.timer.Stop()
		which.timer = nil
	}
	which.at = at
	left := time.Until(at)
	expire(d.conn, !at.IsZero() && left <= 0)
	if at.IsZero() || left <= 0 {
		return
	}
	which.timer = time.AfterFunc(left, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.conn != nil && which.at.Equal(at) {
			expire(d.conn, true)
		}
	})
}

// writePassed tells whether the write deadline is over.
func (d *deadlines) writePassed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.write.at.IsZero() && time.Until(d.write.at) <= 0
}

// end drops both.
func (d *deadlines) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conn = nil
	for _, t := range [...]*time.Timer{d.read.timer, d.write.timer} {
		if t != nil {
			t.Stop()
		}
	}
}

// SetReadDeadline bounds the reading of the request body; see pipeline.Ctx.SetReadDeadline.
func (x *exchange) SetReadDeadline(_ *pipeline.Ctx, at time.Time) error {
	if !x.onWorker {
		return pipeline.ErrNeedsWorker
	}
	if x.gone != nil {
		return errElsewhere
	}
	x.ownDeadlines()
	x.deadlines.set(&x.deadlines.read, at, (*loop.Conn).ExpireRead)
	return nil
}

// SetWriteDeadline bounds the sending of the response; see pipeline.Ctx.SetWriteDeadline.
func (x *exchange) SetWriteDeadline(_ *pipeline.Ctx, at time.Time) error {
	if !x.onWorker {
		return pipeline.ErrNeedsWorker
	}
	if x.gone != nil {
		return errElsewhere
	}
	x.ownDeadlines()
	x.deadlines.set(&x.deadlines.write, at, (*loop.Conn).ExpireWrite)
	return nil
}

// endDeadlines drops the deadlines of the request, if it has any.
func (x *exchange) endDeadlines() {
	if x.deadlines != nil {
		x.deadlines.end()
		x.deadlines = nil
	}
}

func (x *exchange) ownDeadlines() {
	if x.deadlines == nil {
		x.deadlines = &deadlines{conn: x.conn}
	}
}
