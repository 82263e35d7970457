package pipeline

import (
	"context"
	"errors"
	"net/netip"
)

// Transport is what carries a request: a connection of the loop, a recorder in a test, an http.ResponseWriter. The
// response itself is not written through it: whoever runs the Chain takes it from the Ctx afterwards.
type Transport interface {
	// ReadBody reads request content that has not been read yet: 0, io.EOF at its end. It may wait on a worker.
	ReadBody(c *Ctx, p []byte) (int, error)
	// WriteBody sends a piece of a streamed response, waiting while the client is slow. The head goes out with the first.
	WriteBody(c *Ctx, p []byte) error
	// FlushBody sends what WriteBody gathered, all of it, waiting while the client is slow.
	FlushBody(c *Ctx) error
	// Interim sends an informational response (RFC 9110 section 15.2) with the fields set so far.
	Interim(c *Ctx, status int) error
	// OnGone has f called, once and from any goroutine, when the client has left.
	OnGone(c *Ctx, f func())
	// Remote and Local return the two ends of the connection, Secure whether it is encrypted.
	Remote() netip.AddrPort
	Local() netip.AddrPort
	Secure() bool

	// Shard is the number of the reactor, so that a handler can keep something for each without a lock; Ticks is the
	// coarse time in loop ticks, and Date the current second with its IMF-fixdate.
	Shard() int
	Ticks() uint32
	Date() (unix int64, imf *[29]byte)
	// Plain tells whether a response made ready in advance may be sent as it is (Ctx.SendReady): HTTP/1.1 with
	// keep-alive, no Response hooks, no fields yet, on the reactor. AppendHead appends the head of c's response as it would be sent.
	Plain() bool
	AppendHead(b []byte, c *Ctx) []byte
}

// Lifecycle is what a Transport may be besides: of a server that can be shut down.
type Lifecycle interface {
	// BaseContext ends when requests in progress must end, with ErrShutdown.
	BaseContext() context.Context
	// Draining is closed when the server begins to shut down and requests in progress should come to their end.
	Draining() <-chan struct{}
}

var (
	// ErrBodyTooLarge is what reading a request body beyond its limit returns; it is answered 413.
	ErrBodyTooLarge error = &Error{Status: 413, Message: "request body too large"}
	// ErrBodyRead is what Ctx.Body returns when a reader has taken some of the body.
	ErrBodyRead = errors.New("pipeline: the request body was read as a stream before")
	// ErrClientGone tells that the client has left before the response was sent.
	ErrClientGone = errors.New("pipeline: client gone")
	// ErrShutdown tells that the server has waited long enough for requests to finish.
	ErrShutdown = errors.New("pipeline: server shuts down")
	// ErrNeedsWorker is returned by calls that would have to wait, on the reactor.
	ErrNeedsWorker = errors.New("pipeline: this call waits and needs a worker; the handler runs inline")
)
