package server

// Hot: a response that is written by a function passes here; no allocation, no map, no defer.

import (
	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

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
	x.copyPiece(p)
	if x.conn.Queued() < streamBuffer {
		return nil
	}
	return x.flush(streamBuffer)
}

// copyPiece queues a copy of a piece of the body, in its framing.
func (x *exchange) copyPiece(p []byte) {
	b := x.conn.Reserve(len(p) + 20)
	if x.chunked {
		b = http1.AppendChunkHead(b, len(p))
	}
	b = append(b, p...)
	if x.chunked {
		b = append(b, "\r\n"...)
	}
	x.conn.Commit(b)
}

// FlushBody sends what was gathered, and waits until the kernel has all of it: its caller may wait for something else next, and
// until it writes again nobody would send what is left.
func (x *exchange) FlushBody(*pipeline.Ctx) error {
	if x.gone != nil {
		return errElsewhere
	}
	if !x.headSent {
		_ = x.WriteBody(&x.ctx, nil)
	}
	return x.flush(0)
}

// flush sends what is queued, and waits while more than left bytes of it are not taken. Who is told of the end of a request may ask
// for anything, and waits for nothing.
func (x *exchange) flush(left int64) error {
	if x.over {
		return nil
	}
	err := x.conn.Flush(left)
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
