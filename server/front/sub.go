package front

import (
	"errors"
	"io"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/filter"
	"github.com/wheelpit/wheelpit/server/ssi"
)

// Subrequests: what a request asks of its own server while it is answered. Each walks through the phases with a request of
// its own, from the server's rewrites on.

type subKey struct{}

// subRequestOf returns the request of a Ctx that is a subrequest.
func subRequestOf(c *pipeline.Ctx) *request {
	if r, ok := c.Get(subKey{}).(*request); ok {
		return r
	}
	r := &request{c: c, sub: true}
	carrier, ok := c.Main().Transport().(server.Carrier)
	if !ok {
		carrier = lone{c.Transport()}
	}
	r.carrier = carrier
	c.Set(subKey{}, r)
	return r
}

// subrequests is the application that answers the subrequests of a server. It is no Chain, because a location may run one.
type subrequests struct {
	rt  *Runtime
	srv *virtual
}

// Run takes a subrequest through the phases.
func (s *subrequests) Run(c *pipeline.Ctx) pipeline.Outcome {
	r := subRequestOf(c)
	if r.rt == nil {
		filter.MarkNested(c)
		ssi.Share(c.Main(), c)
		r.beginSub(s.rt, s.srv)
	}
	outcome := s.rt.Run(c)
	if outcome == pipeline.Done && r.loc.logSub {
		r.logAccess()
	}
	return outcome
}

// ask has the server answer a GET within c; see filter.Subrequest.
func ask(c *pipeline.Ctx, path, args string, w io.Writer) (status int, err error) {
	s := pipeline.Subrequest{Path: path, Query: []byte(args), To: w, App: requestOf(c).within()}
	err = c.Subrequest(s, func(sub *pipeline.Ctx) error {
		status = sub.Res().Status
		return nil
	})
	return status, err
}

// askInMemory is ask for what is kept in memory as a whole: what the location that answers says bounds it
// (subrequest_output_buffer_size).
func askInMemory(c *pipeline.Ctx, path, args string, w io.Writer) (status int, err error) {
	bounded := &bounded{to: w, app: requestOf(c).within()}
	s := pipeline.Subrequest{Path: path, Query: []byte(args), To: bounded, App: bounded}
	err = c.Subrequest(s, func(sub *pipeline.Ctx) error {
		status = sub.Res().Status
		return nil
	})
	return status, err
}

// bounded is the application of a subrequest and where its body goes.
type bounded struct {
	app  pipeline.Runner
	to   io.Writer
	left int64 // bytes
}

var errLargeSub = errors.New("front: too big subrequest response")

// Run takes the subrequest through the phases.
func (b *bounded) Run(c *pipeline.Ctx) pipeline.Outcome {
	outcome := b.app.Run(c)
	b.left = subRequestOf(c).loc.subBuffer
	return outcome
}

// Write passes p on, if it is not too much.
func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errLargeSub
	}
	return b.to.Write(p)
}

// askWith makes a subrequest for a feature that looks at its answer.
func askWith(c *pipeline.Ctx, s pipeline.Subrequest, done func(sub *pipeline.Ctx) error) error {
	s.App = requestOf(c).within()
	return c.Subrequest(s, done)
}

// lone is the Carrier of a subrequest in the background, which has no connection.
type lone struct{ pipeline.Transport }

// The methods of lone answer nothing; see server.Carrier.

func (lone) Place() any             { return nil }
func (lone) Treat(*server.Policy)   {}
func (lone) Slot() *server.Resetter { return new(server.Resetter) }
func (lone) KeepAlive() bool        { return false }
func (lone) Requests() int          { return 1 }
func (lone) Sent() int64            { return 0 }
func (lone) SentHead() int64        { return 0 }
func (lone) Left() (int64, bool)    { return 0, false }
func (lone) Unread() int64          { return 0 }
func (lone) Announced() int64       { return 0 }
func (lone) EndAfter(func() bool)   {}
func (lone) Began() time.Time       { return time.Now() }
func (lone) Connected() time.Time   { return time.Now() }
func (lone) Number() uint64         { return 0 }
func (lone) Pipelined() bool        { return false }
func (lone) Stats() server.Stats    { return server.Stats{} }
func (lone) Preface() any           { return nil }
func (lone) States() server.States  { return server.States{} }
func (lone) Continue()              {}

func (lone) TCPInfo() (info loop.TCPInfo, ok bool) { return info, false }
func (lone) Pace(int64, int64)                     {}
