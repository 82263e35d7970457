package front

import (
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/script"
)

// updater fetches fresh answers in the background.
type updater struct{ rt *Runtime }

// begin begins a request of the server's own in the same location, with the variables as they are now: NGINX's cloned subrequest.
// Other than there the client is not held back by it.
func (u *updater) begin(c *pipeline.Ctx, t *proxy.Task) error {
	r := requestOf(c)
	again := &updating{rt: u.rt, srv: r.srv, loc: r.loc, internal: r.internal, task: t, vars: script.Save(c)}
	body, _ := c.BodyInMemory()
	return c.Background(pipeline.Subrequest{
		Path: c.PathView(), Query: r.args(), KeepMethod: true, Content: body, App: again,
	}, nil)
}

// updating is the application of such a request: the location's gateway alone.
type updating struct {
	rt       *Runtime
	srv      *virtual
	loc      *location
	internal bool
	task     *proxy.Task
	vars     *script.Saved
}

// Run fetches; see pipeline.Runner.
func (u *updating) Run(c *pipeline.Ctx) pipeline.Outcome {
	r := subRequestOf(c)
	r.beginSub(u.rt, u.srv)
	u.vars.Restore(c)
	r.loc, r.internal = u.loc, u.internal
	if err := u.loc.gate.h.Update(c, u.task); err != nil {
		r.Log("error", "cache: background update: "+err.Error())
	}
	if !c.Answered() {
		_ = c.NoContent(204) // nobody looks at it
	}
	return pipeline.Done
}
