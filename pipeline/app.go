package pipeline

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/wheelpit/wheelpit/router"
)

// App is an application being put together: middleware, routes, error handlers. It is not safe for concurrent use; what
// Compile makes of it is.
type App struct {
	middleware []Middleware
	entries    []router.Entry
	routes     []*Route
	errors     map[int]Handler
	converters map[string]router.Converter
	faults     []error

	// Debug shows errors to the client. Never in production.
	Debug bool
	// OnError is told of every error that becomes a 5xx response, and of panics. It may be called from any goroutine.
	OnError func(c *Ctx, err error)
}

// New returns an empty application.
func New() *App { return &App{errors: map[int]Handler{}, converters: map[string]router.Converter{}} }

// Use appends middleware, the first being the outermost.
func (a *App) Use(mw ...Middleware) { a.middleware = append(a.middleware, mw...) }

// Converter registers a path converter under a name (Django: register_converter).
func (a *App) Converter(name string, c router.Converter) { a.converters[name] = c }

// ErrorHandler sets who answers when an error becomes status 400, 403, 404, 500 or any other error status (Django:
// handler404). The error is c.Err(). Without one, a plain page is sent.
func (a *App) ErrorHandler(status int, h Handler) { a.errors[status] = h }

// RouteOption changes a route as it is registered.
type RouteOption func(*Route)

// Inline runs the handler on the reactor: it must be short and must never block.
func Inline(r *Route) { r.Inline = true }

// Name names a route for Reverse.
func Name(name string) RouteOption { return func(r *Route) { r.Name = name } }

// Meta attaches a value to a route, for middleware to read.
func Meta(key string, value any) RouteOption {
	return func(r *Route) {
		if r.Meta == nil {
			r.Meta = map[string]any{}
		}
		r.Meta[key] = value
	}
}

// Handle registers h under a pattern of net/http's ServeMux: "GET /u/{id}", "/files/{rest...}", "/static/". Unlike
// there, the first declared pattern that matches wins.
func (a *App) Handle(pattern string, h Handler, opts ...RouteOption) *Route {
	r := a.add(pattern, h, opts)
	a.entries = append(a.entries, router.Mux(pattern, a.endpoint(r)))
	return r
}

// Path registers h under a pattern of Django's path(): "articles/<int:year>/".
func (a *App) Path(pattern string, h Handler, opts ...RouteOption) *Route {
	r := a.add(pattern, h, opts)
	a.entries = append(a.entries, router.Path(pattern, a.endpoint(r)))
	return r
}

// RePath registers h under a regular expression, as Django's re_path().
func (a *App) RePath(regex string, h Handler, opts ...RouteOption) *Route {
	r := a.add(regex, h, opts)
	a.entries = append(a.entries, router.RePath(regex, a.endpoint(r)))
	return r
}

// Mount registers h for everything below prefix ("/static/"); c.Rest is the path behind it.
func (a *App) Mount(prefix string, h Handler, opts ...RouteOption) *Route {
	r := a.add(prefix, h, opts)
	a.entries = append(a.entries, router.Mount(prefix, a.endpoint(r)))
	return r
}

// Get, Post, Put, Patch and Delete register h for one method under a ServeMux path. Get answers HEAD as well.
func (a *App) Get(path string, h Handler, opts ...RouteOption) *Route {
	return a.Handle("GET "+path, h, opts...)
}

// Post registers h for POST; see Get.
func (a *App) Post(path string, h Handler, opts ...RouteOption) *Route {
	return a.Handle("POST "+path, h, opts...)
}

// Put registers h for PUT; see Get.
func (a *App) Put(path string, h Handler, opts ...RouteOption) *Route {
	return a.Handle("PUT "+path, h, opts...)
}

// Patch registers h for PATCH; see Get.
func (a *App) Patch(path string, h Handler, opts ...RouteOption) *Route {
	return a.Handle("PATCH "+path, h, opts...)
}

// Delete registers h for DELETE; see Get.
func (a *App) Delete(path string, h Handler, opts ...RouteOption) *Route {
	return a.Handle("DELETE "+path, h, opts...)
}

func (a *App) add(pattern string, h Handler, opts []RouteOption) *Route {
	if h == nil {
		a.faults = append(a.faults, fmt.Errorf("pipeline: route %q has no handler", pattern))
	}
	r := &Route{ID: len(a.routes), Pattern: pattern, Handler: h}
	for _, o := range opts {
		o(r)
	}
	a.routes = append(a.routes, r)
	return r
}

func (a *App) endpoint(r *Route) router.Endpoint {
	return router.Endpoint{Route: r.ID, Name: r.Name, View: r.Name, Methods: r.Methods}
}

// Compile loads the middleware and lays out the flat arrays. It reports every error it finds at once.
func (a *App) Compile() (*Chain, error) {
	faults := a.faults
	table, warnings, err := router.Compile(a.entries, router.Config{Converters: a.converters})
	if err != nil {
		faults = append(faults, err)
	}
	ch := &Chain{table: table, routes: a.routes, Warnings: warnings, debug: a.Debug, onError: a.OnError}
	for status, h := range a.errors {
		if status < 400 || status > 599 {
			faults = append(faults, fmt.Errorf("pipeline: error handler for status %d", status))
			continue
		}
		ch.errors[status-400] = h
	}
	var layers []layer
	for _, mw := range a.middleware {
		l, err := a.load(mw)
		switch {
		case errors.Is(err, ErrNotUsed):
		case err != nil:
			faults = append(faults, err)
		default:
			layers = append(layers, l)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	ch.layout(layers)
	return ch, nil
}

// layer is a middleware that is part of the application.
type layer struct {
	name   string
	mw     Middleware
	worker bool
}

func (a *App) load(mw Middleware) (layer, error) {
	if mw == nil {
		return layer{}, errors.New("pipeline: nil middleware")
	}
	l := layer{mw: mw, name: nameOf(mw)}
	if ld, ok := mw.(Loader); ok {
		if err := ld.Load(a); err != nil {
			return l, fmt.Errorf("pipeline: middleware %s: %w", l.name, err)
		}
	}
	if w, ok := mw.(WorkerHook); ok {
		l.worker = w.NeedsWorker()
	}
	switch mw.(type) {
	case RequestHook, ViewHook, ExceptionHook, TemplateHook, ResponseHook, func(Handler) Handler:
		return l, nil
	}
	return l, fmt.Errorf("pipeline: middleware %s has none of the hook methods", l.name)
}

func nameOf(mw Middleware) string {
	if n, ok := mw.(Named); ok {
		return n.Name()
	}
	return strings.TrimPrefix(reflect.TypeOf(mw).String(), "*")
}
