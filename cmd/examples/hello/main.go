// Command hello is the smallest application: two routes, a middleware, and files.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
)

// stamp is a middleware: any value with one of the four hooks.
type stamp struct{}

func (stamp) ProcessResponse(c *pipeline.Ctx) error { return c.SetHeader("X-Powered-By", "a wheel") }

func newApp() *pipeline.App {
	app := pipeline.New()
	app.Use(stamp{})
	app.Get("/ping", func(c *pipeline.Ctx) error { // on the reactor: short, never blocks
		return c.Text(200, "pong")
	}, pipeline.Inline)
	app.Get("/hello/{name}", func(c *pipeline.Ctx) error { // on a worker: may block
		return c.Text(200, "hello "+c.Param("name"))
	})
	return app
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := server.Serve(ctx, "127.0.0.1:8080", newApp()); err != nil {
		log.Fatal(err)
	}
}
