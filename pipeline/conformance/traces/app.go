package traces

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// app builds the application of the scenario.
func (r *run) app() (*pipeline.App, error) {
	app := pipeline.New()
	app.Debug, app.PropagateErrors = r.scenario.Settings.Debug, r.scenario.Settings.Propagate
	app.DebugPage = func(c *pipeline.Ctx, status int, _ error) error {
		if status == 404 {
			return c.Text(status, "page:technical_404")
		}
		return c.Text(status, "page:technical_500")
	}
	app.Logger = slog.New(&recorder{r: r})
	app.OnStart(func(*pipeline.Ctx) { r.note("signal.request_started") })
	app.OnFinish(func(*pipeline.Ctx) { r.note("server.end"); r.note("signal.request_finished") })
	app.OnError(func(_ *pipeline.Ctx, err error) { r.note("signal.got_request_exception:" + className(err)) })
	for i := range r.scenario.Middleware {
		app.Use(r.middleware(&r.scenario.Middleware[i]))
	}
	if r.scenario.Settings.Atomic {
		app.Use(transaction{r})
	}
	app.Path("v/", r.view("view"), pipeline.Name("v"))
	app.Path("kw/<int:n>/", r.view("view"), pipeline.Name("kw"), pipeline.Defaults(map[string]any{"extra": "e"}))
	app.RePath("^pos/([a-z]+)/([0-9]+)/$", r.view("view"), pipeline.Name("pos"))
	app.Alternative("dref_alt").Path("alt/", r.view("altview"), pipeline.Name("alt"))
	for code, a := range r.scenario.Handlers {
		status, err := strconv.Atoi(code)
		if err != nil {
			return nil, fmt.Errorf("traces: error handler %q", code)
		}
		app.ErrorHandler(status, r.errorHandler(status, a))
	}
	return app, nil
}

func (r *run) view(owner string) pipeline.Handler {
	return func(c *pipeline.Ctx) error {
		r.event(c, owner, true, false)
		return r.act(c, r.scenario.View, owner, 200, false)
	}
}

func (r *run) errorHandler(status int, a action) pipeline.Handler {
	owner := fmt.Sprintf("handler%d", status)
	return func(c *pipeline.Ctx) error {
		event := owner
		if status != 500 {
			event += ":" + className(c.Err())
		}
		r.event(c, event, false, false)
		return r.act(c, a, owner, status, true)
	}
}

// recorder is a slog.Handler that notes records as Django's would be.
type recorder struct{ r *run }

func (h *recorder) Enabled(context.Context, slog.Level) bool { return true }
func (h *recorder) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h *recorder) WithGroup(string) slog.Handler            { return h }

// Handle notes a record; what the server would print is not Django's to log.
func (h *recorder) Handle(_ context.Context, rec slog.Record) error {
	logger := ""
	rec.Attrs(func(a slog.Attr) bool {
		if a.Key == "logger" {
			logger = a.Value.String()
		}
		return true
	})
	level := map[slog.Level]string{slog.LevelWarn: "WARNING"}[rec.Level]
	if level == "" {
		level = rec.Level.String()
	}
	if logger != "server" {
		message := strings.Replace(rec.Message, "I'm a teapot", "I'm a Teapot", 1) // as Python writes 418
		h.r.logs = append(h.r.logs, level+" django."+logger+" "+message)
	}
	return nil
}
