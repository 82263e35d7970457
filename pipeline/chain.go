package pipeline

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/router"
)

// Chain is a compiled application: immutable, shared by all reactors and workers.
type Chain struct {
	// Warnings are what the router found worth saying: shadowed routes, odd patterns.
	Warnings []router.Warning

	top     *segment
	root    *urlconf
	hosts   *router.Hosts // nil without host routing
	byHost  []*urlconf
	named   map[string]*urlconf
	confs   []*urlconf // all of them
	hooks   hookSet    // of a route that no Selective middleware leaves out
	depth   int        // number of layers
	wrapped bool       // a ViewWrapper surrounds the handlers

	debug     bool
	debugPage func(*Ctx, int, error) error
	propagate bool
	logger    *slog.Logger
	signals   signals
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
	layer  int
	worker bool
	name   string
}

type exceptionStep struct {
	fn     func(*Ctx, error) error
	layer  int
	worker bool
	name   string
}

// hookSet are the arrays around the handler of a route.
type hookSet struct {
	views     []viewStep      // outermost first
	exception []exceptionStep // innermost first
	template  []step          // innermost first

	exceptWorker, templateWorker bool // some hook of that kind needs a worker
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
func (ch *Chain) layout(layers []layer) error {
	var faults []error
	end := len(layers)
	var inside *segment
	for i := len(layers); i >= 0; i-- {
		if i > 0 && layers[i-1].wrap == nil {
			continue
		}
		seg := ch.segment(layers[i:end], i)
		if inside != nil {
			next, l := inside, &layers[end]
			seg.wrap = l.wrap(func(c *Ctx) error { return ch.runInner(next, c) })
			if seg.wrap == nil {
				faults = append(faults, fmt.Errorf("pipeline: middleware %s returned a nil handler", l.name))
			}
			seg.wrapName, seg.next = l.name, inside
		}
		inside, end = seg, i-1
	}
	ch.top, ch.depth = inside, len(layers)
	ch.flatten(layers)
	return errors.Join(errors.Join(faults...), ch.wrapViews(layers))
}

// flatten makes the arrays of the hooks that surround the handler directly.
func (ch *Chain) flatten(layers []layer) {
	for i := range layers {
		l := &layers[i]
		if h, ok := l.mw.(ViewHook); ok {
			ch.hooks.views = append(ch.hooks.views, viewStep{h.ProcessView, i, l.worker, l.name})
		}
	}
	for i := len(layers) - 1; i >= 0; i-- {
		l := &layers[i]
		if h, ok := l.mw.(ExceptionHook); ok {
			ch.hooks.exception = append(ch.hooks.exception, exceptionStep{h.ProcessException, i, l.worker, l.name})
		}
		if h, ok := l.mw.(TemplateHook); ok {
			ch.hooks.template = append(ch.hooks.template, step{h.ProcessTemplateResponse, i, l.worker, l.name})
		}
	}
}

// assign gives each route the arrays of the hooks it has: all the same ones, but where a Selective middleware leaves it out.
func (ch *Chain) assign(layers []layer) {
	ch.hooks.lookForWorkers()
	for _, conf := range ch.confs {
		for i := range conf.targets {
			t := &conf.targets[i]
			t.hooks = &ch.hooks
			if slices.ContainsFunc(layers, func(l layer) bool { return leavesOut(&l, t.route) }) {
				t.hooks = ch.hooks.without(func(l int) bool { return leavesOut(&layers[l], t.route) })
			}
		}
	}
}

func leavesOut(l *layer, r *Route) bool {
	s, ok := l.mw.(Selective)
	return ok && !s.Selects(r)
}

// without returns a copy of the arrays without the hooks of some layers.
func (h *hookSet) without(left func(layer int) bool) *hookSet {
	less := &hookSet{
		views:     slices.DeleteFunc(slices.Clone(h.views), func(s viewStep) bool { return left(s.layer) }),
		exception: slices.DeleteFunc(slices.Clone(h.exception), func(s exceptionStep) bool { return left(s.layer) }),
		template:  slices.DeleteFunc(slices.Clone(h.template), func(s step) bool { return left(s.layer) }),
	}
	less.lookForWorkers()
	return less
}

func (h *hookSet) lookForWorkers() {
	h.exceptWorker = slices.ContainsFunc(h.exception, func(s exceptionStep) bool { return s.worker })
	h.templateWorker = slices.ContainsFunc(h.template, func(s step) bool { return s.worker })
}

// wrapViews has every ViewWrapper wrap every handler, the outermost outermost.
func (ch *Chain) wrapViews(layers []layer) error {
	var faults []error
	for i := len(layers) - 1; i >= 0; i-- {
		w, ok := layers[i].mw.(ViewWrapper)
		if !ok {
			continue
		}
		ch.wrapped = true
		for _, conf := range ch.confs {
			for k := range conf.targets {
				t := &conf.targets[k]
				if leavesOut(&layers[i], t.route) {
					continue
				}
				if t.view = w.WrapView(t.route, t.view); t.view == nil {
					faults = append(faults, fmt.Errorf("pipeline: middleware %s makes a nil handler of route %q", layers[i].name, t.route.Pattern))
				}
				t.inline = t.inline && !layers[i].worker
			}
		}
	}
	return errors.Join(faults...)
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

// Routes returns the routes of the App itself in the order they were declared; the integers of Table are its indices.
func (ch *Chain) Routes() []*Route {
	routes := make([]*Route, len(ch.root.targets))
	for i := range routes {
		routes[i] = ch.root.targets[i].route
	}
	return routes
}

// Table returns the compiled router of the App's own routes.
func (ch *Chain) Table() *router.Table { return ch.root.table }

// Table returns the router that the request is dispatched with: before that, the one of the App's own routes.
func (c *Ctx) Table() *router.Table {
	if c.conf != nil {
		return c.conf.table
	}
	return c.chain.root.table
}

// HasResponseHooks tells whether anything runs after a handler, so that a response made ready in advance may not simply be
// sent.
func (ch *Chain) HasResponseHooks() bool {
	return ch.top.wrap != nil || len(ch.top.response) > 0 || ch.wrapped
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
	hooks := ch.hooksOf(r)
	for _, s := range hooks.views {
		fmt.Fprintf(&b, "%sview       %s (%s)\n", indent, s.name, where(s.worker))
	}
	fmt.Fprintf(&b, "%shandler    (%s)\n", indent, where(!r.Inline))
	for _, s := range hooks.exception {
		fmt.Fprintf(&b, "%sexception  %s (on error)\n", indent, s.name)
	}
	for _, s := range hooks.template {
		fmt.Fprintf(&b, "%stemplate   %s (when rendered)\n", indent, s.name)
	}
	explainResponse(&b, ch.top)
	return b.String()
}

// hooksOf returns the arrays of a route of the application.
func (ch *Chain) hooksOf(r *Route) *hookSet {
	for _, conf := range ch.confs {
		for i := range conf.targets {
			if conf.targets[i].route == r {
				return conf.targets[i].hooks
			}
		}
	}
	return &ch.hooks
}

func explainResponse(b *strings.Builder, seg *segment) {
	if seg.next != nil {
		explainResponse(b, seg.next)
	}
	for _, s := range seg.response {
		fmt.Fprintf(b, "  response   %s\n", s.name)
	}
}
