package nethttp

import (
	"net/http"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Middleware puts a net/http middleware around handlers of Wheelpit: its result is a pipeline.Middleware for App.Use, or
// wraps a single handler. mw is called once. The handler within answers as ever; its response then passes through the
// ResponseWriter that the middleware handed on, streams as they are written. What the middleware changed of the request is
// in Request(c): Ctx itself keeps what the client sent, but for nethttp.Handlers within, which see the changed request. The
// context of the Ctx is that of the request, which must be derived of the one that came.
func Middleware(mw func(http.Handler) http.Handler) func(next pipeline.Handler) pipeline.Handler {
	return func(next pipeline.Handler) pipeline.Handler {
		h := mw(inner{next})
		return func(c *pipeline.Ctx) error {
			if !c.OnWorker() {
				return pipeline.ErrOffload
			}
			x, err := newExchange(c)
			if err != nil {
				return err
			}
			x.around = true
			return x.serve(h)
		}
	}
}

// requestKey is the key of the current request in the values of a Ctx, exchangeKey that of the innermost exchange in its
// context.
type (
	requestKey  struct{}
	exchangeKey struct{}
)

// Request returns the request as the net/http middleware around passed it on, with its changed header and context; nil
// outside of any. It must not be kept.
func Request(c *pipeline.Ctx) *http.Request {
	r, _ := c.Get(requestKey{}).(*http.Request)
	return r
}

// inner is the Wheelpit handler within a middleware, as net/http sees it.
type inner struct{ next pipeline.Handler }

// ServeHTTP runs the handler and passes its response on to w. An error of the handler stays one: unless the middleware
// answers itself, the Exception hooks see it.
func (in inner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x, _ := r.Context().Value(exchangeKey{}).(*exchange)
	if x == nil {
		panic("nethttp: the middleware passed on a request with a context that is not derived of the one it got")
	}
	if !x.enter() {
		return
	}
	defer x.inside.Done()
	x.base.context() // that of r may be derived of it, and must have one to end with
	was := x.c.SwapContext(r.Context())
	defer x.c.SwapContext(was)
	res, err := x.within(in.next, r)
	if err != nil {
		x.mu.Lock()
		x.cause = err
		x.mu.Unlock()
		return
	}
	defer res.Release()
	x.passOn(w, &res)
}

// enter counts a call of the handler within. A middleware may make it on another goroutine (http.TimeoutHandler), and return
// before it; the exchange waits for it, because it uses the Ctx. false: the exchange is over.
func (x *exchange) enter() bool {
	x.deadlines.Lock()
	defer x.deadlines.Unlock()
	if x.over {
		return false
	}
	x.inside.Add(1)
	return true
}

// within runs the handler and takes its response. Meanwhile the Ctx is the handler's alone.
func (x *exchange) within(next pipeline.Handler, r *http.Request) (pipeline.Response, error) {
	x.turn.Lock()
	defer x.turn.Unlock()
	x.clearFields() // those of hooks further out are in the header of the middleware
	was := Request(x.c)
	x.c.Set(requestKey{}, r)
	defer func() { x.c.Set(requestKey{}, was) }()
	if err := next(x.c); err != nil {
		return pipeline.Response{}, err
	}
	return x.c.TakeResponse()
}

// passOn writes a response of Wheelpit to a net/http writer. Its fields replace those of the same name, as Header().Set
// would, but for those that are lists by nature.
func (x *exchange) passOn(w http.ResponseWriter, res *pipeline.Response) {
	switch res.Status {
	case 0:
		return // no answer: an error, which the pipeline finds
	case http.StatusSwitchingProtocols: // the handler hijacked the connection
		x.mu.Lock()
		x.hijacked = true
		x.mu.Unlock()
		return
	}
	setHeader(w.Header(), res)
	// A short body gets its length in the end, and is left to a middleware that changes bodies and forgets it.
	n := res.StreamLength()
	if http1.BodyAllowed(res.Status) && n >= 0 && (n > bufferSize || !bodied(x.c, res.Status) || res.Stream() != nil) {
		setLength(w.Header(), n)
	}
	w.WriteHeader(res.Status)
	if err := x.passBody(w, res); err != nil {
		panic(http.ErrAbortHandler) // begun and not to be finished
	}
}

// passBody writes the body. That of a stream is not made for HEAD.
func (x *exchange) passBody(w http.ResponseWriter, res *pipeline.Response) error {
	f := res.Stream()
	switch {
	case !bodied(x.c, res.Status):
		return nil
	case f != nil:
		return f(x.c.StreamTo(writerTo{w}))
	}
	return writeParts(w, res)
}
