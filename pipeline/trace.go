package pipeline

import (
	"errors"
	"time"
)

// TraceEntry is one step of a request, as it ran.
type TraceEntry struct {
	// Kind is the hook, in the words of Explain: "request", "function", "view", "handler" (with what ViewWrapper hooks put
	// around it), "exception", "template" or "response".
	Kind string
	// Name is that of the middleware; of a handler the pattern of its route.
	Name string
	// Layer is the place of the middleware in the onion, 0 the outermost; the handler stands behind the last. The layers
	// of a mounted application count from 0 again.
	Layer int
	// Start is when the step began, counted from the first step; Took is how long it ran, what it called included, and -1
	// while it runs.
	Start, Took time.Duration
	// Err is what the step returned. ErrTracePanic stands for a step that did not return.
	Err error
}

// ErrTracePanic is the error of a traced step that panicked, or aborted the request.
var ErrTracePanic = errors.New("pipeline: the step panicked")

// maxTrace bounds the entries of one request: a hook may run often when applications are mounted in each other.
const maxTrace = 256

// tracer keeps the steps of one request, in the order they began. It is a value of the Ctx (see Set), so that it goes
// where the request goes and is forgotten with it.
type tracer struct {
	began   time.Time
	entries []TraceEntry
}

type tracerKey struct{}

// Trace returns the steps that ran for the request so far, in the order they began: nil unless the application was
// compiled with App.Debug. The slice is a copy.
func Trace(c *Ctx) []TraceEntry {
	t, ok := c.Get(tracerKey{}).(*tracer)
	if !ok {
		return nil
	}
	return append([]TraceEntry(nil), t.entries...)
}

// trace has every step of ch timed. Compile calls it in debug, after layout: without it the steps are the hooks themselves,
// so tracing costs nothing when it is off.
func (ch *Chain) trace() {
	for seg := ch.top; seg != nil; seg = seg.next {
		timeSteps(seg.request, "request")
		timeSteps(seg.response, "response")
		if seg.wrap != nil {
			seg.wrap = timed("function", seg.wrapName, seg.inner, seg.wrap)
		}
	}
	for i := range ch.hooks.views {
		v := &ch.hooks.views[i]
		v.fn = timedView(v.name, v.layer, v.fn)
	}
	for i := range ch.hooks.exception {
		e := &ch.hooks.exception[i]
		e.fn = timedException(e.name, e.layer, e.fn)
	}
	timeSteps(ch.hooks.template, "template")
	for _, conf := range ch.confs {
		for i := range conf.targets {
			t := &conf.targets[i]
			t.view = timed("handler", t.route.Pattern, ch.depth, t.view)
		}
	}
}

func timeSteps(steps []step, kind string) {
	for i := range steps {
		steps[i].fn = timed(kind, steps[i].name, steps[i].layer, steps[i].fn)
	}
}

func timed(kind, name string, layer int, fn func(*Ctx) error) func(*Ctx) error {
	return func(c *Ctx) error {
		return measure(c, TraceEntry{Kind: kind, Name: name, Layer: layer}, func() error { return fn(c) })
	}
}

func timedView(name string, layer int, fn func(*Ctx, *Route) error) func(*Ctx, *Route) error {
	return func(c *Ctx, r *Route) error {
		return measure(c, TraceEntry{Kind: "view", Name: name, Layer: layer}, func() error { return fn(c, r) })
	}
}

func timedException(name string, layer int, fn func(*Ctx, error) error) func(*Ctx, error) error {
	return func(c *Ctx, err error) error {
		return measure(c, TraceEntry{Kind: "exception", Name: name, Layer: layer}, func() error { return fn(c, err) })
	}
}

// measure runs a step and keeps how long it took, also when it panics.
func measure(c *Ctx, e TraceEntry, fn func() error) (err error) {
	t, ok := c.Get(tracerKey{}).(*tracer)
	if !ok {
		t = &tracer{began: time.Now()}
		c.Set(tracerKey{}, t)
	}
	if len(t.entries) == maxTrace {
		return fn()
	}
	at := len(t.entries)
	e.Start, e.Took = time.Since(t.began), -1
	t.entries = append(t.entries, e)
	err = ErrTracePanic
	defer func() {
		e := &t.entries[at]
		e.Took, e.Err = time.Since(t.began)-e.Start, err
	}()
	err = fn()
	return err
}
