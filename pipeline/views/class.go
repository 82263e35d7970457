package views

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/wheelpit/wheelpit/pipeline"
)

// The verbs. A class has any of them; what it does not have is answered 405, but for HEAD, which Get answers, and OPTIONS,
// which answers itself.
type (
	// Getter answers GET, and HEAD unless it is a Header as well.
	Getter interface{ Get(c *pipeline.Ctx) error }
	// Poster answers POST.
	Poster interface{ Post(c *pipeline.Ctx) error }
	// Putter answers PUT.
	Putter interface{ Put(c *pipeline.Ctx) error }
	// Patcher answers PATCH.
	Patcher interface{ Patch(c *pipeline.Ctx) error }
	// Deleter answers DELETE.
	Deleter interface{ Delete(c *pipeline.Ctx) error }
	// Header answers HEAD. The server sends no body, whatever the answer has.
	Header interface{ Head(c *pipeline.Ctx) error }
	// Optioner answers OPTIONS instead of the answer every class has: 200, Allow and no body.
	Optioner interface{ Options(c *pipeline.Ctx) error }
	// Tracer answers TRACE.
	Tracer interface{ Trace(c *pipeline.Ctx) error }
)

// SetupHook readies an instance made for one request, before its verb runs (Django: View.setup). An error is the view's; an
// answer skips the verb. It is for [New] only: a value that all requests share must not be written to.
type SetupHook interface{ Setup(c *pipeline.Ctx) error }

// Checker is asked once, when the class is registered; an error refuses the application.
type Checker interface{ Check() error }

// Verbs is a class put together from handlers, one for each method; a nil one is not there. Get answers HEAD unless there
// is a Head. It suits a service whose methods are the handlers of several resources. The empty Verbs answers OPTIONS alone.
type Verbs struct {
	Get, Post, Put, Patch, Delete, Head, Options, Trace pipeline.Handler
}

// Option changes how a class is registered.
type Option func(*options)

type options struct{ names []string }

// Methods limits a class to these methods, whatever it has (Django: http_method_names); HEAD and OPTIONS are then answered
// only if they are among them. Allow lists them in this order.
func Methods(names ...string) Option { return func(o *options) { o.names = names } }

// View makes a Handler of a class: a value with at least one of the verbs, which all requests share and which therefore is
// used by many goroutines at a time, or a [Verbs]. Which verbs there are is found out here, once; a request costs one
// look-up by the number of its method.
//
// The route must take every method, so register it with App.Path or with App.Handle and a pattern without one. A value
// without a verb, or whose Check fails, makes a Handler whose Fault tells; App.Compile reports it.
func View(v any, opts ...Option) pipeline.Handler {
	if verbs, ok := v.(Verbs); ok {
		return compile(verbs, opts)
	}
	if _, ok := v.(SetupHook); ok {
		return pipeline.Unfit(fmt.Errorf("views: %T has Setup, so each request needs its own: register it with New", v))
	}
	if err := check(v); err != nil {
		return pipeline.Unfit(err)
	}
	return compile(Verbs{
		Get:     shared(v, Getter.Get),
		Post:    shared(v, Poster.Post),
		Put:     shared(v, Putter.Put),
		Patch:   shared(v, Patcher.Patch),
		Delete:  shared(v, Deleter.Delete),
		Head:    shared(v, Header.Head),
		Options: shared(v, Optioner.Options),
		Trace:   shared(v, Tracer.Trace),
	}, opts)
}

// New makes a Handler of a class of which every request gets an instance of its own, as in Django: make is called for each
// request that a verb answers, and once at load to see which verbs there are; it must always return the same type. The
// instance belongs to the goroutine of the request and is left to the garbage collector afterwards, so it may be kept; what
// it holds of the Ctx may not. Use it when a class carries state from Setup to its verbs; [View] costs nothing and is the
// rule.
func New[T any](make func() T, opts ...Option) pipeline.Handler {
	v := any(make())
	if err := check(v); err != nil {
		return pipeline.Unfit(err)
	}
	return compile(Verbs{
		Get:     perRequest(v, make, Getter.Get),
		Post:    perRequest(v, make, Poster.Post),
		Put:     perRequest(v, make, Putter.Put),
		Patch:   perRequest(v, make, Patcher.Patch),
		Delete:  perRequest(v, make, Deleter.Delete),
		Head:    perRequest(v, make, Header.Head),
		Options: perRequest(v, make, Optioner.Options),
		Trace:   perRequest(v, make, Tracer.Trace),
	}, opts)
}

// shared returns the Handler for a verb of v, nil when v does not have it.
func shared[I any](v any, verb func(I, *pipeline.Ctx) error) pipeline.Handler {
	i, ok := v.(I)
	if !ok {
		return nil
	}
	return func(c *pipeline.Ctx) error { return verb(i, c) }
}

// perRequest returns the Handler for a verb of what make makes, nil when v, which is one of them, does not have it.
func perRequest[I, T any](v any, make func() T, verb func(I, *pipeline.Ctx) error) pipeline.Handler {
	if _, ok := v.(I); !ok {
		return nil
	}
	_, setup := v.(SetupHook)
	return func(c *pipeline.Ctx) error {
		v := any(make())
		if setup {
			if err := v.(SetupHook).Setup(c); err != nil || c.Answered() {
				return err
			}
		}
		return verb(v.(I), c)
	}
}

// check refuses what is no class.
func check(v any) error {
	if v == nil {
		return errors.New("views: nil is no class")
	}
	if !hasVerb(reflect.TypeOf(v)) {
		if p := reflect.PointerTo(reflect.TypeOf(v)); hasVerb(p) {
			return fmt.Errorf("views: %T has no verb (Get, Post, ...), but its pointer has: register %s", v, p)
		}
		return fmt.Errorf("views: %T has no verb: none of Get, Post, Put, Patch, Delete, Head, Options, Trace", v)
	}
	if ch, ok := v.(Checker); ok {
		if err := ch.Check(); err != nil {
			return fmt.Errorf("views: %T: %w", v, err)
		}
	}
	return nil
}

var verbTypes = []reflect.Type{
	reflect.TypeFor[Getter](), reflect.TypeFor[Poster](), reflect.TypeFor[Putter](), reflect.TypeFor[Patcher](),
	reflect.TypeFor[Deleter](), reflect.TypeFor[Header](), reflect.TypeFor[Optioner](), reflect.TypeFor[Tracer](),
}

func hasVerb(t reflect.Type) bool {
	for _, verb := range verbTypes {
		if t.Implements(verb) {
			return true
		}
	}
	return false
}
