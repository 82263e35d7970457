// Command middleware shows the three kinds of middleware: one of hooks, one that is a function around the rest, and
// built-in ones.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/middleware"
	"github.com/wheelpit/wheelpit/server"
)

// tenant is a middleware of hooks: it runs on the reactor, before the URL is resolved and after the response is made.
type tenant struct{ known map[string]bool }

type tenantKey struct{}

// ProcessRequest answers requests without a tenant; the others go on.
func (m tenant) ProcessRequest(c *pipeline.Ctx) error {
	name := c.Header("X-Tenant")
	if !m.known[name] {
		return c.Text(403, "unknown tenant\n")
	}
	c.Set(tenantKey{}, name)
	return nil
}

// ProcessResponse sees every response of what is within, and its own refusals.
func (m tenant) ProcessResponse(c *pipeline.Ctx) error {
	return c.AddHeader("Vary", "X-Tenant")
}

// timing is a middleware that is a function: it stands around the rest, on a worker.
func timing(next pipeline.Handler) pipeline.Handler {
	return func(c *pipeline.Ctx) error {
		began := time.Now()
		if err := next(c); err != nil {
			return err
		}
		return c.SetHeader("Server-Timing", "app;dur="+time.Since(began).Round(time.Microsecond).String())
	}
}

func newApp(accessLog *middleware.AccessLog) *pipeline.App {
	app := pipeline.New()
	app.Use( // the outermost first
		accessLog,
		&middleware.RequestID{},
		&middleware.RateLimit{Rate: 5, Burst: 10, Headers: true},
		tenant{known: map[string]bool{"acme": true}},
		timing,
	)
	app.Get("/whoami", func(c *pipeline.Ctx) error {
		return c.Text(200, c.Get(tenantKey{}).(string)+" in request "+middleware.GetRequestID(c)+"\n")
	})
	return app
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	accessLog := &middleware.AccessLog{Writer: os.Stdout}
	defer func() { _ = accessLog.Flush() }()
	if err := server.Serve(ctx, "127.0.0.1:8080", newApp(accessLog)); err != nil {
		log.Print(err)
	}
}
