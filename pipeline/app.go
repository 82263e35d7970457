package pipeline

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/router"
)

// App is an application being put together: middleware, routes, error handlers, settings. It is not safe for concurrent
// use; what Compile makes of it is.
type App struct {
	// Routes are those of every host that has none of its own (Django: ROOT_URLCONF).
	Routes

	// Debug shows errors to the client, and has every step timed (see Trace). Never in production.
	Debug bool
	// DebugPage answers with a page for developers, in place of the pages of status 400, 404 and 500, when Debug is set
	// (Django: the technical responses). It may be nil: then the error and its stack are shown as text.
	DebugPage func(c *Ctx, status int, err error) error
	// PropagateErrors hands errors that would become a page of status 500 to the server, through all middleware (Django:
	// DEBUG_PROPAGATE_EXCEPTIONS); the client gets a bare 500.
	PropagateErrors bool
	// Logger is told of responses with status 400 and more: 5xx as errors, the others as warnings (Django: the logger
	// django.request). When nil, errors alone go to slog.Default, unless Debug is set.
	Logger *slog.Logger

	middleware []Middleware
	hosts      []hostRoutes
	named      []namedRoutes
	converters map[string]router.Converter
	signals    signals
}

type hostRoutes struct {
	pattern string
	routes  *Routes
}

type namedRoutes struct {
	name   string
	routes *Routes
}

// New returns an empty application.
func New() *App { return &App{converters: map[string]router.Converter{}} }

// Use appends middleware, the first being the outermost.
func (a *App) Use(mw ...Middleware) { a.middleware = append(a.middleware, mw...) }

// Middleware returns what Use was given, for a middleware that needs another one (see Loader).
func (a *App) Middleware() []Middleware { return slices.Clone(a.middleware) }

// Converter registers a path converter under a name (Django: register_converter).
func (a *App) Converter(name string, c router.Converter) { a.converters[name] = c }

// Host returns routes of their own for a host: "api.example.com", "*.example.com" for all names below, or "*". The first
// declared pattern that matches wins; a request that matches none has the routes of the App. The middleware is the same.
func (a *App) Host(pattern string) *Routes {
	rs := NewRoutes()
	a.hosts = append(a.hosts, hostRoutes{pattern, rs})
	return rs
}

// Alternative returns routes that a Request hook may choose by their name; see Ctx.UseRoutes (Django: request.urlconf).
func (a *App) Alternative(name string) *Routes {
	rs := NewRoutes()
	a.named = append(a.named, namedRoutes{name, rs})
	return rs
}

// Compile loads the middleware, the innermost first, and lays out the flat arrays. It reports every error it finds at
// once. A panic of what it calls (a Load, a Wrap, a converter) is an error as well, with its stack (see StackOf): a server
// that takes over a new application at run time must outlive it.
func (a *App) Compile() (chain *Chain, err error) {
	defer func() {
		if v := recover(); v != nil {
			chain, err = nil, fmt.Errorf("pipeline: compiling: %w", panicError(v))
		}
	}()
	ch := &Chain{debug: a.Debug, debugPage: a.DebugPage, propagate: a.PropagateErrors, logger: a.Logger}
	var layers []layer
	var faults []error
	for i := len(a.middleware) - 1; i >= 0; i-- {
		l, err := a.load(a.middleware[i])
		switch {
		case errors.Is(err, ErrNotUsed):
			a.logNotUsed(l.name, err)
		case err != nil:
			faults = append(faults, err)
		default:
			layers = append(layers, l)
		}
	}
	slices.Reverse(layers)
	err = errors.Join(errors.Join(faults...), a.compileRoutes(ch)) // after Load, which may add routes
	ch.signals = a.signals.clone()
	if err == nil { // laying out calls middleware, which wants all of it loaded
		err = ch.layout(layers)
	}
	if err != nil {
		return nil, err
	}
	if ch.debug {
		ch.trace()
	}
	ch.assign(layers)
	for _, w := range ch.Warnings {
		ch.sink().Warn(w.String(), "logger", "router")
	}
	return ch, nil
}

// compileRoutes compiles the routes of all hosts.
func (a *App) compileRoutes(ch *Chain) error {
	var faults []error
	one := func(rs *Routes) *urlconf {
		conf, warnings, err := rs.compile(a.converters)
		ch.Warnings = append(ch.Warnings, warnings...)
		faults = append(faults, err)
		ch.confs = append(ch.confs, conf)
		return conf
	}
	ch.root = one(&a.Routes)
	var hosts []router.Host
	for i, h := range a.hosts {
		ch.byHost = append(ch.byHost, one(h.routes))
		hosts = append(hosts, router.Host{Pattern: h.pattern, Route: i})
	}
	if len(hosts) > 0 {
		table, err := router.CompileHosts(hosts)
		ch.hosts, faults = table, append(faults, err)
	}
	ch.named = map[string]*urlconf{}
	for _, n := range a.named {
		if ch.named[n.name] != nil || n.name == "" {
			faults = append(faults, fmt.Errorf("pipeline: alternative routes %q: want a name of their own", n.name))
		}
		ch.named[n.name] = one(n.routes)
	}
	return errors.Join(faults...)
}

// layer is a middleware that is part of the application.
type layer struct {
	name   string
	mw     Middleware
	wrap   func(Handler) Handler // of function style
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
	switch w := mw.(type) {
	case func(Handler) Handler:
		l.wrap = w
	case Wrapper:
		l.wrap = w.Wrap
	case RequestHook, ViewHook, ExceptionHook, TemplateHook, ResponseHook, ViewWrapper:
	default:
		return l, fmt.Errorf("pipeline: middleware %s has none of the hook methods", l.name)
	}
	return l, nil
}

func nameOf(mw Middleware) string {
	if n, ok := mw.(Named); ok {
		return n.Name()
	}
	return strings.TrimPrefix(reflect.TypeOf(mw).String(), "*")
}
