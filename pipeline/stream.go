package pipeline

import (
	"errors"
	"log/slog"
)

// Stream is the body of a streamed response while it is sent. It is used by one goroutine, a worker.
type Stream struct {
	c  *Ctx
	to BodyWriter
}

// Stream answers with a body that f writes after the Response hooks have run, on a worker; the head goes out with its
// first bytes. By then it is too late for another answer: f can only fail. length is the number of bytes, or -1 when it is not known. A client that reads slowly makes Write wait. An
// error of f cuts the connection, so that the client sees a truncated body and never a wrong one (Django rule H29).
func (c *Ctx) Stream(status int, contentType string, length int64, f func(*Stream) error) error {
	c.body0(status, contentType)
	c.res.stream, c.res.length = f, length
	return nil
}

// SendStream runs the function of a streamed response, for whoever carries requests. An error or a panic of it is logged,
// unless the client has left, and comes back: the response then must not look complete.
func (c *Ctx) SendStream() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicError(v)
			if _, is := v.(abort); is {
				err = ErrClientGone
			}
		}
		if err != nil && !errors.Is(err, ErrClientGone) && c.chain != nil {
			c.chain.log(c, slog.LevelError, serverLogger, "Streamed body: "+escapeLog(c.path), err)
		}
	}()
	if err = c.res.stream(&Stream{c, c.transport}); err == nil && c.res.stream == nil {
		err = errors.New("pipeline: the function of a stream answered with another response")
	}
	return err
}

// StreamLength returns the length given to Stream, -1 when it is not known.
func (r *Response) StreamLength() int64 { return r.length }

// Write sends p, or gathers it until Flush. It waits while the client is slow and returns ErrClientGone when it left.
func (s *Stream) Write(p []byte) (int, error) {
	if err := s.to.WriteBody(s.c, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush sends what was gathered: all of it has left when it returns, for which it waits while the client is slow.
func (s *Stream) Flush() error { return s.to.FlushBody(s.c) }

// Ctx returns the request.
func (s *Stream) Ctx() *Ctx { return s.c }
