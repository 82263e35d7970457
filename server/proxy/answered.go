package proxy

import (
	"slices"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// Answer is what a sticky group's hook is told of an answer; see Upstream.Answered.
type Answer struct {
	Ctx   *pipeline.Ctx
	Group *upstream.Group
	Peer  *upstream.Peer
	// Session is set by the hook: the value that the group learns.
	Session []byte
}

// stick tells the group's hook of an answer, so that the client stays with its peer.
func (x *call) stick(c *pipeline.Ctx) {
	if x.up.Answered == nil || x.last == nil {
		return
	}
	a := Answer{Ctx: c, Group: x.up.group, Peer: x.last}
	x.up.Answered(&a)
	switch {
	case x.up.group.Sticky().Kind != upstream.StickyLearn:
	case c.OnWorker():
		x.refs.Add(1)
		x.r.Post(func() {
			x.learn(a.Session)
			x.release()
		})
	default:
		x.learn(a.Session)
	}
}

// learn has the group keep the session, or the client's own when there is no new one: at once when its sticky directive says
// "header" or the try is done, else at the end of the try.
func (x *call) learn(session []byte) {
	if x.peer != nil && !x.up.group.Sticky().Header {
		x.session, x.learns = slices.Clone(session), true
		return
	}
	x.up.group.Learn(&x.pick, x.last, session, now())
}
