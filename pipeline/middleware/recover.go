package middleware

import (
	"errors"
	"net/http"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Recover decides what is done with panics: it counts them, sends them to a tracker, answers in its own way. It is not
// needed to survive them, nor to find them in a log, and so it is thin: the pipeline makes a *pipeline.PanicError of every
// panic, logs it with its stack to App.Logger, tells App.OnError, and answers with the page of 500.
//
// Use it as the outermost middleware: it then sees the panics of handlers, of view hooks and of the other hooks of all
// middleware within, each once; not those of Handle, nor of a function that streams a body (App.OnError has those). A panic
// with http.ErrAbortHandler closes the connection without a response, as in net/http, and is not reported.
type Recover struct {
	// Handle is told of a panic; pipeline.FormatStack(p.Stack) prints where it happened. It may answer. When it does not,
	// other Exception hooks and then the page of 500 do; an error it returns takes the place of p. It must not block: it
	// runs where the panic happened, perhaps on the reactor. Nil leaves panics to the pipeline.
	Handle func(c *pipeline.Ctx, p *pipeline.PanicError) error
}

// ProcessException sees the panics of handlers.
func (m *Recover) ProcessException(c *pipeline.Ctx, err error) error { return m.see(c, err) }

// ProcessResponse sees the panics of hooks, by the error page that was made of them.
func (m *Recover) ProcessResponse(c *pipeline.Ctx) error {
	if c.Err() == nil {
		return nil
	}
	return m.see(c, c.Err())
}

// handling is what Recover keeps in the request while it handles a panic, so that a panic of Handle is
// not handed to it again, over and over.
type handling struct{}

func (m *Recover) see(c *pipeline.Ctx, err error) error {
	var p *pipeline.PanicError
	if !errors.As(err, &p) {
		return nil
	}
	before := c.Get(m)
	if before == p {
		return nil
	}
	if c.Set(m, p); before == (handling{}) {
		return nil
	}
	if v, ok := p.Value.(error); ok && errors.Is(v, http.ErrAbortHandler) {
		pipeline.Abort()
	}
	if m.Handle == nil {
		return nil
	}
	c.Set(m, handling{})
	err = m.Handle(c, p)
	c.Set(m, p)
	return err
}
