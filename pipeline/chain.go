package pipeline

import (
	"fmt"
	"math"
	"strings"

	"github.com/wheelpit/wheelpit/router"
)

// Chain is a compiled application: immutable, shared by all reactors and workers.
type Chain struct {
	// Warnings are what the router found worth saying: shadowed routes, odd patterns.
	Warnings []router.Warning

	top       *segment
	table     *router.Table
	routes    []*Route
	views     []viewStep
	exception []exceptionStep
	template  []step
	errors    [200]Handler // by status-400
	depth     int          // number of layers
	debug     bool
	onError   func(*Ctx, error)
}

// step is one hook in a flat array.
type step struct {
	fn     func(*Ctx) error
	layer  int
	worker bool
	name   string
}

type viewStep struct {
	fn     func(*Ctx, *Route) error
	worker bool
	name   string
}

type exceptionStep struct {
	fn   func(*Ctx, error) error
	name string
}

// segment is a run of hook-style middleware: two arrays walked in opposite directions. Within the last one lies the core
// (resolve, views, handler); within any other a function-style middleware, whose next handler is the following segment.
type segment struct {
	request  []step // outermost first
	response []step // innermost first
	outer    int    // layers outside this segment
	inner    int    // layers up to its end
	wrap     Handler
	wrapName string
	next     *segment // within wrap
}

// everyLayer is the limit of the Response half when no layer is left out.
const everyLayer = math.MaxInt

// layout compiles layers into segments, from the inside out because a function-style middleware needs its next.
func (ch *Chain) layout(layers []layer) {
	end := len(layers)
	var inside *segment
	for i := len(layers); i >= 0; i-- {
		var f func(Handler) Handler
		if i > 0 {
			f, _ = layers[i-1].mw.(func(Handler) Handler)
		}
		if i > 0 && f == nil {
			continue
		}
		seg := ch.segment(layers[i:end], i)
		if inside != nil {
			next, fn := inside, layers[end].mw.(func(Handler) Handler)
			seg.wrap = fn(func(c *Ctx) error { return ch.runInner(next, c) })
			seg.wrapName, seg.next = layers[end].name, inside
		}
		inside, end = seg, i-1
	}
	ch.top, ch.depth = inside, len(layers)
	for i := range layers {
		l := &layers[i]
		if h, ok := l.mw.(ViewHook); ok {
			ch.views = append(ch.views, viewStep{h.ProcessView, l.worker, l.name})
		}
	}
	for i := len(layers) - 1; i >= 0; i-- {
		l := &layers[i]
		if h, ok := l.mw.(ExceptionHook); ok {
			ch.exception = append(ch.exception, exceptionStep{h.ProcessException, l.name})
		}
		if h, ok := l.mw.(TemplateHook); ok {
			ch.template = append(ch.template, step{fn: h.ProcessTemplateResponse, name: l.name})
		}
	}
}

func (ch *Chain) segment(layers []layer, outer int) *segment {
	seg := &segment{outer: outer, inner: outer + len(layers)}
	for i := range layers {
		if h, ok := layers[i].mw.(RequestHook); ok {
			seg.request = append(seg.request, step{h.ProcessRequest, outer + i, layers[i].worker, layers[i].name})
		}
	}
	for i := len(layers) - 1; i >= 0; i-- {
		if h, ok := layers[i].mw.(ResponseHook); ok {
			seg.response = append(seg.response, step{h.ProcessResponse, outer + i, layers[i].worker, layers[i].name})
		}
	}
	return seg
}

// Routes returns the routes in the order they were declared.
func (ch *Chain) Routes() []*Route { return ch.routes }

// Table returns the compiled router.
func (ch *Chain) Table() *router.Table { return ch.table }

// HasResponseHooks tells whether any step runs after the handler, so that a response made ready in advance may not
// simply be sent.
func (ch *Chain) HasResponseHooks() bool {
	return ch.top.wrap != nil || len(ch.top.response) > 0
}

// Explain prints the compiled order of steps for a route.
func (ch *Chain) Explain(r *Route) string {
	var b strings.Builder
	where := func(worker bool) string {
		if worker {
			return "worker"
		}
		return "reactor"
	}
	fmt.Fprintf(&b, "%s\n", r.Pattern)
	indent := "  "
	for seg := ch.top; ; {
		for _, s := range seg.request {
			fmt.Fprintf(&b, "%srequest    %s (%s)\n", indent, s.name, where(s.worker))
		}
		if seg.wrap == nil {
			break
		}
		fmt.Fprintf(&b, "%sfunction   %s\n", indent, seg.wrapName)
		seg = seg.next
	}
	fmt.Fprintf(&b, "%sresolve\n", indent)
	for _, s := range ch.views {
		fmt.Fprintf(&b, "%sview       %s (%s)\n", indent, s.name, where(s.worker))
	}
	fmt.Fprintf(&b, "%shandler    (%s)\n", indent, where(!r.Inline))
	for _, s := range ch.exception {
		fmt.Fprintf(&b, "%sexception  %s (on error)\n", indent, s.name)
	}
	explainResponse(&b, ch.top)
	return b.String()
}

func explainResponse(b *strings.Builder, seg *segment) {
	if seg.next != nil {
		explainResponse(b, seg.next)
	}
	for _, s := range seg.response {
		fmt.Fprintf(b, "  response   %s\n", s.name)
	}
}
