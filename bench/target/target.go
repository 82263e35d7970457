// Package target is the server that the benchmarks measure: the routes of every scenario on one Wheelpit.
package target

import (
	"context"
	"fmt"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/static"
)

// hello is the fixed answer of 13 bytes, the same that every rival gives.
var hello = []byte("Hello, World!")

func fixed(c *pipeline.Ctx) error { return c.Static(200, "text/plain", hello) }

// Run serves the routes of the scenarios, and the files of dir, on addr until ctx ends.
func Run(ctx context.Context, addr, dir string) error {
	files, err := static.New(static.Options{Root: dir})
	if err != nil {
		return fmt.Errorf("target: %w", err)
	}
	return server.Run(ctx, server.Config{Listen: []string{addr}, App: App(files.Serve), Backlog: 4096})
}

// App returns the application; files answers what no other route does.
func App(files pipeline.Handler) *pipeline.App {
	api := pipeline.New()
	api.Use(&counter{}, &counter{}, &counter{}, &counter{}, &counter{})
	api.Get("/{a}/b/{b}/c/{c}", route, pipeline.Inline)
	app := pipeline.New()
	app.Get("/hello", fixed, pipeline.Inline)
	app.Get("/worker", fixed)
	app.MountApp("/api/", api)
	app.Mount("/", files, pipeline.Inline)
	return app
}

// route looks at its three parameters, so that they are not only matched.
func route(c *pipeline.Ctx) error {
	if len(c.ParamBytes("a")) == 0 || len(c.ParamBytes("b")) == 0 || len(c.ParamBytes("c")) == 0 {
		return pipeline.ErrNotFound
	}
	return fixed(c)
}

// counter is a middleware with a hook on each way.
type counter struct{ requests, responses int }

func (m *counter) ProcessRequest(*pipeline.Ctx) error  { m.requests++; return nil }
func (m *counter) ProcessResponse(*pipeline.Ctx) error { m.responses++; return nil }
