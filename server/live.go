package server

// Hot: every request that waits for an upstream passes here twice; no allocation, no map, no defer.

import (
	"github.com/wheelpit/wheelpit/loop"
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

// Switcher is the carrier of a request whose connection can go over to another protocol (RFC 9110 section 7.8).
type Switcher interface {
	// Switch has the connection handed to s, on the reactor, once the response, whose status must be 101, has been sent. It returns
	// false when it cannot be, since something of the request's body is unread. Who runs the request may call it: the reactor, or
	// a worker.
	Switch(s Switched) bool
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
	if !s.conn.ClientDone() { // who closed its side with the request still wants the answer; for NGINX it has left
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
		if s.respond() {
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
	if !s.deliver() || s.conn.Closed() || s.pacing() || s.conn.Closed() {
		return // Drained goes on behind a response that has a rate
	}
	if s.arm(); !s.conn.Closed() {
		s.conn.Resume()
	}
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

var lineEnd = []byte("\r\n")

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
