package proxy

import (
	"time"

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
	if len(a.Session) > 0 {
		x.up.group.Learn(&x.pick, x.last, a.Session, time.Now().UnixMilli())
	}
}
