package server

import (
	"errors"
	"io"
	"os"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// copyHead moves the request out of the read buffer: in is its head, and its body when that came whole. What the request and its
// response have of in moves along; what a hook has given them stays where it is.
func (x *exchange) copyHead(in []byte) {
	b := append(x.r.loop.Mem().Get(len(in)), in...)
	x.head = b
	x.ctx.Res().Rebase(in, b)
	x.ctx.RebaseBody(in, b)
	x.ctx.Rebase(b[:len(x.ctx.HeadBytes())])
}

// bodyData gathers the body that an inline handler waits for.
func (s *session) bodyData(in []byte) (n int, more bool) {
	x := s.x
	if !x.continued {
		x.continued = true
		if len(in) == 0 {
			x.told100 = true
			s.conn.Write([]byte(http1.Continue))
		}
	}
	if x.content == nil {
		x.content = s.r.loop.Mem().Get(int(max(x.left, 4096)))
	}
	n, ok := x.take(in, func(p []byte) { x.gather(p) })
	if !ok {
		return len(in), false
	}
	if x.left != 0 {
		return n, false
	}
	x.ctx.SetBody(x.content)
	s.phase = atHead
	return s.run(in, n)
}

// gather appends to the body in memory, in pooled buffers.
func (x *exchange) gather(p []byte) {
	if len(x.content)+len(p) > cap(x.content) {
		grown := append(x.r.loop.Mem().Get(2*cap(x.content)+len(p)), x.content...)
		x.r.loop.Mem().Put(x.content)
		x.content = grown
	}
	x.content = append(x.content, p...)
}

// take consumes body bytes from in and gives them to keep. When the framing is wrong or the limit passed it refuses the
// request and returns false.
func (x *exchange) take(in []byte, keep func([]byte)) (n int, ok bool) {
	if x.left > 0 {
		n = int(min(x.left, int64(len(in))))
		x.left -= int64(n)
		if keep != nil {
			keep(in[:n])
		}
		return n, true
	}
	for n < len(in) {
		data, used, v := x.chunks.Next(in[n:], &x.policy.limits)
		if v.Failed() {
			x.s.refuseBody(v.Status(), v.String())
			return n, false
		}
		if x.bodyRead += int64(data.Len()); x.bodyRead+x.chunks.Pending() > x.ctx.BodyLimit() && x.s.phase != atSkip {
			x.s.refuseBody(413, tooLarge)
			return n, false
		}
		if keep != nil && !data.Empty() {
			keep(data.Of(in[n:]))
		}
		n += used
		if v == http1.Complete {
			x.left = 0
			return n, true
		}
	}
	return n, true
}

// errBodyDropped is for a stream that reads on when its response has begun.
var errBodyDropped = errors.New("server: the unread request body is dropped beside the response (see Ctx.EnableFullDuplex)")

// ReadBody reads the request body on a worker: what came with the head, then the socket, waiting for the client.
func (x *exchange) ReadBody(_ *pipeline.Ctx, p []byte) (int, error) {
	if x.bodyErr != nil {
		return 0, x.bodyErr
	}
	n, err := x.readBody(p)
	if x.adrift {
		x.bodyErr = err
	}
	return n, err
}

func (x *exchange) readBody(p []byte) (int, error) {
	if x.left == 0 {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if !x.continued {
		x.continued = true
		if err := x.sendContinue(); err != nil {
			return 0, err
		}
	}
	if x.left > 0 {
		n, err := x.conn.Read(p[:min(int64(len(p)), x.left)])
		x.left -= int64(n)
		x.aside.Store(x.left)
		return n, x.bodyError(n, err)
	}
	return x.readChunked(p)
}

// sendContinue lets the client send its content, unless the response has begun, which tells it as much.
func (x *exchange) sendContinue() error {
	if x.headSent {
		return nil
	}
	x.told100 = true
	x.conn.Write([]byte(http1.Continue))
	return x.flush(0)
}

// Continue sends 100 Continue to a client that asked for it, unless it was sent or the response has begun; see Carrier.
func (x *exchange) Continue() {
	if x.told100 || x.headSent || x.gone != nil || !x.ctx.Head.ExpectsContinue() {
		return
	}
	x.told100, x.continued = true, true
	x.conn.Write([]byte(http1.Continue))
}

// readChunked decodes in place: the raw bytes are read into p, and the content moves to its front. Framing only ever
// shrinks what was read.
func (x *exchange) readChunked(p []byte) (int, error) {
	for {
		raw, err := x.conn.Read(p)
		if err := x.bodyError(raw, err); err != nil {
			return 0, err
		}
		kept, at := 0, 0
		for at < raw {
			data, used, v := x.chunks.Next(p[at:raw], &x.policy.limits)
			if v.Failed() {
				x.adrift = true
				return 0, &pipeline.Error{Status: v.Status(), Err: v}
			}
			kept += copy(p[kept:], data.Of(p[at:raw]))
			if x.bodyRead += int64(data.Len()); x.bodyRead+x.chunks.Pending() > x.ctx.BodyLimit() && !x.dropping {
				x.adrift = true
				return 0, pipeline.ErrBodyTooLarge
			}
			at += used
			if v == http1.Complete {
				x.left = 0
				x.conn.Unread(p[at:raw])
				break
			}
		}
		switch {
		case x.left == 0: // whoever passes the body on learns of its end with its last bytes
			return kept, io.EOF
		case kept > 0:
			return kept, nil
		}
	}
}

// bodyError makes an error of what a read said: nothing read is a client that left in the middle of its body. What is left
// of the body then ends the connection. (It is not noted here: another goroutine may be writing the response.)
func (x *exchange) bodyError(n int, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if x.deadlines == nil { // then it is the server's
			return &pipeline.Error{Status: 408, Message: "client too slow", Err: err}
		}
		return err
	}
	if err != nil || n == 0 {
		return &pipeline.Error{Status: 400, Message: "request body cut off", Err: pipeline.ErrClientGone}
	}
	return nil
}
