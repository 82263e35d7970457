package pipeline

// Hot: runs for every request; no allocation, no map; one deferred call per segment, which turns a panic into an error.

import (
	"fmt"
	"log/slog"
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
	// Suspended: the handler waits for something on the reactor, and will have Run called again.
	Suspended
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
	enter bool  // the application is mounted, and the request enters it
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
		out = ch.conclude(c)
	}
	c.aborted = out == Aborted
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
			if !c.begun || f.enter {
				c.begun, f.enter = true, false
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
