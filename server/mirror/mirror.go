// Package mirror sends copies of requests to other locations in the background: NGINX's mirror and mirror_request_body.
//
//	m, err := mirror.New(mirror.Config{URIs: []string{"/mirror"}, Body: true})
//	app.Use(m)
//
// A copy has the method, the query, the fields and, with Body, the body of the request; nobody looks at its answer, and the
// request does not wait for it. Place the hook behind those that admit requests. With Body the request is read whole into
// memory before it goes on, within its limit, so mirroring runs on a worker then; requests that are copies are not mirrored.
//
// # Limits
//
// At most MaxInFlight copies of a hook are in progress; further ones are dropped, and the log is told (NGINX: no limit, but
// a connection waits for its copies before its next request).
package mirror

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"github.com/wheelpit/wheelpit/pipeline"
)

// MaxInFlight is how many copies are in progress at most unless the Config says otherwise.
const MaxInFlight = 1024

// Config is what the directives say in one location.
type Config struct {
	// URIs are where the copies go (mirror), each beginning with "/".
	URIs []string
	// Body sends the body of the request along (mirror_request_body; the default of that directive is on).
	Body bool
	// InFlight bounds the copies in progress; 0 means MaxInFlight.
	InFlight int64
	// Send begins a subrequest in the background and calls done at its end; the default is Ctx.Background, within the
	// application of the hook.
	Send func(c *pipeline.Ctx, s pipeline.Subrequest, done func(error)) error
	// Log is told of copies that are dropped, with slog.LevelWarn, or fail, with slog.LevelError; the Ctx is nil where the
	// request may be over. It may be nil, and must not block.
	Log func(c *pipeline.Ctx, level slog.Level, message string)
}

// Mirror is a pipeline.RequestHook. Any goroutine may use it.
type Mirror struct {
	Config
	inFlight atomic.Int64
	done     func(error)
}

// New compiles c.
func New(c Config) (*Mirror, error) {
	if len(c.URIs) == 0 {
		return nil, errors.New("mirror: no URI")
	}
	for _, u := range c.URIs {
		if !strings.HasPrefix(u, "/") {
			return nil, fmt.Errorf("mirror: %q is no path", u)
		}
	}
	if c.InFlight <= 0 {
		c.InFlight = MaxInFlight
	}
	if c.Send == nil {
		c.Send = (*pipeline.Ctx).Background
	}
	m := &Mirror{Config: c}
	m.done = m.finished
	return m, nil
}

// NeedsWorker tells whether bodies are read.
func (m *Mirror) NeedsWorker() bool { return m.Body }

// ProcessRequest sends the copies. It answers only when the body cannot be read.
func (m *Mirror) ProcessRequest(c *pipeline.Ctx) error {
	if c.IsSubrequest() {
		return nil
	}
	s := pipeline.Subrequest{Query: c.QueryBytes(), KeepMethod: true}
	if m.Body {
		body, err := c.Body()
		if err != nil {
			return err
		}
		s.Content = body
	}
	for _, s.Path = range m.URIs {
		if m.inFlight.Add(1) > m.InFlight {
			m.inFlight.Add(-1)
			m.say(c, slog.LevelWarn, "mirror: too many copies in progress, request is not mirrored")
			continue
		}
		if err := m.Send(c, s, m.done); err != nil {
			m.inFlight.Add(-1)
			m.say(c, slog.LevelError, err.Error())
		}
	}
	return nil
}

// finished is told of the end of each copy, on a goroutine of its own.
func (m *Mirror) finished(err error) {
	m.inFlight.Add(-1)
	if err != nil {
		m.say(nil, slog.LevelError, err.Error())
	}
}

func (m *Mirror) say(c *pipeline.Ctx, level slog.Level, message string) {
	if m.Log != nil {
		m.Log(c, level, message)
	}
}
