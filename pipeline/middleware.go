package pipeline

import "errors"

// Handler answers a request. It answers by calling one of the response methods of c; returning an error instead (or
// panicking) enters the Exception hooks. A Handler that returns nil without an answer is an error (Django rule H16).
type Handler func(c *Ctx) error

// Middleware is any value that has at least one of the hook methods below, or a func(next Handler) Handler. What it does
// not have costs nothing.
type Middleware any

// The hooks. A hook answers by setting the response of c, as a Handler does.
type (
	// RequestHook runs before the URL is resolved, outermost first. An answer skips everything further in; the Response
	// hooks of this middleware and of those outside it still run. An error is converted outside this middleware.
	RequestHook interface{ ProcessRequest(c *Ctx) error }

	// ViewHook runs after the URL is resolved, outermost first, before the handler. An answer skips the handler. An error
	// is not seen by the Exception hooks.
	ViewHook interface {
		ProcessView(c *Ctx, r *Route) error
	}

	// ExceptionHook sees the error of a handler, innermost first; the first answer ends the search. An error it returns
	// replaces the first one and ends the search as well.
	ExceptionHook interface {
		ProcessException(c *Ctx, err error) error
	}

	// TemplateHook sees a response that is still to be rendered (see Ctx.Render), innermost first, and may change it.
	TemplateHook interface{ ProcessTemplateResponse(c *Ctx) error }

	// ResponseHook runs on the way out, innermost first, for every middleware the request entered.
	ResponseHook interface{ ProcessResponse(c *Ctx) error }

	// Wrapper is function style as a method, for a middleware that has other hooks as well: Wrap is called once, at load,
	// and what it returns runs around everything further in. A middleware that has it cannot be a RequestHook or
	// ResponseHook.
	Wrapper interface{ Wrap(next Handler) Handler }

	// ViewWrapper wraps the handler of each route, within all hooks (Django: the transaction of ATOMIC_REQUESTS). It is
	// called once for each route, at load, and may return next itself.
	ViewWrapper interface {
		WrapView(r *Route, next Handler) Handler
	}

	// Selective leaves routes out: Selects is asked once for each route, at load, and where it says no the middleware has no
	// View, Exception and template hooks, and does not wrap the view. Request and Response hooks run whatever the route: the
	// URL is not resolved when they begin.
	Selective interface{ Selects(r *Route) bool }

	// WorkerHook says that the hooks of a middleware may block, so that they run on a worker.
	WorkerHook interface{ NeedsWorker() bool }

	// Loader is told when the application is compiled. ErrNotUsed removes the middleware; any other error refuses the
	// application (Django: MiddlewareNotUsed, ImproperlyConfigured). The innermost is loaded first.
	Loader interface{ Load(a *App) error }

	// Named gives a middleware its name in Explain and in logs; the default is its type.
	Named interface{ Name() string }
)

// ErrNotUsed is returned by Loader.Load to remove the middleware from the application.
var ErrNotUsed = errors.New("pipeline: middleware not used")

// NotUsed is ErrNotUsed with a reason, which is logged when the application is in debug mode.
func NotUsed(reason string) error { return &notUsed{reason} }

type notUsed struct{ reason string }

// Error returns the reason.
func (e *notUsed) Error() string { return "pipeline: middleware not used: " + e.reason }

// Is makes it an ErrNotUsed.
func (e *notUsed) Is(target error) bool { return target == ErrNotUsed }

func notUsedReason(err error) string {
	var e *notUsed
	if errors.As(err, &e) {
		return e.reason
	}
	return ""
}
