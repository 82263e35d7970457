package server

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

// twice asks for a path two times on one connection, which then is closed.
func twice(t *testing.T, addr, path string) string {
	return exchangeRaw(t, addr, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\nGET "+path+" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
}

// panicking is a slog.Handler that panics.
type panicking struct{ slog.Handler }

func (panicking) Enabled(context.Context, slog.Level) bool  { return true }
func (panicking) Handle(context.Context, slog.Record) error { panic("on purpose") }

// A panic of the access log, and of the logger that is told of it, costs neither the response nor the connection nor the
// worker.
func TestPanickingAccessLog(t *testing.T) {
	_, addr := start(t, testApp(), func(c *Config) {
		c.AccessLog, c.Log = func(*Entry) { panic("on purpose") }, slog.New(panicking{slog.DiscardHandler})
	})
	for _, path := range []string{"/inline", "/worker", "/stream/1"} {
		if out := twice(t, addr, path); strings.Count(out, "HTTP/1.1 200 ") != 2 {
			t.Errorf("%s: %q", path, out)
		}
	}
}

// Neither does one of the application's logger.
func TestPanickingLogger(t *testing.T) {
	app := testApp()
	app.Logger = slog.New(panicking{slog.DiscardHandler})
	_, addr := start(t, app)
	for path, want := range map[string]string{"/none": "404", "/panic/inline": "500", "/panic/worker": "500"} {
		if out := twice(t, addr, path); strings.Count(out, "HTTP/1.1 "+want+" ") != 2 {
			t.Errorf("%s: %q", path, out)
		}
	}
	if out := exchangeRaw(t, addr, "GET /cutstream HTTP/1.1\r\nHost: a\r\n\r\n"); !strings.HasSuffix(out, "begun\r\n") {
		t.Errorf("stream: %q", out)
	}
}

// hook is a Response hook.
type hook func(*pipeline.Ctx) error

func (f hook) ProcessResponse(c *pipeline.Ctx) error { return f(c) }

// renderer is a function as a deferred response.
type renderer func(*pipeline.Ctx) error

func (f renderer) Render(c *pipeline.Ctx) error { return f(c) }

// A deferred response that a Response hook made is rendered behind all hooks; Abort means there what it means elsewhere.
func TestAbortWhileRendering(t *testing.T) {
	app := testApp()
	app.Use(hook(func(c *pipeline.Ctx) error {
		return c.Render(200, renderer(func(*pipeline.Ctx) error { pipeline.Abort(); return nil }))
	}))
	_, addr := start(t, app)
	for _, path := range []string{"/inline", "/worker"} {
		if out := twice(t, addr, path); out != "" {
			t.Errorf("%s: %q", path, out)
		}
	}
}

// brokenError is an error that panics when it is looked at.
type brokenError struct{}

func (*brokenError) Error() string { panic("on purpose") }
func (*brokenError) Is(error) bool { panic("on purpose") }

// Whatever breaks on a worker, its connection comes back: the shutdown behind this test would hang otherwise.
func TestErrorThatPanics(t *testing.T) {
	app := testApp()
	app.Get("/broken", func(*pipeline.Ctx) error { return new(brokenError) })
	app.Get("/broken/inline", func(*pipeline.Ctx) error { return new(brokenError) }, pipeline.Inline)
	app.Get("/broken/stream", func(c *pipeline.Ctx) error {
		return c.Stream(200, "", -1, func(s *pipeline.Stream) error {
			_, _ = s.Write([]byte("begun"))
			return new(brokenError)
		})
	})
	_, addr := start(t, app)
	for _, path := range []string{"/broken", "/broken/inline"} {
		if out := twice(t, addr, path); strings.Count(out, "HTTP/1.1 500 ") != 2 {
			t.Errorf("%s: %q", path, out)
		}
	}
	if out := twice(t, addr, "/broken/stream"); strings.Contains(out, "\r\n0\r\n") || strings.Count(out, "HTTP/1.1 ") > 1 {
		t.Errorf("stream: %q", out)
	}
}

// Abort ends the connection behind the responses of the requests that came before, and nothing behind it is answered.
func TestAbortLeavesEarlierAnswersAlone(t *testing.T) {
	app := testApp()
	app.Get("/abort/inline", func(*pipeline.Ctx) error { pipeline.Abort(); return nil }, pipeline.Inline)
	_, addr := start(t, app)
	const ask = " HTTP/1.1\r\nHost: a\r\n\r\n"
	for _, path := range []string{"/abort", "/abort/inline"} {
		out := exchangeRaw(t, addr, "GET /inline"+ask+"GET "+path+ask+"GET /inline"+ask)
		if strings.Count(out, "HTTP/1.1 200 ") != 1 || !strings.HasSuffix(out, "hello") {
			t.Errorf("%s: %q", path, out)
		}
	}
}

// A panic in any function that an application gives away is a response of status 500, or is dropped, and the next request on
// the connection is answered.
func TestPanicsOfWhatIsCalledAside(t *testing.T) {
	boom := func(*pipeline.Ctx) { panic("on purpose") }
	for what, test := range map[string]struct {
		change     func(*pipeline.App)
		good, evil string // the status of a request that is in order, and of one that panics
	}{
		"nothing":      {func(*pipeline.App) {}, "200", "500"},
		"OnStart":      {func(a *pipeline.App) { a.OnStart(boom) }, "500", "500"},
		"OnFinish":     {func(a *pipeline.App) { a.OnFinish(boom) }, "200", "500"},
		"OnError":      {func(a *pipeline.App) { a.OnError(func(c *pipeline.Ctx, _ error) { boom(c) }) }, "200", "500"},
		"ErrorHandler": {func(a *pipeline.App) { a.ErrorHandler(500, func(c *pipeline.Ctx) error { boom(c); return nil }) }, "200", "500"},
		"DebugPage": {func(a *pipeline.App) {
			a.Debug = true
			a.DebugPage = func(c *pipeline.Ctx, _ int, _ error) error { boom(c); return nil }
		}, "200", "500"},
		"OnClose": {func(a *pipeline.App) {
			a.Use(requestHook(func(c *pipeline.Ctx) error {
				c.OnClose(func() { boom(c) })
				c.OnClose(func() { pipeline.Abort() })
				return nil
			}))
		}, "200", "500"},
	} {
		app := testApp()
		app.Logger = slog.New(slog.DiscardHandler)
		test.change(app)
		_, addr := start(t, app)
		for path, want := range map[string]string{"/inline": test.good, "/worker": test.good, "/stream/1": test.good, "/panic/inline": test.evil, "/panic/worker": test.evil} {
			if out := twice(t, addr, path); strings.Count(out, "HTTP/1.1 ") != 2 || strings.Count(out, "HTTP/1.1 "+want+" ") != 2 {
				t.Errorf("%s, %s: %q", what, path, out)
			}
		}
	}
}
