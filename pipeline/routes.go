package pipeline

import (
	"errors"
	"fmt"

	"github.com/wheelpit/wheelpit/router"
)

// Routes is a list of routes and of error handlers, in the order they are tried: Django's URLconf. An App has one of its
// own, and further ones for hosts (App.Host) and for hooks that choose (App.Alternative). It is not safe for concurrent use.
type Routes struct {
	lines  []routeLine
	errors map[int]Handler
	faults []error
}

// routeLine is a route, or an include.
type routeLine struct {
	entry   func(router.Endpoint) router.Entry
	route   *Route
	include func([]router.Entry) router.Entry
	below   *Routes
}

// Scope is what an include adds to the routes below it: app name, namespace, default parameters.
type Scope = router.Scope

// NewRoutes returns an empty list, to be included in others.
func NewRoutes() *Routes { return new(Routes) }

// RouteOption changes a route as it is registered.
type RouteOption func(*Route)

// Inline runs the handler on the reactor: it must be short and must never block.
func Inline(r *Route) { r.Inline = true }

// Name names a route for Reverse.
func Name(name string) RouteOption { return func(r *Route) { r.Name = name } }

// Defaults gives a route parameters beside those of its pattern, which they win over (Django: the kwargs of path()).
func Defaults(kwargs map[string]any) RouteOption { return func(r *Route) { r.Defaults = kwargs } }

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
func (rs *Routes) Handle(pattern string, h Handler, opts ...RouteOption) *Route {
	return rs.add(pattern, h, opts, router.Mux)
}

// Path registers h under a pattern of Django's path(): "articles/<int:year>/".
func (rs *Routes) Path(pattern string, h Handler, opts ...RouteOption) *Route {
	return rs.add(pattern, h, opts, router.Path)
}

// RePath registers h under a regular expression, as Django's re_path().
func (rs *Routes) RePath(regex string, h Handler, opts ...RouteOption) *Route {
	return rs.add(regex, h, opts, router.RePath)
}

// Mount registers h for everything below prefix ("/static/"); Ctx.RestBytes is the path behind it.
func (rs *Routes) Mount(prefix string, h Handler, opts ...RouteOption) *Route {
	return rs.add(prefix, h, opts, router.Mount)
}

// Get, Post, Put, Patch and Delete register h for one method under a ServeMux path. Get answers HEAD as well.
func (rs *Routes) Get(path string, h Handler, opts ...RouteOption) *Route {
	return rs.Handle("GET "+path, h, opts...)
}

// Post registers h for POST; see Get.
func (rs *Routes) Post(path string, h Handler, opts ...RouteOption) *Route {
	return rs.Handle("POST "+path, h, opts...)
}

// Put registers h for PUT; see Get.
func (rs *Routes) Put(path string, h Handler, opts ...RouteOption) *Route {
	return rs.Handle("PUT "+path, h, opts...)
}

// Patch registers h for PATCH; see Get.
func (rs *Routes) Patch(path string, h Handler, opts ...RouteOption) *Route {
	return rs.Handle("PATCH "+path, h, opts...)
}

// Delete registers h for DELETE; see Get.
func (rs *Routes) Delete(path string, h Handler, opts ...RouteOption) *Route {
	return rs.Handle("DELETE "+path, h, opts...)
}

// Include puts the routes of below under a prefix in the syntax of Path: "blog/" (Django: include()). One Scope may be
// given. The same routes may be included several times, under different namespaces.
func (rs *Routes) Include(prefix string, below *Routes, scope ...Scope) {
	rs.addInclude(prefix, below, scope, router.Include)
}

// ReInclude is Include with a prefix in the syntax of RePath.
func (rs *Routes) ReInclude(regex string, below *Routes, scope ...Scope) {
	rs.addInclude(regex, below, scope, router.ReInclude)
}

// ErrorHandler sets who answers when an error becomes status 400, 403, 404, 500 or any other error status (Django:
// handler404). The error is c.Err(). Without one, a plain page is sent. Only those of the routes that a request is
// dispatched with count, not those of routes included there; before that, those of the App.
func (rs *Routes) ErrorHandler(status int, h Handler) {
	if rs.errors == nil {
		rs.errors = map[int]Handler{}
	}
	rs.errors[status] = h
}

func (rs *Routes) add(pattern string, h Handler, opts []RouteOption, entry func(string, router.Endpoint) router.Entry) *Route {
	if h == nil {
		rs.faults = append(rs.faults, fmt.Errorf("pipeline: route %q has no handler", pattern))
	}
	if err := h.Fault(); err != nil {
		rs.faults = append(rs.faults, fmt.Errorf("pipeline: route %q: %w", pattern, err))
	}
	r := &Route{Pattern: pattern, Handler: h}
	for _, o := range opts {
		o(r)
	}
	rs.lines = append(rs.lines, routeLine{route: r, entry: func(e router.Endpoint) router.Entry { return entry(pattern, e) }})
	return r
}

func (rs *Routes) addInclude(prefix string, below *Routes, scope []Scope, include func(string, Scope, ...router.Entry) router.Entry) {
	if below == nil || len(scope) > 1 {
		rs.faults = append(rs.faults, fmt.Errorf("pipeline: include %q: want routes and at most one Scope", prefix))
		return
	}
	scope = append(scope, Scope{})
	rs.lines = append(rs.lines, routeLine{below: below, include: func(children []router.Entry) router.Entry {
		return include(prefix, scope[0], children...)
	}})
}

// urlconf is a compiled Routes.
type urlconf struct {
	table   *router.Table
	targets []target     // by the integer that the table returns
	errors  [200]Handler // by status-400
}

// target is what a route leads to: its handler within what wraps it (see ViewWrapper).
type target struct {
	route  *Route
	view   Handler
	hooks  *hookSet
	inline bool
}

// maxInclude bounds how deep routes may be included, so that routes that include themselves are an error.
const maxInclude = 32

// compile makes the flat tables of rs.
func (rs *Routes) compile(converters map[string]router.Converter) (*urlconf, []router.Warning, error) {
	conf := new(urlconf)
	entries, faults := rs.entries(conf, 0)
	table, warnings, err := router.Compile(entries, router.Config{Converters: converters})
	conf.table = table
	for status, h := range rs.errors {
		if status < 400 || status > 599 {
			err = errors.Join(err, fmt.Errorf("pipeline: error handler for status %d", status))
			continue
		}
		conf.errors[status-400] = h
	}
	return conf, warnings, errors.Join(errors.Join(faults...), err)
}

// entries lists the entries of rs for the router and gathers their targets in conf.
func (rs *Routes) entries(conf *urlconf, depth int) (entries []router.Entry, faults []error) {
	faults = rs.faults
	if depth > maxInclude {
		return nil, []error{fmt.Errorf("pipeline: routes are included more than %d deep", maxInclude)}
	}
	for _, l := range rs.lines {
		if l.below != nil {
			children, more := l.below.entries(conf, depth+1)
			entries, faults = append(entries, l.include(children)), append(faults, more...)
			continue
		}
		r := l.route
		entries = append(entries, l.entry(router.Endpoint{Route: len(conf.targets), Name: r.Name, View: r.Name, Methods: r.Methods, Kwargs: r.Defaults}))
		conf.targets = append(conf.targets, target{route: r, view: r.Handler, inline: r.Inline})
	}
	return entries, faults
}
