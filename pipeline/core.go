package pipeline

// Hot: runs for every request; no allocation, no map, no defer. What lies within all layers: the URL is resolved, View hooks,
// handler and Exception hooks run, a deferred response is rendered.

import (
	"errors"
	"fmt"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/router"
)

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
	if c.Head.Form == http1.FormAsterisk { // of the server as a whole (RFC 9110 section 9.3.7)
		return c.NoContent(200)
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
	case errors.Is(err, ErrSuspend) && !c.worker:
		if len(c.paused) == 0 {
			c.res.unanswer(fields)
		}
		return Suspended
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
