package server

import (
	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
)

// lend hands the request, its connection and the unread input behind it to a worker. in[:n] is head and body, as far as they
// came; it is copied unless that happened before.
func (s *session) lend(in []byte, n int) int {
	x := s.x
	if s.unsent != nil { // a worker may take its time
		s.conn.Push()
		s.settle()
		s.keepUnsent()
		if s.conn.Closed() {
			return len(in)
		}
	}
	if x.head == nil {
		x.copyHead(in[:n])
	}
	s.follows(in, n)
	s.conn.SetTimeout(timeWorker, x.policy.attend())
	s.conn.Lend(in[n:])
	x.onWorker = true
	if s.r.srv.workers.Submit(x) == nil {
		return lent
	}
	s.conn.TakeBack()
	x.onWorker = false
	x.ctx.SetHeader("Retry-After", "1")
	s.refuse(503, "workers saturated")
	return len(in)
}

// follows notes whether the next request lies behind in[:n] already.
func (s *session) follows(in []byte, n int) {
	s.behind = s.x.left >= 0 && int64(len(in)-n) > s.x.left
}

// work is a worker's part of a request: the rest of the pipeline, then the response, sent directly. The reactor hears of it
// only when something is left to do.
func (x *exchange) work() {
	if x.gone != nil { // see closeElsewhere
		x.release()
		return
	}
	s := x.s
	if x.conn.Queued() > 0 { // what was answered before: the client may wait for it before it sends what the worker waits for
		_ = x.flush(0)
	}
	x.runAndAnswer()
	conn, now := x.conn, x.r.loop.Ticks()
	if x.switched != nil {
		conn.Return(true) // to Reclaimed
		return
	}
	s.idle.Store(now)
	if x.left != 0 && !x.hijacked && x.skips() {
		x.endDeadlines() // before another request has the connection
		s.skip()
		conn.Return(true)
		return
	}
	if !x.keepAlive {
		s.ending = true
		s.linger = x.policy.lingers(x.left != 0)
	}
	s.keep(x.policy)
	ending := s.ending
	s.retire(x)
	s.settle()
	conn.Return(ending || s.unsent != nil)
}

// runAndAnswer takes the request through the rest of the pipeline and sends its response. A panic that nobody caught further
// in costs the connection, which must come back from the worker all the same, with the responses to earlier requests.
func (x *exchange) runAndAnswer() {
	whole := false
	defer x.r.srv.recovered("panic on a worker")
	defer func() {
		x.joinReader()
		if x.keepAlive = x.keepAlive && whole; !whole && !x.hijacked {
			x.switched = nil
			x.retract()
		}
	}()
	x.ctx.SetWorker(true)
	if x.onGone != nil {
		x.conn.OnGone(x.onGone)
	}
	switch outcome := x.rt.run.Run(&x.ctx); {
	case x.hijacked: // whatever came of the handler then
		x.owe(x.ctx.Res().Status, "")
	case outcome == pipeline.Done:
		x.answer()
	default:
		x.logAborted()
		x.keepAlive, x.switched = false, nil
		x.s.resets = x.policy.reset
	}
	whole = true
}

// retract takes back what is not sent of a response that cannot go on, and has the connection end with a reset behind what was
// answered before.
func (x *exchange) retract() {
	x.broken, x.s.resets = true, true
	x.conn.Retract(x.start)
}

// answer sends the response of a request that ran on a worker.
func (x *exchange) answer() {
	res := x.ctx.Res()
	select {
	case <-x.r.srv.draining: // since the request began
		x.keepAlive = false
	default:
	}
	switch {
	case x.deadlines != nil && x.deadlines.writePassed():
		x.keepAlive = false
		x.retract()
		x.owe(res.Status, "write deadline")
		return
	case x.switched != nil && res.Status == 101: // the rest is the reactor's
		return
	case !x.duplex || res.Stream() == nil:
		x.settleBody()
	}
	x.switched = nil
	if res.Stream() != nil {
		if !x.duplex && x.left != 0 && x.keepAlive { // in a duplex left is the reader's
			x.dropAside()
		}
		x.stream()
		x.settleBody()
	} else {
		x.sendResponse()
		if x.conn.Queued() <= leaveFirst {
			x.ctx.Leave()
		}
		_ = x.conn.Send()
	}
	x.owe(res.Status, "")
}

// settleBody sees to it that the next request begins where this one's body ends, or that there is no next one. It is done
// before the response, whose head says which, but for a stream that is written while the body is read.
func (x *exchange) settleBody() {
	x.joinReader()
	if x.left == 0 || !x.keepAlive {
		return
	}
	if x.conn.ReadExpired() { // it was waited for long enough
		x.adrift = true
	}
	if !x.skippable() {
		x.keepAlive = false
		return
	}
	x.bodyErr = errBodyDropped
}

// Reclaimed goes on after a worker: the connection is closed if it said so, or reads on.
func (s *session) Reclaimed(c *loop.Conn) {
	s.settle()
	goesOn := s.deliver()
	switch {
	case c.Closed():
	case s.x != nil && s.x.switched != nil:
		s.switchOver()
	case s.ending:
		s.closeWhenSent(s.linger)
	case goesOn && !c.Paced(): // then the time-out is the pace's
		s.arm()
	}
}

// workerTimeout looks after a connection whose last request went to a worker. While it is lent, only a client that does
// not move is a reason to end it; afterwards it may have been idle for a part of the time, which nobody told the timer.
func (s *session) workerTimeout(c *loop.Conn) {
	if c.Lent() { // the policy is the worker's to change; that of the place is not
		if w := c.AwaitsInput(); w > 0 && w >= s.policy.body {
			c.ExpireRead(true)
		}
		if w := c.AwaitsOutput(); w > 0 && w >= s.policy.send {
			s.timedOut()
		}
		c.SetTimeout(timeWorker, s.policy.attend())
		return
	}
	if idle := s.r.loop.Ticks() - s.idle.Load(); idle < s.idleTime() {
		c.SetTimeout(timeWorker, min(s.idleTime()-idle, s.policy.attend()))
		return
	}
	c.Abort(nil)
}
