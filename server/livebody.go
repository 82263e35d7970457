package server

// Hot: a response that is written while its upstream answers passes here; no allocation, no map, no defer.

import (
	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

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
		x.copyPiece(p)
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
	case unread && x.skips():
		s.skip()
	case !x.keepAlive:
		s.end(unread)
		return
	default:
		s.keep(x.policy)
		s.retire(x)
	}
	s.goOn()
}

// breakLive ends a live response that failed, see breakOff.
func (x *exchange) breakLive() {
	s := x.s
	x.waiter, x.keepAlive, x.broken = nil, false, true
	x.owe(x.ctx.Res().Status, "")
	s.resets = x.endless()
	s.end(false)
}
