package traces

import (
	"errors"
	"fmt"

	"github.com/wheelpit/wheelpit/pipeline"
)

// trail is the field in which middleware leave their names on a response.
const trail = "X-Trail"

// hooks are those of a middleware besides the onion's; one that the scenario does not define does nothing.
type hooks struct {
	*middleware
	r *run
}

// Name is that of the class in Django's module.
func (h hooks) Name() string { return "dref_mw." + h.middleware.Name }

func (h hooks) ProcessView(c *pipeline.Ctx, _ *pipeline.Route) error {
	a, ok := h.Hooks["process_view"]
	if !ok {
		return nil
	}
	owner := h.middleware.Name + ".process_view"
	h.r.event(c, owner, true, true)
	return h.r.act(c, a, owner, 200, false)
}

func (h hooks) ProcessException(c *pipeline.Ctx, err error) error {
	a, ok := h.Hooks["process_exception"]
	if !ok {
		return nil
	}
	owner := h.middleware.Name + ".process_exception"
	h.r.event(c, owner+":"+className(err), false, false)
	return h.r.act(c, a, owner, 200, false)
}

func (h hooks) ProcessTemplateResponse(c *pipeline.Ctx) error {
	a, ok := h.Hooks["process_template_response"]
	if !ok {
		return nil
	}
	owner := h.middleware.Name + ".process_template_response"
	h.r.event(c, fmt.Sprintf("%s:%d", owner, c.Res().Status), false, false)
	return h.r.act(c, a, owner, 200, true)
}

// mixin is a middleware of hook style.
type mixin struct{ hooks }

func (m mixin) ProcessRequest(c *pipeline.Ctx) error {
	a, ok := m.Hooks["process_request"]
	if !ok {
		return nil
	}
	owner := m.middleware.Name + ".process_request"
	m.r.event(c, owner, false, false)
	return m.r.act(c, a, owner, 200, false)
}

func (m mixin) ProcessResponse(c *pipeline.Ctx) error {
	a, ok := m.Hooks["process_response"]
	if !ok {
		return nil
	}
	return m.leave(c, a, "process_response")
}

// leave is the way out of a middleware: its name is left on the response that goes on.
func (h hooks) leave(c *pipeline.Ctx, a action, hook string) error {
	owner := h.middleware.Name + "." + hook
	h.r.event(c, fmt.Sprintf("%s:%d", owner, c.Res().Status), false, false)
	if err := h.r.act(c, a, owner, 200, true); err != nil {
		return err
	}
	return c.AddHeader(trail, h.middleware.Name)
}

// onion is a middleware of function style.
type onion struct{ hooks }

func (o onion) Wrap(next pipeline.Handler) pipeline.Handler {
	return func(c *pipeline.Ctx) error {
		name := o.middleware.Name
		o.r.event(c, name+".before", false, false)
		if err := o.r.act(c, o.Hooks["before"], name+".before", 200, false); err != nil || c.Answered() {
			return err
		}
		if err := next(c); err != nil {
			o.r.note(name + ".caught:" + className(err))
			return err
		}
		return o.leave(c, o.Hooks["after"], "after")
	}
}

// unusable is a middleware that does not come to be.
type unusable struct{ hooks }

func (u unusable) Load(*pipeline.App) error {
	switch u.Style {
	case "not_used":
		u.r.note("load:" + u.middleware.Name + "!MiddlewareNotUsed")
		if u.Message != "" {
			return pipeline.NotUsed(u.Message)
		}
		return pipeline.ErrNotUsed
	case "factory_raise":
		return errors.New("from the factory")
	}
	return nil
}

// Wrap is the factory that returns nothing.
func (u unusable) Wrap(pipeline.Handler) pipeline.Handler { return nil }

func (r *run) middleware(m *middleware) pipeline.Middleware {
	h := hooks{m, r}
	switch m.Style {
	case "mixin":
		return mixin{h}
	case "onion":
		return onion{h}
	}
	return unusable{h}
}
