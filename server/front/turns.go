package front

import (
	"io"
	"sync"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Turns: subrequests that go on at a time begin one after the other, as NGINX's do: the next begins when the one before has ended
// or waits for an upstream.

// inTurn is the application of a subrequest that tells when it waits. It is used once.
type inTurn struct {
	app   pipeline.Runner
	waits func()
}

// Run takes the subrequest through the phases.
func (t *inTurn) Run(c *pipeline.Ctx) pipeline.Outcome {
	subRequestOf(c).waits = t.waits
	return t.app.Run(c)
}

// within is the application of a subrequest that r waits for: when it waits, r does.
func (r *request) within() pipeline.Runner {
	if r.waits == nil {
		return r.srv.sub
	}
	return &inTurn{r.srv.sub, r.waits}
}

// yield tells whoever waits for the turn of r that it will wait for somebody else.
func (r *request) yield() {
	if r.waits != nil {
		r.waits()
	}
}

// askAlong readies a GET within c that goes on by itself; see ssi.Config.Start.
func askAlong(c *pipeline.Ctx, path, args string, w io.Writer, waits func()) (run func() (int, error), err error) {
	status := 0
	s := pipeline.Subrequest{Path: path, Query: []byte(args), To: w, App: &inTurn{requestOf(c).srv.sub, waits}}
	ask, err := c.Prepare(s, func(sub *pipeline.Ctx) error {
		status = sub.Res().Status
		return nil
	})
	if err != nil {
		return nil, err
	}
	return func() (int, error) {
		err := ask()
		return status, err
	}, nil
}

// turn is the place of a copy among the copies of a request (mirror).
type turn struct {
	before *turn // nil for the first
	over   chan struct{}
	once   sync.Once
	app    pipeline.Runner
}

// turnMax bounds how long a copy waits for the one before it, which may be held up by something other than an upstream.
const turnMax = 100 * time.Millisecond

// Run takes a copy through the phases in its turn.
func (t *turn) Run(c *pipeline.Ctx) pipeline.Outcome {
	defer t.end()
	if t.before != nil {
		select {
		case <-t.before.over:
		case <-time.After(turnMax):
		}
		t.before = nil
	}
	return (&inTurn{t.app, t.end}).Run(c)
}

func (t *turn) end() { t.once.Do(func() { close(t.over) }) }

// askAside makes a subrequest that nobody waits for.
func askAside(c *pipeline.Ctx, s pipeline.Subrequest, done func(error)) error {
	r := requestOf(c)
	r.turn = &turn{before: r.turn, over: make(chan struct{}), app: r.srv.sub}
	s.App = r.turn
	return c.Background(s, done)
}
