// Package target is the server that the benchmarks measure: the routes of every scenario on one Wheelpit.
package target

import (
	"github.com/wheelpit/wheelpit/pipeline"
)

// hello is the fixed answer of 13 bytes, the same that every rival gives.
var hello = []byte("Hello, World!")

// App returns the application; files answers what no other route does.
func App(files pipeline.Handler) *pipeline.App {
	app := pipeline.New()
	fixed := func(c *pipeline.Ctx) error { return c.Static(200, "text/plain", hello) }
	app.Get("/hello", fixed, pipeline.Inline)
	app.Get("/worker", fixed)
	app.Get("/api/{a}/b/{b}/c/{c}", func(c *pipeline.Ctx) error {
		if len(c.ParamBytes("a"))+len(c.ParamBytes("b"))+len(c.ParamBytes("c")) == 0 {
			return pipeline.ErrNotFound
		}
		return fixed(c)
	}, pipeline.Inline)
	if files != nil {
		app.Mount("/", files, pipeline.Inline)
	}
	return app
}
