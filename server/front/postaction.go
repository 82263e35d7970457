package front

import (
	"sync/atomic"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// post_action: when a request is over, be its response whole or not, another one is made of it for the sake of what that does. Nobody
// gets its answer, and its line in the access log takes the place of the first one's: ngx_http_post_action.

// maxPostActions bounds those that are in progress, each on a goroutine of its own.
const maxPostActions = 1024

// postAction is a post_action in effect.
type postAction struct {
	uri, name string // one of them: a path, or a named location
	running   *atomic.Int64
}

// postAction compiles post_action, nil when there is none.
func (b *builder) postAction(s *scope) *postAction {
	target := s.text("post_action", "")
	if target == "" {
		return nil
	}
	a := &postAction{running: &b.rt.postActions}
	switch target[0] {
	case '/':
		a.uri = target
	case '@':
		a.name = target[1:]
	default:
		a.name = target // which no location has
	}
	return a
}

// run makes the request of the action, and reports whether it does. The one it is for is over behind this call.
func (a *postAction) run(r *request) bool {
	if a.running.Add(1) > maxPostActions {
		a.running.Add(-1)
		r.Log("error", "too many post actions in progress")
		return false
	}
	s := pipeline.Subrequest{Path: a.uri, KeepMethod: true, App: &actor{action: a, of: r.past(), rt: r.rt, srv: r.srv}}
	if a.uri == "" {
		s.Path, s.Query = string(r.c.PathView()), r.args()
	}
	s.Content, _ = r.c.BodyInMemory()
	if err := r.c.Background(s, func(error) { a.running.Add(-1) }); err != nil {
		a.running.Add(-1)
		return false
	}
	return true
}

// actor answers the request of an action. It is its pipeline.Runner.
type actor struct {
	action *postAction
	of     past
	rt     *Runtime
	srv    *virtual
}

// Run walks through the phases and writes the line of the log.
func (a *actor) Run(c *pipeline.Ctx) pipeline.Outcome {
	r := subRequestOf(c)
	a.of.lone = lone{c.Transport()}
	r.carrier = &a.of
	r.beginSub(a.rt, a.srv)
	if name := a.action.name; name != "" {
		if err := r.redirectNamed(name); err != nil {
			r.Log("error", `could not find named location "@`+name+`"`)
			return pipeline.Aborted
		}
	}
	out := a.rt.Run(c)
	if out == pipeline.Done && c.Res().Stream() != nil && c.Head.Method != http1.MethodHead {
		_ = c.SendStream() // to nobody: a gateway goes on meanwhile, and the line of the log says what came
	}
	r.logAccess()
	return out
}

// past is what a request that is over says of itself and its connection; see server.Carrier.
type past struct {
	lone
	left, head       int64
	whole            bool
	began, connected time.Time
	number           uint64
	requests         int
}

// past notes what the log will ask for.
func (r *request) past() past {
	p := past{
		head: r.carrier.SentHead(), began: r.carrier.Began(), connected: r.carrier.Connected(), number: r.carrier.Number(),
		requests: r.carrier.Requests(),
	}
	p.left, p.whole = r.carrier.Left()
	return p
}

// The methods of past tell what was so when the request was over.

func (p *past) Left() (int64, bool)  { return p.left, p.whole }
func (p *past) SentHead() int64      { return p.head }
func (p *past) Began() time.Time     { return p.began }
func (p *past) Connected() time.Time { return p.connected }
func (p *past) Number() uint64       { return p.number }
func (p *past) Requests() int        { return p.requests }
