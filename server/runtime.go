package server

import (
	"log/slog"
	"strconv"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Runner takes a request through an application as far as it goes on this goroutine, and says what has to happen next. It
// is called again for the same request until it is done. A *pipeline.Chain is one. Any reactor or worker may call it.
type Runner interface {
	Run(c *pipeline.Ctx) pipeline.Outcome
}

// Runtime is a compiled configuration. It is immutable; a server swaps one for another with one atomic store, and requests
// in flight finish on the one they began with.
type Runtime struct {
	chain     *pipeline.Chain // nil when a Runner of another kind was given
	run       Runner
	policy    *Policy // of a connection that has no place
	place     func(*loop.Conn) (any, *Policy)
	preface   func(*loop.Conn) PrefaceReader // nil when no address has one
	refuse    func(c *pipeline.Ctx, status int) pipeline.Outcome
	lines     *[900]string // status lines by status-100; nil for http1's
	accessLog func(*Entry)
	log       *slog.Logger
}

func compile(c Config) (*Runtime, error) {
	rt := &Runtime{run: c.Runner, place: c.Place, preface: c.Preface, refuse: c.Refuse, accessLog: c.AccessLog, log: c.Log}
	settings := Settings{
		HTTP: *c.HTTP, MaxBody: c.MaxBody, MaxRequests: c.MaxRequests, HeaderTimeout: c.HeaderTimeout, BodyTimeout: c.BodyTimeout,
		KeepAlive: c.KeepAlive, SendTimeout: c.SendTimeout, ServerName: c.ServerName,
	}
	if c.Runner == nil {
		app := c.App
		if app == nil {
			app = pipeline.New()
		}
		chain, err := app.Compile()
		if err != nil {
			return nil, err
		}
		rt.chain, rt.run = chain, chain
		settings.Hooked = chain.HasResponseHooks()
	}
	rt.policy = settings.Compile()
	if len(c.Reasons) > 0 {
		rt.lines = statusLines(c.Reasons)
	}
	return rt, nil
}

// statusLines makes all status lines in advance.
func statusLines(reasons map[int]string) *[900]string {
	lines := new([900]string)
	for i := range lines {
		text, ok := reasons[100+i]
		if !ok {
			text = http1.StatusText(100 + i)
		}
		lines[i] = "HTTP/1.1 " + strconv.Itoa(100+i) + " " + text + "\r\n"
	}
	return lines
}

// appendStatusLine appends the status line; a status that no line is made for becomes 500.
func (rt *Runtime) appendStatusLine(b []byte, status int) []byte {
	if rt.lines == nil {
		return http1.AppendStatusLine(b, status)
	}
	if status < 100 || status > 999 {
		status = 500
	}
	return http1.AppendString(b, rt.lines[status-100])
}

// find learns where the connection arrived.
func (s *session) find(rt *Runtime) {
	s.placeOf, s.place, s.policy = rt, nil, rt.policy
	if rt.place != nil {
		if place, policy := rt.place(s.conn); policy != nil {
			s.place, s.policy = place, policy
		}
	}
}
