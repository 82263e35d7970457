package nethttp

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// requestContext is the context of the request. It is made of the Ctx's when it is first waited for: most handlers never do.
type requestContext struct {
	x *exchange

	mu     sync.Mutex
	ctx    context.Context
	stop   context.CancelCauseFunc
	closed bool
	cause  error // why; nil is the ordinary end
}

// ctxKey is the key of the Ctx in a request's context.
type ctxKey struct{}

// FromContext returns the Ctx of the request whose context ctx is, or is derived of; nil when there is none. It may be used
// while the handler runs, and not by two goroutines at once.
func FromContext(ctx context.Context) *pipeline.Ctx {
	c, _ := ctx.Value(ctxKey{}).(*pipeline.Ctx)
	return c
}

// nested is the context of a request within a middleware: the middleware's, with the exchange of its own.
type nested struct {
	context.Context
	x *exchange
}

// Value returns the innermost exchange, or what the middleware's context has.
func (n nested) Value(key any) any {
	if key == (exchangeKey{}) {
		return n.x
	}
	return n.Context.Value(key)
}

// Deadline tells that there is none.
func (rc *requestContext) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done is closed when the client leaves or the handler has returned.
func (rc *requestContext) Done() <-chan struct{} { return rc.context().Done() }

// Err tells whether Done is closed, and why.
func (rc *requestContext) Err() error { return rc.context().Err() }

// noServer stands for the http.Server that there is none of: httputil.ReverseProxy cuts a response it cannot finish only
// when it finds one.
var noServer = new(http.Server)

// Value has the Ctx and what net/http's server has: http.LocalAddrContextKey, and an empty server for http.ServerContextKey.
func (rc *requestContext) Value(key any) any {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	switch {
	case rc.closed:
	case key == ctxKey{}:
		return rc.x.c
	case key == exchangeKey{}:
		return rc.x
	case key == http.ServerContextKey:
		return noServer
	case key == http.LocalAddrContextKey:
		return net.Addr(net.TCPAddrFromAddrPort(rc.x.c.Local()))
	}
	if rc.ctx != nil { // a context that is derived of this one looks for it
		return rc.ctx.Value(key)
	}
	return nil
}

func (rc *requestContext) context() context.Context {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if rc.ctx == nil {
		parent := context.Background()
		if !rc.closed {
			parent = rc.x.c.Context()
		}
		rc.ctx, rc.stop = context.WithCancelCause(parent)
		if rc.closed {
			rc.stop(rc.cause)
		}
	}
	return rc.ctx
}

// cancel ends the context, the first time with that cause.
func (x *exchange) cancel(cause error) {
	rc := &x.base
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if !rc.closed {
		rc.closed, rc.cause = true, cause
	}
	if rc.stop != nil {
		rc.stop(cause)
	}
}
