package server

// Hot: this is the page that joins all: bytes become requests, requests become bytes.

import (
	"sync/atomic"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// session is an HTTP/1 connection (loop.Protocol). Between two requests it is all there is, beside the loop.Conn.
type session struct {
	r         *reactor
	conn      *loop.Conn
	x         *exchange // the request in progress; nil between two
	requests  uint32
	number    uint64        // serial number
	began     uint32        // tick
	pipelined bool          // the request in progress came in one piece with the one before
	behind    bool          // and so will the next one
	idle      atomic.Uint32 // tick at which a worker finished the last request
	phase     sessionPhase
	ending    bool // the connection is to be closed
	resets    bool // with a reset, once what was answered has arrived
	linger    loop.Linger

	preface *preface // what came before the first request; nil if nothing was to come
	// The requests that are answered and whose responses have not left, the oldest first; see deliver.go.
	unsent, lastUnsent *exchange
	unsents            int

	keepAlive uint32   // ticks: how long the connection may wait for its next request
	kept      uint32   // tick until which a shutdown does not end that wait
	least     bool     // kept is set
	placeOf   *Runtime // that place and policy were found for
	place     any
	policy    *Policy
}

type sessionPhase uint8

const (
	atHead    sessionPhase = iota // a head is read, or awaited
	atPreface                     // what a proxy says before the first request
	atBody                        // an inline handler waits for its body
	atSkip                        // the unread body of an answered request is dropped
	atWait                        // the request is suspended, see live.go
	atLive                        // its response comes by itself
)

// The kinds of time-outs.
const (
	timeKeepAlive = iota + 1
	timeHeader
	timeBody
	timeWorker
	timeRemind
)

// Data takes what arrived as far as it goes: all pipelined requests of one read are answered in order, and their responses
// leave in one send when the event is over.
func (s *session) Data(c *loop.Conn, in []byte) int {
	used, held := 0, false
	for !s.ending && s.phase < atWait && (s.phase != atHead || used < len(in)) {
		if s.phase == atHead && s.x == nil {
			if s.pipelined, s.behind = used > 0 || s.behind, false; s.pipelined {
				s.r.loop.SetLate(true)
			}
		}
		n, more := s.step(in[used:])
		if n == lent {
			return len(in) // a worker has it all, the session included
		}
		used += n
		if !more {
			break
		}
		if !s.keepsUp() {
			s.behind, held = used < len(in), true
			break
		}
	}
	if x := s.x; s.phase == atSkip && x.head == nil {
		x.copyHead(x.from)
	}
	held = !s.deliver() || held
	switch {
	case c.Closed():
	case s.ending:
		return len(in)
	case s.phase >= atWait, held:
	default:
		s.arm()
	}
	return used
}

// lent is the number of bytes taken by a step that handed the session to a worker.
const lent = -1

// step does one thing with in, and tells how many bytes it took and whether there may be more to do.
func (s *session) step(in []byte) (n int, more bool) {
	switch s.phase {
	case atBody:
		return s.bodyData(in)
	case atSkip:
		return s.skipData(in)
	case atPreface:
		return s.prefaceData(in)
	}
	if s.x == nil {
		s.x = s.r.exchange(s)
	}
	switch v := s.x.ctx.Head.Parse(in, &s.x.policy.limits); {
	case v == http1.Partial:
		return 0, false
	case v != http1.Complete:
		s.x.ctx.Begin(s.x, in, s.x.pathOf(in)) // what was parsed are spans of it
		s.x.from = in
		s.count()
		return s.refuseHead(in, v.Status(), v.String()), false
	}
	return s.request(in)
}

// keepsUp holds pipelined requests back while their client does not read the responses.
func (s *session) keepsUp() bool {
	switch {
	case s.pacing():
		return false
	case s.phase == atSkip: // what comes is dropped, for a client that sends everything before it reads
		return true
	case s.unsents >= maxUnsent:
		return s.deliver() && !s.conn.Closed()
	case s.conn.Queued() <= loop.HighWater:
		return true
	}
	s.conn.SendNow()
	if s.conn.Closed() {
		return false
	}
	if s.conn.Queued() > loop.HighWater {
		s.conn.Pause()
		return false
	}
	return true
}

// request begins the request whose head lies at the start of in.
func (s *session) request(in []byte) (n int, more bool) {
	x := s.x
	x.headRead()
	h := &x.ctx.Head
	head := in[:h.HeadLen]
	s.count()
	x.from = in
	x.keepAlive = h.KeepAlive && !s.r.loop.Draining()
	x.left, x.continued = h.Length, !h.Expect100
	path, status := x.cleanPath(in)
	if status != 0 {
		x.ctx.Begin(x, head, path)
		return s.refuseHead(in, status, "request target"), false
	}
	x.ctx.Begin(x, head, path)
	x.ctx.SetBodyLimit(x.policy.maxBody)
	if h.Length > x.policy.maxBody {
		return s.refuseHead(in, 413, tooLarge), false
	}
	n = int(h.HeadLen)
	if h.Length > 0 && int64(len(in)-n) >= h.Length { // the whole body came along
		end := n + int(h.Length)
		x.ctx.SetBody(in[n:end])
		x.left, n = 0, end
	}
	if h.Length < 0 && len(in) > n {
		end, status, why := x.chunksHere(in, n)
		if status != 0 {
			return s.refuseHead(in, status, why), false
		}
		n = end
	}
	return s.run(in, n)
}

// run takes the request through the pipeline as far as it goes here. in[:n] is head and body, as far as they came, or what
// was taken of the body last when the head was copied before.
func (s *session) run(in []byte, n int) (int, bool) {
	x := s.x
	x.from = in[:n]
	switch x.rt.run.Run(&x.ctx) {
	case pipeline.Done:
		if x.ctx.Res().Stream() != nil {
			if live := x.ctx.Res().Live(); live != nil && s.liveNow(in, n, live) {
				return n, false
			}
			break
		}
		return n, s.respond()
	case pipeline.NeedBody:
		x.copyHead(in[:n])
		s.phase = atBody
		return n, true
	case pipeline.NeedWorker:
	case pipeline.Suspended:
		s.suspend(in, n)
		return n, false
	default: // the responses to earlier requests are still to be sent
		s.endAborted()
		return n, false
	}
	return s.lend(in, n), false
}

// respond sends the response and makes ready for the next request. It reports whether the connection goes on.
func (s *session) respond() bool {
	x := s.x
	unread := x.left != 0
	if unread && !x.skippable() {
		x.keepAlive = false
	}
	x.sendResponse()
	x.owe(x.ctx.Res().Status, "")
	if unread && x.skips() {
		s.skip()
		return true
	}
	if !x.keepAlive {
		s.end(unread)
		return false
	}
	s.keep(x.policy)
	s.retire(x)
	return true
}

// end closes the connection once everything is sent. When something of the request is unread, what the client still sends is
// read and dropped, so that it can read the response.
func (s *session) end(unread bool) {
	var linger loop.Linger
	if x := s.x; x != nil {
		linger = x.policy.lingers(unread)
		s.x = nil
		s.retire(x)
	}
	s.phase, s.ending = atHead, true
	if s.deliver(); !s.conn.Closed() {
		s.closeWhenSent(linger)
	}
}

// closeWhenSent closes the connection behind what is queued.
func (s *session) closeWhenSent(l loop.Linger) {
	if s.resets {
		s.conn.ResetWhenSent()
		return
	}
	s.conn.CloseWhenSent(l)
}

// endAborted ends the connection of a request that gets no answer.
func (s *session) endAborted() {
	x := s.x
	x.logAborted()
	s.resets = x.policy.reset
	s.end(x.left != 0)
}

// arm sets the time-out that fits the state. Within a head the time runs from its first byte.
func (s *session) arm() {
	switch {
	case s.phase == atPreface: // its time-out is set
	case s.phase == atSkip:
		s.armSkip()
	case s.phase != atHead:
		s.conn.SetTimeout(timeBody, s.x.policy.body)
	case s.x == nil:
		s.conn.SetTimeout(timeKeepAlive, s.idleTime())
	case !s.x.timing:
		s.x.readingHead()
		s.conn.SetTimeout(timeHeader, s.x.policy.header)
	}
}

// keep notes how long the connection waits for its next request behind one that p held for.
func (s *session) keep(p *Policy) {
	s.x, s.keepAlive = nil, p.keepAlive
	if s.least = p.keepLeast > 0; s.least {
		s.kept = s.r.loop.Ticks() + p.keepLeast
	}
}

// idleTime is how long the connection may wait for its next request.
func (s *session) idleTime() uint32 {
	if s.keepAlive == 0 {
		return s.r.srv.runtime.Load().policy.keepAlive
	}
	return s.keepAlive
}
