package server

// Hot: every request that waits for an upstream passes here twice; no allocation, no map, no defer.

import (
	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// A request is suspended when its handler waits for something else on the same reactor: an upstream. Its connection is not
// read meanwhile. What comes next is the handler's to say:
//
//	handler ─Suspend, ErrSuspend─▶ suspended ─Resume─▶ handler again ─▶ response, at once or live
//	                                                                        │ live: WriteLive … EndLive
//	                                   └─ Waiter.Gone: the client left      └─▶ next request
//
//	0 ≤ goroutines that may touch a suspended exchange ≤ 1, and it is the reactor

// Suspender is the carrier of a request that a handler may suspend. Only the reactor may use it.
type Suspender interface {
	pipeline.Transport
	// Reactor returns the reactor of the connection; any goroutine may call it.
	Reactor() *loop.Reactor
	// Suspend is called by a handler before it returns pipeline.ErrSuspend. w is told what becomes of the client until the
	// response has been sent.
	Suspend(w Waiter)
	// Resume runs the request on. It must not be called before the handler has returned.
	Resume()
	// Remind has the Waiter reminded after a number of ticks, unless the request was resumed before.
	Remind(ticks uint32)
}

// Switcher is the carrier of a request whose connection can go over to another protocol (RFC 9110 section 7.8), on the reactor.
type Switcher interface {
	// Switch has the connection handed to s once the response, whose status must be 101, has been sent.
	Switch(s Switched)
}

// Switched takes a connection over.
type Switched interface {
	// Switched is told the connection and returns the protocol that it speaks from now on. onEnd must be called, with the bytes that were sent, when the
	// connection is closed.
	Switched(c *loop.Conn, onEnd func(sent int64)) loop.Protocol
}

// Waiter waits for something on behalf of a suspended request, or sends its response live.
type Waiter interface {
	// Gone tells that the client has left, or closes its side, while it waits. To go on all the same, return false; when the
	// connection itself is gone (lost), the answer does not matter. Otherwise the request ends here, and so does the Waiter's part.
	Gone(lost bool) bool
	// Remind is what Suspender.Remind asked for.
	Remind()
	// Drained tells that the client has taken what was queued, or most of it.
	Drained()
}

var _ Suspender = (*exchange)(nil)

// Reactor returns the reactor of the connection; see Suspender.
func (x *exchange) Reactor() *loop.Reactor { return x.r.loop }

// Suspend notes who waits; see Suspender.
func (x *exchange) Suspend(w Waiter) { x.waiter = w }

// Remind has the Waiter reminded; see Suspender. Nothing else is timed while the request is suspended.
func (x *exchange) Remind(ticks uint32) { x.remind = ticks }

// suspend stops reading the connection. in[:n] is head and body, as far as they came.
func (s *session) suspend(in []byte, n int) {
	x := s.x
	if x.head == nil {
		x.copyHead(in[:n])
	}
	s.follows(in, n)
	s.phase = atWait
	s.remind()
	if !s.conn.ClientDone() { // who closed its side with the request still wants the answer
		s.conn.WatchHangup(true)
	}
	s.conn.Pause()
}

// remind sets the time-out that the Waiter asked for.
func (s *session) remind() {
	if n := s.x.remind; n > 0 {
		s.x.remind = 0
		s.conn.SetTimeout(timeRemind, n)
		return
	}
	s.conn.ClearTimeout()
}

// Resume runs the request on; see Suspender.
func (x *exchange) Resume() {
	s := x.s
	s.phase = atHead
	switch x.rt.run.Run(&x.ctx) {
	case pipeline.Done:
		switch res := x.ctx.Res(); {
		case x.switched != nil && res.Status == 101:
			s.switchOver()
			return
		case res.Live() != nil:
			s.respondLive(res.Live())
			return
		case res.Stream() != nil:
			s.lendSuspended()
			return
		}
		x.waiter = nil
		if s.respond() || s.phase == atSkip {
			s.goOn()
		}
	case pipeline.Suspended:
		s.phase = atWait
		s.remind()
	case pipeline.NeedBody, pipeline.NeedWorker:
		s.lendSuspended()
	default:
		x.waiter = nil
		s.endAborted()
	}
}

// goOn reads on behind a request that was suspended.
func (s *session) goOn() {
	s.conn.WatchHangup(false)
	if !s.deliver() || s.conn.Closed() {
		return
	}
	s.arm()
	s.conn.Resume()
}

// lendSuspended hands a suspended request to a worker. Who waits for it must not touch it any more.
func (s *session) lendSuspended() {
	x := s.x
	x.waiter = nil
	s.conn.SetTimeout(timeWorker, x.policy.attend())
	s.conn.LendPaused()
	x.onWorker = true
	if s.r.srv.workers.Submit(x) == nil {
		return
	}
	s.conn.TakeBack()
	x.onWorker = false
	x.ctx.SetHeader("Retry-After", "1")
	s.refuse(503, "workers saturated")
}

// respondLive sends the head of a response whose body comes by itself.
func (s *session) respondLive(live pipeline.LiveBody) {
	x := s.x
	res := x.ctx.Res()
	x.length = res.StreamLength()
	if res.CloseAfter() || !x.policy.keeps(x) || x.left != 0 && !x.skippable() {
		x.keepAlive = false
	}
	x.chunked = x.length < 0 && x.ctx.Head.Minor == 1
	if x.length < 0 && !x.chunked {
		x.keepAlive = false // HTTP/1.0: the end of the connection is the end of the body
	}
	x.conn.Commit(x.appendHead(x.conn.Reserve(headRoom(res)), x.length))
	s.phase = atLive
	if x.ctx.Head.Method == http1.MethodHead || !http1.BodyAllowed(res.Status) {
		x.chunked, x.length = false, -1
		res.DropLive()
		x.finishLive()
		return
	}
	live.Attach(x)
}

// liveNow sends a live response of a request that never was suspended.
func (s *session) liveNow(in []byte, n int, live pipeline.LiveBody) bool {
	if s.x.waiter == nil {
		return false
	}
	s.suspend(in, n)
	s.respondLive(live)
	return true
}

// WriteLive queues a piece of the body; see pipeline.LiveWriter.
func (x *exchange) WriteLive(p []byte) {
	if len(p) == 0 {
		return
	}
	x.sent += int64(len(p))
	if len(p) <= copyBody {
		b := x.conn.Reserve(len(p) + 20)
		if x.chunked {
			b = http1.AppendChunkHead(b, len(p))
		}
		b = append(b, p...)
		if x.chunked {
			b = append(b, "\r\n"...)
		}
		x.conn.Commit(b)
		return
	}
	if x.chunked {
		x.conn.Commit(http1.AppendChunkHead(x.conn.Reserve(20), len(p)))
	}
	x.conn.WriteBorrowed(p)
	if x.chunked {
		x.conn.WriteStatic(lineEnd)
	}
}

var lineEnd = []byte("\r\n")

// Queued returns what the client has not taken; see pipeline.LiveWriter.
func (x *exchange) Queued() int64 { return x.conn.Queued() }

// Conn returns the connection of the client, for who writes more than bytes to it between Attach and EndLive.
func (x *exchange) Conn() *loop.Conn { return x.conn }

// Chunked tells whether a live body is sent in chunks.
func (x *exchange) Chunked() bool { return x.chunked }

// CountLive counts body bytes that were queued on Conn.
func (x *exchange) CountLive(n int64) { x.sent += n }

// EndLive ends the response; see pipeline.LiveWriter.
func (x *exchange) EndLive(err error) {
	if err == nil && x.length >= 0 && x.sent != x.length {
		err = loop.ErrTruncated
	}
	if err != nil {
		x.breakLive()
		return
	}
	if x.chunked {
		x.conn.Commit(x.ctx.AppendLastChunk(x.conn.Reserve(lastChunkRoom)))
	}
	x.finishLive()
}

// finishLive makes ready for the next request.
func (x *exchange) finishLive() {
	s := x.s
	x.waiter = nil
	s.phase = atHead
	unread := x.left != 0
	x.owe(x.ctx.Res().Status, "")
	switch {
	case !x.keepAlive:
		s.end(unread)
		return
	case unread:
		s.phase = atSkip
	default:
		s.x, s.keepAlive = nil, x.policy.keepAlive
		s.retire(x)
	}
	s.goOn()
}

// breakLive ends a live response that failed, see breakOff.
func (x *exchange) breakLive() {
	s := x.s
	x.waiter, x.keepAlive, x.broken = nil, false, true
	x.owe(x.ctx.Res().Status, "")
	if !x.chunked && x.length < 0 {
		if x.conn.SendNow(); !x.conn.Closed() {
			s.abort(loop.ErrTruncated)
		}
		return
	}
	s.end(false)
}

// abort closes the connection with a reset: its end must not be taken for the end of the response.
func (s *session) abort(err error) {
	if x := s.x; x != nil {
		s.x = nil
		s.retire(x)
	}
	s.phase, s.ending = atHead, true
	s.conn.Reset(err)
}

// clientGone is an end of input while a request is suspended or its response is live.
func (s *session) clientGone() {
	x := s.x
	w := x.waiter
	if w == nil || !w.Gone(false) {
		return
	}
	x.waiter = nil
	if s.phase == atWait {
		x.ctx.ClearResponse()
		x.ctx.Res().Status = statusClientClosed
	}
	x.broken = true
	x.owe(x.ctx.Res().Status, "client closed the connection")
	s.phase = atHead
	s.end(false)
}

// lost tells who waits that the connection is gone, and the log.
func (x *exchange) lost() {
	w := x.waiter
	x.waiter = nil
	w.Gone(true)
	if x.ctx.Res().Status == 0 {
		x.ctx.Res().Status = statusClientClosed
	}
	x.broken = true
	x.owe(x.ctx.Res().Status, "client closed the connection")
}

// statusClientClosed is what the log shows of a client that did not wait (NGINX: NGX_HTTP_CLIENT_CLOSED_REQUEST).
const statusClientClosed = 499
