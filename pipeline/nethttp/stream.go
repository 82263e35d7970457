package nethttp

import (
	"bytes"
	"net/http"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// bodyWriter is the exchange as what its buffer is flushed to: more was written than the buffer holds, or Flush was called.
type bodyWriter exchange

// Write sends p as a part of the stream.
func (w *bodyWriter) Write(p []byte) (int, error) {
	x := (*exchange)(w)
	if x.done {
		x.tail = p
		return len(p), nil
	}
	if x.commit(p); x.bodiless() {
		return len(p), nil
	}
	if err := x.open(); err != nil {
		return 0, err
	}
	return x.stream.Write(p)
}

// bodiless tells that the response has a head only. There is nothing to stream then: it is sent when the handler returns.
func (x *exchange) bodiless() bool {
	return x.c.Head.Method == http1.MethodHead || !http1.BodyAllowed(x.status)
}

// open waits for the stream: the worker takes the head through the Response hooks and comes back with it.
func (x *exchange) open() error {
	switch {
	case x.stream != nil:
		return nil
	case x.gone:
		return pipeline.ErrClientGone
	}
	if x.mayReadOn() {
		_ = x.c.EnableFullDuplex() // where it is unknown, reading and writing do not exclude each other
	} else {
		x.body.settle()
	}
	x.runner.events <- wantsStream
	if x.stream = <-x.runner.resume; x.stream == nil {
		x.gone = true
		return pipeline.ErrClientGone
	}
	return nil
}

// mayReadOn tells whether the body can still be read while the response is sent. As in net/http, a short rest of it is
// dropped instead, because many clients send all before they read, unless the connection ends anyway.
func (x *exchange) mayReadOn() bool {
	left := x.c.Head.Length - x.body.read.Load()
	return x.duplex || !x.c.Head.KeepAlive || left >= dropped
}

// dropped bounds the unread rest of a body that is dropped to keep the connection in use, in bytes (net/http:
// maxPostHandlerReadBytes).
const dropped = 256 << 10

// complete answers for a handler that has returned: the body is in the buffer.
func (x *exchange) complete() error {
	if !x.wroteHeader {
		x.writeHeader(http.StatusOK)
	}
	body := x.gathered()
	fits := !x.committed && (x.length < 0 || x.length == int64(len(body)))
	x.commit(body)
	switch {
	case !http1.BodyAllowed(x.status):
		return x.c.NoContent(x.status)
	case x.c.Head.Method == http1.MethodHead && !(fits && len(body) > 0):
		return x.c.Stream(x.status, "", x.length, noBody)
	case !fits:
		return x.c.Stream(x.status, "", x.length, short(bytes.Clone(body)))
	}
	if err := x.c.NoContent(x.status); err != nil {
		return err
	}
	_, err := x.c.Write(body)
	return err
}

// gathered returns what the buffer holds: a view of it.
func (x *exchange) gathered() []byte {
	x.done = true
	_ = x.buf.Flush()
	return x.tail
}

// noBody is the stream of a response to HEAD whose length is not known, or only announced.
func noBody(*pipeline.Stream) error { return nil }

// short sends a body that is shorter than announced. The connection is cut behind it, so that the client knows.
func short(body []byte) func(*pipeline.Stream) error {
	return func(s *pipeline.Stream) error {
		if _, err := s.Write(body); err != nil {
			return err
		}
		_ = s.Flush()
		return errShort
	}
}
