package server

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// requestHook is a Request hook.
type requestHook func(*pipeline.Ctx) error

func (f requestHook) ProcessRequest(c *pipeline.Ctx) error { return f(c) }

// The context of a request is the same one on the reactor and on a worker, and ends when the client leaves wherever it was
// asked for first.
func TestContextOfTheReactorSeesTheClientLeave(t *testing.T) {
	app := pipeline.New()
	waiting, cause := make(chan bool, 1), make(chan error, 1)
	app.Use(requestHook(func(c *pipeline.Ctx) error { c.Context(); return nil }))
	app.Get("/wait", func(c *pipeline.Ctx) error {
		waiting <- true
		select {
		case <-c.Context().Done():
			cause <- context.Cause(c.Context())
		case <-time.After(5 * time.Second):
			cause <- errors.New("the context did not end")
		}
		return c.NoContent(204)
	})
	_, addr := start(t, app)
	c := dial(t, addr)
	_, _ = io.WriteString(c, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
	<-waiting
	_ = c.Close()
	if err := <-cause; !errors.Is(err, pipeline.ErrClientGone) {
		t.Error(err)
	}
}
