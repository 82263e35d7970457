package front

// Hot: the walk through the phases runs for every request; no allocation, no map; one deferred call, which turns a panic
// into an error.

import (
	"errors"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// phase is how far a request has come, in NGINX's order.
type phase uint8

const (
	atServer  phase = iota // the server's part of the rewrite module
	atFind                 // the location is chosen
	atRewrite              // its part of the rewrite module
	atAccess               // limits, access, authentication
	atMirror               // copies of the request are sent
	atTry                  // try_files
	atContent              // the answer is made
	atFilter               // and changed on its way out
	atEnd
)

// What a phase returns besides the errors that become an answer.
var (
	errNeedBody = errors.New("front: the body is needed first")
	errAborted  = errors.New("front: the connection is to be closed")
)

// Run takes a request as far as it goes on this goroutine; see server.Runner.
func (rt *Runtime) Run(c *pipeline.Ctx) pipeline.Outcome {
	r := requestOf(c)
	if r.rt == nil {
		r.begin(rt)
		if !validHost(c.HostBytes()) && c.Head.Has(http1.Host) || c.Head.Repeats(unique) {
			r.fail(pipeline.ErrBadRequest)
		}
	}
	for {
		switch err := r.walk(); err {
		case nil:
			if r.aborted {
				return pipeline.Aborted
			}
			return pipeline.Done
		case pipeline.ErrOffload:
			return pipeline.NeedWorker
		case pipeline.ErrSuspend:
			return pipeline.Suspended
		case errNeedBody:
			return pipeline.NeedBody
		case errAborted:
			return pipeline.Aborted
		default:
			r.fail(err)
		}
	}
}

// walk runs phases until the request is answered or one returns an error.
func (r *request) walk() (err error) {
	defer func() {
		if v := recover(); v != nil {
			if err = errAborted; !pipeline.IsAbort(v) {
				err = pipeline.AsPanicError(v)
			}
		}
	}()
	for r.phase != atEnd && err == nil {
		switch r.phase {
		case atServer:
			err = r.rewriteServer()
		case atFind:
			err = r.findLocation()
		case atRewrite:
			err = r.rewriteLocation()
		case atAccess:
			err = r.hooks(r.loc.access, atMirror)
		case atMirror:
			err = r.hooks(r.loc.mirror, atTry)
		case atTry:
			err = r.tryFiles()
		case atContent:
			err = r.content()
		case atFilter:
			err = r.filters()
		}
	}
	return err
}

// hook is a step of a phase: a hook of a feature's middleware.
type hook struct {
	fn     func(*pipeline.Ctx) error
	worker bool // it may block
}

// hooks runs the hooks of a phase, and goes on with next. One that answers ends the search for an answer.
func (r *request) hooks(list []hook, next phase) error {
	for ; r.step < len(list); r.step++ {
		h := &list[r.step]
		if h.worker && !r.c.OnWorker() {
			return pipeline.ErrOffload
		}
		if err := h.fn(r.c); err != nil {
			return err
		}
		if r.c.Answered() {
			return r.answeredEarly()
		}
	}
	r.step, r.phase = 0, next
	return nil
}

// answeredEarly goes on behind a hook that answered. A refusal gets the page that the location has for it, with the fields
// the hook has set, a challenge perhaps.
func (r *request) answeredEarly() error {
	status := r.c.Res().Status
	if status < 400 {
		r.answered()
		return nil
	}
	if err := r.c.Err(); err != nil && statusOf(err) == status {
		return err
	}
	return r.statusError(status)
}

// answered goes on with the filters.
func (r *request) answered() { r.step, r.phase = 0, atFilter }

// content makes the answer.
func (r *request) content() error {
	if r.closing || r.loc.badKeepAlive(r.c) {
		r.c.CloseAfter() // before the answer, which may be ready-made
	}
	if err := r.loc.content(r); err != nil {
		return err
	}
	if r.phase == atContent { // and not moved to another location
		r.answered()
	}
	return nil
}

// filters changes the response on its way out.
func (r *request) filters() error {
	if r.step == 0 {
		r.finishHead()
	}
	for ; r.step < len(r.loc.filters); r.step++ {
		h := &r.loc.filters[r.step]
		if h.worker && !r.c.OnWorker() {
			return pipeline.ErrOffload
		}
		if err := h.fn(r.c); err != nil {
			if err != pipeline.ErrOffload { // the worker calls the same one
				r.step++
			}
			return err
		}
	}
	if r.ranged && r.c.Head.Has(http1.Range) && !r.sub {
		if err := r.loc.dir.files.Cut(r.c); err != nil {
			return err
		}
	}
	if r.oneRange && r.c.Head.Has(http1.Range) && !r.sub {
		if err := r.loc.dir.files.CutOne(r.c, r.bodySize); err != nil {
			return err
		}
	}
	r.phase = atEnd
	r.pace()
	return nil
}
