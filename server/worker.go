package server

import (
	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
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
	x.runAndAnswer()
	conn, now := x.conn, x.r.loop.Ticks()
	if !x.keepAlive {
		s.ending = true
		s.linger = x.policy.lingers(x.left != 0)
	}
	s.keep(x.policy)
	s.idle.Store(now)
	ending := s.ending
	s.retire(x)
	s.settle()
	conn.Return(ending || s.unsent != nil)
}

// runAndAnswer takes the request through the rest of the pipeline and sends its response. A panic that nobody caught further
// in costs the connection, which must come back from the worker all the same.
func (x *exchange) runAndAnswer() {
	whole := false
	defer x.r.srv.recovered("panic on a worker")
	defer func() {
		x.joinReader()
		if x.keepAlive = x.keepAlive && whole; !whole && !x.hijacked {
			x.broken = true
			x.conn.Cut()
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
		x.keepAlive = false
		if x.policy.reset {
			x.conn.Cut()
		}
	}
	whole = true
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
		x.keepAlive, x.broken = false, true
		x.conn.Cut()
		x.owe(res.Status, "write deadline")
		return
	case !x.duplex || res.Stream() == nil:
		x.settleBody()
	}
	if res.Stream() != nil {
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
	if !x.skippable() {
		x.keepAlive = false
		return
	}
	x.keepAlive = x.skipNow()
	x.bodyErr = errBodyDropped
}

// skipNow drops the unread body, which is short and already here or on its way.
func (x *exchange) skipNow() bool {
	var drop [4096]byte
	for x.left > 0 {
		if _, err := x.ReadBody(&x.ctx, drop[:]); err != nil {
			return false
		}
	}
	return true
}

// stream sends a response whose body is written by a function. An error, or a body shorter than announced, ends the
// connection.
func (x *exchange) stream() {
	res := x.ctx.Res()
	length := res.StreamLength()
	x.length = length
	if res.CloseAfter() || !x.policy.keeps(x) {
		x.keepAlive = false
	}
	x.chunked = length < 0 && x.ctx.Head.Minor == 1 && !x.policy.noChunks
	if length < 0 && !x.chunked {
		x.keepAlive = false // HTTP/1.0, or no chunks: the end of the connection is the end of the body
	}
	if x.ctx.Head.Method == http1.MethodHead || !http1.BodyAllowed(res.Status) {
		x.conn.Commit(x.appendHead(x.conn.Reserve(headRoom(res)), length))
		_ = x.conn.Send()
		return
	}
	err := x.ctx.SendStream()
	if x.hijacked {
		return
	}
	if err == nil && !x.headSent {
		err = x.WriteBody(&x.ctx, nil)
	}
	if err == nil && length >= 0 && x.sent != length {
		err = loop.ErrTruncated
	}
	if err != nil {
		x.breakOff()
		return
	}
	if x.chunked {
		x.conn.Commit(x.ctx.AppendLastChunk(x.conn.Reserve(lastChunkRoom)))
	}
	_ = x.conn.Send()
}

// breakOff ends a streamed response that failed, after its head and what was written. The client sees that it is truncated:
// by the length that is not reached, by the last chunk that is missing, or else by a reset behind what was written. See
// Settings.NoBareHead for a response that has not begun.
func (x *exchange) breakOff() {
	x.keepAlive, x.broken = false, true
	if !x.headSent {
		if x.policy.noBareHead {
			_ = x.conn.Send() // the responses before it
			return
		}
		_ = x.WriteBody(&x.ctx, nil)
	}
	_ = x.conn.Send()
	x.s.resets = x.endless()
}

// endless tells whether nothing but the end of the connection is the end of the response.
func (x *exchange) endless() bool { return !x.chunked && x.length < 0 }

// WriteBody sends a piece of a streamed body; see pipeline.Transport.
func (x *exchange) WriteBody(_ *pipeline.Ctx, p []byte) error {
	if x.gone != nil {
		return errElsewhere
	}
	if !x.headSent {
		res := x.ctx.Res()
		x.conn.Commit(x.appendHead(x.conn.Reserve(headRoom(res)), x.length))
	}
	if len(p) == 0 {
		return nil
	}
	if x.length >= 0 && x.sent+int64(len(p)) > x.length {
		return loop.ErrTruncated
	}
	x.sent += int64(len(p))
	b := x.conn.Reserve(len(p) + 20)
	if x.chunked {
		b = http1.AppendChunkHead(b, len(p))
	}
	b = append(b, p...)
	if x.chunked {
		b = append(b, "\r\n"...)
	}
	x.conn.Commit(b)
	if x.conn.Queued() < streamBuffer {
		return nil
	}
	return x.FlushBody(nil)
}

// FlushBody sends what was gathered, and waits while more than a window of it is not taken.
func (x *exchange) FlushBody(*pipeline.Ctx) error {
	if x.gone != nil {
		return errElsewhere
	}
	if !x.headSent {
		_ = x.WriteBody(&x.ctx, nil)
	}
	err := x.conn.Flush(streamBuffer)
	if x.onWorker {
		x.s.settle()
	}
	if err != nil {
		return pipeline.ErrClientGone
	}
	return nil
}

// Interim sends an informational response with the fields set so far.
func (x *exchange) Interim(c *pipeline.Ctx, status int) error {
	if x.ctx.Head.Minor == 0 || x.headSent || x.gone != nil {
		return nil
	}
	if status == 100 {
		x.continued, x.told100 = true, true
	}
	b := http1.AppendStatusLine(x.conn.Reserve(headRoom(c.Res())), status)
	for i := range c.Res().Fields() {
		f := &c.Res().Fields()[i]
		b = http1.AppendField(b, f.Name, f.Value)
	}
	x.conn.Commit(append(b, "\r\n"...))
	if x.onWorker {
		return x.conn.Send()
	}
	return nil
}

// Reclaimed goes on after a worker: the connection is closed if it said so, or reads on.
func (s *session) Reclaimed(c *loop.Conn) {
	s.settle()
	goesOn := s.deliver()
	switch {
	case c.Closed():
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
		switch w := c.Waiting(); {
		case w == 0:
		case c.AwaitsInput() && w >= s.policy.body:
			c.ExpireRead(true)
		case w >= s.policy.send:
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
