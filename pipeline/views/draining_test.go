package views_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/views"
	"github.com/wheelpit/wheelpit/server"
)

// Events that have no end of their own end when the server shuts down: the client comes back to the next one.
func TestEventsEndWithTheServer(t *testing.T) {
	app := pipeline.New()
	app.Get("/", func(c *pipeline.Ctx) error {
		return views.SSE(c, func(e *views.EventStream) error { return e.Serve(make(chan views.Event), 0) })
	})
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	res := get(t, "GET", "http://"+s.Addrs()[0]+"/")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	began := time.Now()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
	if b, err := io.ReadAll(res.Body); err != nil || len(b) != 0 {
		t.Errorf("%q, %v", b, err)
	}
}
