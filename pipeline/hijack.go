package pipeline

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// What a Transport may be able to do besides. Each is an optional interface of it; the methods of Ctx of the same names
// return an error that is errors.ErrUnsupported when the Transport has it not.
type (
	// Hijacker gives the connection away; see Ctx.Hijack.
	Hijacker interface {
		Hijack(c *Ctx) (conn net.Conn, unread []byte, err error)
	}
	// FullDuplexer permits reading the request while the response is written; see Ctx.EnableFullDuplex.
	FullDuplexer interface{ EnableFullDuplex(c *Ctx) error }
	// DeadlineSetter bounds reading and writing in time; see Ctx.SetReadDeadline.
	DeadlineSetter interface {
		SetReadDeadline(c *Ctx, t time.Time) error
		SetWriteDeadline(c *Ctx, t time.Time) error
	}
)

// Hijack takes the connection over, for a protocol that begins as an HTTP request (RFC 9110 section 7.8). It needs a worker.
// What was written before is sent first. unread is input behind the request that was received already; it comes before
// what conn reads. The caller writes the response itself, 101 or whatever its protocol says, and closes conn; it may keep
// conn beyond the handler, which frees the worker. No limit and no time-out of the server applies to conn, and a shutdown
// does not wait for it. The Response hooks still run, over a response of 101 that is never sent. When the sending of
// what was written before fails, nothing was taken over.
func (c *Ctx) Hijack() (conn net.Conn, unread []byte, err error) {
	h, ok := c.transport.(Hijacker)
	if !ok {
		return nil, nil, unsupported("hijack")
	}
	if !c.worker {
		return nil, nil, ErrNeedsWorker
	}
	if conn, unread, err = h.Hijack(c); err == nil && !c.Answered() {
		c.res.Status = 101
	}
	return conn, unread, err
}

// EnableFullDuplex lets the handler read on after its response has begun, and one goroutine read the body while another
// writes a streamed response. Otherwise what is unread of the body is dropped while the response is sent: a client that sends
// all before it reads would else wait for ever.
func (c *Ctx) EnableFullDuplex() error {
	if d, ok := c.transport.(FullDuplexer); ok {
		return d.EnableFullDuplex(c)
	}
	return unsupported("full duplex")
}

// SetReadDeadline bounds the reading of the request body: beyond t it returns os.ErrDeadlineExceeded, and the connection
// ends with the response. The zero time is no deadline. The deadline is the request's, not the connection's.
func (c *Ctx) SetReadDeadline(t time.Time) error {
	if d, ok := c.transport.(DeadlineSetter); ok {
		return d.SetReadDeadline(c, t)
	}
	return unsupported("read deadline")
}

// SetWriteDeadline bounds the writing of the response: a stream that waits for its client fails beyond t, and a response
// that was not begun is not sent; the connection is closed. The zero time is no deadline.
func (c *Ctx) SetWriteDeadline(t time.Time) error {
	if d, ok := c.transport.(DeadlineSetter); ok {
		return d.SetWriteDeadline(c, t)
	}
	return unsupported("write deadline")
}

func unsupported(what string) error {
	return fmt.Errorf("pipeline: %s: %w", what, errors.ErrUnsupported)
}
