package pipeline

// Hot: runs for every request; no allocation, no map; one deferred call per segment, which turns a panic into an error.

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/wheelpit/wheelpit/router"
)

// Outcome tells the caller of Run what to do next.
type Outcome uint8

const (
	// Done: the response of c is final.
	Done Outcome = iota
	// NeedWorker: call Run again on a worker.
	NeedWorker
	// NeedBody: the next step is an inline handler; call Run again when the request body is in memory (Ctx.SetBody).
	NeedBody
	// Aborted: close the connection without a response.
	Aborted
)

// phase is where in its segment a request is.
type phase uint8

const (
	atStart phase = iota
	inRequest
	inCore
	inHandler
	inSettle // the handler has answered; what follows waits for a worker
	inExcept // within Exception and template hooks, whose own errors no Exception hook sees
	inResponse
	finished
)

// frame is the progress of a request through a segment. The outermost one lives in the Ctx, so that a request can leave
// the reactor between two steps.
type frame struct {
	phase phase
	step  int   // next index in request or response
	limit int   // Response hooks of layers ≥ limit are left out
	floor int   // layers outside the segment
	err   error // a panic, to be handled as the error of the phase
}

// Run takes c as far as it can go on this goroutine. c.worker says which kind that is.
func (ch *Chain) Run(c *Ctx) Outcome {
	c.chain = ch
	if c.frame.limit == 0 {
		c.frame.limit = everyLayer
	}
	out := ch.run(ch.top, &c.frame, c)
	if out == Done && (c.res.Status >= 400 || c.res.renderer != nil) {
		return ch.conclude(c)
	}
	return out
}

// conclude is what few responses need: one that nobody has rendered is rendered (H18), one of an error is logged.
func (ch *Chain) conclude(c *Ctx) (out Outcome) {
	defer func() { // the renderer, and the error handler of its failure, convert every panic but that of Abort
		if recover() != nil {
			out = Aborted
		}
	}()
	if c.res.renderer != nil {
		if !c.worker {
			return NeedWorker
		}
		if err := c.renderSafely(); err != nil {
			ch.convert(&frame{}, c, err, 0)
		}
	}
	if c.escaped != nil {
		ch.log(c, slog.LevelError, serverLogger, "Unhandled error: "+escapeLog(c.path), c.escaped)
	}
	if c.res.Status >= 400 {
		ch.logResponse(c)
	}
	return Done
}

// runInner is the next handler of a function-style middleware. Errors were converted inside, unless every attempt failed.
func (ch *Chain) runInner(seg *segment, c *Ctx) error {
	f := frame{phase: inRequest, limit: everyLayer, floor: seg.outer}
	switch ch.run(seg, &f, c) {
	case Done:
		err := c.escaped
		c.escaped = nil
		return err
	case Aborted:
		panic(abort{})
	default:
		return ErrNeedsWorker
	}
}

func (ch *Chain) run(seg *segment, f *frame, c *Ctx) Outcome {
	for {
		if out, ok := ch.walk(seg, f, c); ok {
			return out
		}
	}
}

// walk runs steps until something has to happen outside, or one panics.
func (ch *Chain) walk(seg *segment, f *frame, c *Ctx) (out Outcome, ok bool) {
	defer func() {
		if v := recover(); v != nil {
			if c.watch != nil && !c.worker {
				c.watch.leave()
			}
			if _, is := v.(abort); is {
				out, ok = Aborted, true
				return
			}
			f.err, ok = panicError(v), false
		}
	}()
	if f.err != nil {
		if f.phase == inHandler && !c.worker && c.target != nil && c.target.hooks.exceptWorker {
			return NeedWorker, true
		}
		err := f.err
		f.err = nil
		ch.failed(seg, f, c, err)
	}
	for f.phase != finished {
		switch f.phase {
		case atStart:
			if !c.begun {
				c.begun = true
				ch.started(c)
			}
			f.phase = inRequest
		case inRequest:
			out = ch.request(seg, f, c)
		case inCore, inHandler:
			out = ch.core(seg, f, c)
		case inSettle:
			ch.settle(f, c, nil)
		case inResponse:
			out = ch.response(seg, f, c)
		}
		if out != Done {
			return out, true
		}
	}
	return Done, true
}

// request runs the Request hooks (Django rules H4 to H6).
func (ch *Chain) request(seg *segment, f *frame, c *Ctx) Outcome {
	for ; f.step < len(seg.request); f.step++ {
		s := &seg.request[f.step]
		if s.worker && !c.worker {
			return NeedWorker
		}
		if err := s.fn(c); err != nil {
			ch.failed(seg, f, c, err)
			return Done
		}
		if c.Answered() {
			f.respond(s.layer + 1)
			return Done
		}
	}
	f.phase = inCore
	return Done
}

// respond goes over to the Response hooks of the layers below limit.
func (f *frame) respond(limit int) { f.phase, f.step, f.limit = inResponse, 0, limit }

// core resolves the URL and runs View hooks, handler and Exception hooks, or the function-style middleware that holds them.
func (ch *Chain) core(seg *segment, f *frame, c *Ctx) Outcome {
	if seg.wrap != nil {
		if !c.worker {
			return NeedWorker // what runs within cannot be left half way
		}
		f.phase = inHandler
		err := seg.wrap(c)
		if err == nil && !c.Answered() {
			err = fmt.Errorf("pipeline: middleware %s returned without an answer", seg.wrapName)
		}
		if err != nil {
			ch.convert(f, c, err, seg.inner)
			return Done
		}
		f.respond(everyLayer)
		return Done
	}
	if f.phase == inCore {
		if err := ch.resolve(c); err != nil {
			ch.convert(f, c, err, everyLayer)
			return Done
		}
		if out := ch.view(f, c); out != Done || f.phase != inCore {
			return out
		}
		f.phase = inHandler
	}
	return ch.handle(f, c)
}

// resolve finds the route (rules H7 to H9).
func (ch *Chain) resolve(c *Ctx) error {
	if c.target != nil {
		return nil
	}
	conf := ch.routesFor(c)
	c.conf = conf
	switch conf.table.Find(c.methodBit(), c.path, &c.Match) {
	case router.Found:
		c.target = &conf.targets[c.Match.Route]
		return nil
	case router.MethodNotAllowed:
		return &Error{Status: 405, Allow: c.Match.Allow.String()}
	case router.AnswerOptions:
		c.SetHeader("Allow", c.Match.Allow.String())
		c.NoContent(200)
		return nil
	case router.Failed:
		return c.Match.Err
	}
	return errNoRoute
}

// view runs the View hooks (rules H10, H11).
func (ch *Chain) view(f *frame, c *Ctx) Outcome {
	if c.Answered() {
		f.respond(everyLayer)
		return Done
	}
	views := c.target.hooks.views
	for ; c.viewStep < len(views); c.viewStep++ {
		s := &views[c.viewStep]
		if s.worker && !c.worker {
			return NeedWorker
		}
		if err := s.fn(c, c.target.route); err != nil {
			ch.convert(f, c, err, everyLayer)
			return Done
		}
		if c.Answered() {
			return ch.answered(f, c)
		}
	}
	return Done
}

// answered settles an answer, on a worker if a template hook wants one.
func (ch *Chain) answered(f *frame, c *Ctx) Outcome {
	if c.res.renderer != nil && !c.worker && c.target.hooks.templateWorker {
		f.phase = inSettle
		return NeedWorker
	}
	ch.settle(f, c, nil)
	return Done
}

// handle runs the handler (rules H12 to H17).
func (ch *Chain) handle(f *frame, c *Ctx) Outcome {
	if !c.worker {
		if !c.target.inline {
			return NeedWorker
		}
		if !c.bodyReady() {
			return NeedBody
		}
	}
	fields := len(c.res.fields)
	err := ch.call(c)
	switch {
	case err == nil && c.Answered():
	case err == nil:
		ch.convert(f, c, fmt.Errorf("pipeline: the handler of %q returned without an answer", c.target.route.Pattern), everyLayer)
		return Done
	case errors.Is(err, ErrOffload) && !c.worker:
		if len(c.paused) == 0 { // the handler begins again, and a mounted application does not
			c.res.unanswer(fields)
		}
		return NeedWorker
	case !c.worker && c.target.hooks.exceptWorker:
		f.err = err
		return NeedWorker
	default:
		ch.settle(f, c, err)
		return Done
	}
	return ch.answered(f, c)
}

// call calls the handler, where a watchdog can see it when it is on a reactor.
func (ch *Chain) call(c *Ctx) error {
	if w := c.watch; w != nil && !c.worker {
		w.enter(c.target.route)
		err := c.target.view(c)
		w.leave()
		return err
	}
	return c.target.view(c)
}

// settle runs the Exception hooks for err, renders a deferred response, and goes over to the Response hooks.
func (ch *Chain) settle(f *frame, c *Ctx, err error) {
	f.phase = inExcept
	if err != nil {
		if err = ch.except(c, err); err != nil {
			ch.convert(f, c, err, everyLayer)
			return
		}
	}
	if c.res.renderer != nil {
		if err, fatal := ch.render(c); err != nil {
			if !fatal {
				err = ch.except(c, err)
			}
			if err != nil {
				ch.convert(f, c, err, everyLayer)
				return
			} // a response that a hook gave instead is not rendered here again (H17)
		}
	}
	f.respond(everyLayer)
}

// render runs the template hooks, then the renderer. fatal errors are those the Exception hooks must not see.
func (ch *Chain) render(c *Ctx) (err error, fatal bool) {
	template := c.target.hooks.template
	for i := range template {
		if err := template[i].fn(c); err != nil {
			return err, true
		}
	}
	if !c.Answered() {
		return errors.New("pipeline: a template hook left no answer"), true
	}
	return c.renderSafely(), false
}

// except offers err to the Exception hooks; nil means that one answered.
func (ch *Chain) except(c *Ctx, err error) error {
	c.resetResponse()
	exception := c.target.hooks.exception
	for i := range exception {
		if e := exception[i].fn(c, err); e != nil {
			return e
		}
		if c.Answered() {
			return nil
		}
	}
	return err
}

// response runs the Response hooks of the layers below the limit (rules H24, H25).
func (ch *Chain) response(seg *segment, f *frame, c *Ctx) Outcome {
	for f.step < len(seg.response) {
		s := &seg.response[f.step]
		if s.worker && !c.worker && s.layer < f.limit {
			return NeedWorker
		}
		f.step++
		if s.layer >= f.limit {
			continue
		}
		err := s.fn(c)
		if err == nil && !c.Answered() {
			err = fmt.Errorf("pipeline: the Response hook of %s left no answer", s.name)
		}
		if err != nil {
			step := f.step
			if ch.convert(f, c, err, s.layer); f.phase == finished {
				return Done
			}
			f.step = step
		}
	}
	f.phase = finished
	return Done
}

// failed handles an error, returned or a panic, by the phase it came from.
func (ch *Chain) failed(seg *segment, f *frame, c *Ctx, err error) {
	switch f.phase {
	case atStart:
		ch.convert(f, c, err, 0) // no layer was entered
	case inRequest:
		ch.convert(f, c, err, seg.request[f.step].layer)
	case inHandler:
		if seg.wrap != nil {
			ch.convert(f, c, err, seg.inner)
			return
		}
		ch.settle(f, c, err)
	case inResponse:
		step := f.step
		ch.convert(f, c, err, seg.response[step-1].layer)
		f.step = step // of no meaning when the error escaped
	default:
		ch.convert(f, c, err, everyLayer)
	}
}
