package debugpage

import (
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// report is what a page says, masked and cut; its JSON is a problem (RFC 9457) with members of its own.
type report struct {
	Status   int         `json:"status"`
	Title    string      `json:"title"`
	Detail   string      `json:"detail"`
	Welcome  bool        `json:"welcome,omitempty"`
	Errors   []cause     `json:"errors,omitempty"`
	Stack    []frame     `json:"stack,omitempty"`
	NotFound *notFound   `json:"not_found,omitempty"`
	Request  request     `json:"request"`
	Hooks    string      `json:"hooks,omitempty"`
	Trace    []traceStep `json:"trace,omitempty"`
	Settings []Pair      `json:"settings,omitempty"`
	Build    []Pair      `json:"build"`
}

// Reason returns the status with its text.
func (r *report) Reason() string { return fmt.Sprintf("%d %s", r.Status, http1.StatusText(r.Status)) }

// cause is an error of the chain: the error itself, or what it wraps, Depth levels further in.
type cause struct {
	Depth   int    `json:"depth"`
	Type    string `json:"type"`
	Message string `json:"message"`
}

// Indent has an element for each level.
func (e cause) Indent() []struct{} { return make([]struct{}, e.Depth) }

// notFound is what a 404 says of the routes.
type notFound struct {
	// Matched is the pattern of the route whose handler said not found; empty when no route matched.
	Matched string `json:"matched,omitempty"`
	// Tried are the patterns in order, those of includes in front.
	Tried   []attempt `json:"tried"`
	Omitted int       `json:"omitted,omitempty"`
}

type attempt struct {
	Chain []string `json:"chain"`
	Name  string   `json:"name,omitempty"`
}

type traceStep struct {
	Kind  string  `json:"kind"`
	Name  string  `json:"name"`
	Layer int     `json:"layer"`
	Start float64 `json:"start_ms"`
	Took  float64 `json:"took_ms"` // -1 while it runs
	Error string  `json:"error,omitempty"`
}

// builder makes one report.
type builder struct {
	r       *Reporter
	c       *pipeline.Ctx
	filter  Filter
	secrets secrets
	// learning is set by study: what is masked is added to the secrets.
	learning  bool
	unstudied int // what maxRaw still allows study, in all
	left      int // what maxText still allows
	gathered
	settings []entry
}

// newBuilder finds every secret first, so that the report can be searched for them from its first line on.
func newBuilder(r *Reporter, c *pipeline.Ctx) *builder {
	b := &builder{r: r, c: c, filter: r.Filter, unstudied: maxRaw, left: maxText}
	if b.filter == nil {
		b.filter = Secret
	}
	b.gather()
	b.settings = b.flatten(r.Settings)
	return b
}

func (b *builder) report(status int, err error) *report {
	rep := &report{Status: status, Build: buildInfo()}
	rep.Title = b.text(title(status, err)+" at "+b.path(b.c.Path()), maxValue)
	rep.Detail = b.lines(err.Error(), maxMessage)
	if status == 404 {
		rep.NotFound = b.notFound()
		if ch := b.c.Chain(); ch != nil && len(b.c.Table().Routes()) == 0 && b.c.Path() == "/" {
			rep.Status, rep.Title, rep.Welcome = 200, "Wheelpit is running", true
			rep.Detail = "The application has no routes yet."
		}
	}
	if !rep.Welcome {
		rep.Errors = b.causes(err)
	}
	rep.Stack = b.stack(pipeline.StackOf(err))
	rep.Request = b.request()
	rep.Hooks, rep.Trace = b.hooks(), b.trace()
	rep.Settings = b.show(b.settings)
	return rep
}

// title names the kind of an error: its type, that of the cause when it only adds to another one.
func title(status int, err error) string {
	if status == 404 {
		return "Page not found"
	}
	for range maxList {
		switch e := err.(type) {
		case *pipeline.PanicError:
			if e.Unwrap() == nil {
				return "panic"
			}
		case *pipeline.Error:
			if e.Err == nil {
				return "pipeline.Error"
			}
		default:
			if t := fmt.Sprintf("%T", err); !wrappers[t] {
				return strings.TrimPrefix(t, "*")
			}
		}
		if inner := unwrap(err); len(inner) > 0 {
			err = inner[0]
		}
	}
	return "error"
}

// wrappers are the types that say nothing but that there is a cause.
var wrappers = map[string]bool{"*fmt.wrapError": true, "*fmt.wrapErrors": true, "*errors.joinError": true, "*pipeline.stackError": true}

// unwrap returns what err wraps.
func unwrap(err error) []error {
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return []error{inner}
		}
	case interface{ Unwrap() []error }:
		return e.Unwrap()
	}
	return nil
}

// causes lists err and what it wraps, depth first.
func (b *builder) causes(err error) []cause {
	var list []cause
	var walk func(err error, depth int)
	walk = func(err error, depth int) {
		if err == nil || len(list) == maxList/5 {
			return
		}
		list = append(list, cause{depth, fmt.Sprintf("%T", err), b.lines(err.Error(), maxMessage)})
		for _, inner := range unwrap(err) {
			walk(inner, depth+1)
		}
	}
	walk(err, 0)
	return list
}

// notFound goes through the routes as the router did.
func (b *builder) notFound() *notFound {
	if b.c.Chain() == nil {
		return nil
	}
	nf := new(notFound)
	if r := b.c.Route(); r != nil {
		nf.Matched = r.Pattern
	}
	for _, a := range b.c.Table().Tried(b.c.Path()) {
		if len(nf.Tried) == 2*maxList {
			nf.Omitted++
			continue
		}
		nf.Tried = append(nf.Tried, attempt{a.Chain, a.Name})
	}
	return nf
}

// hooks is the compiled order of steps for the route.
func (b *builder) hooks() string {
	ch, r := b.c.Chain(), b.c.Route()
	switch {
	case ch == nil:
		return ""
	case r == nil:
		r = &pipeline.Route{Pattern: "no route"}
	}
	text := ch.Explain(r)
	return b.cut(text, len(text), maxMessage)
}

// trace is what each step took, in milliseconds.
func (b *builder) trace() []traceStep {
	var list []traceStep
	for _, e := range pipeline.Trace(b.c) {
		if len(list) == maxList {
			break
		}
		s := traceStep{Kind: e.Kind, Name: b.cut(e.Name, len(e.Name), maxName), Layer: e.Layer, Start: e.Start.Seconds() * 1e3, Took: -1}
		if e.Took >= 0 {
			s.Took = e.Took.Seconds() * 1e3
		}
		if e.Err != nil {
			s.Error = b.text(e.Err.Error(), maxName)
		}
		list = append(list, s)
	}
	return list
}
