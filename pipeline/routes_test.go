package pipeline

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/router"
)

// say answers with text and what it knows of where it is.
func say(text string) Handler {
	return func(c *Ctx) error {
		return c.Text(200, text+" "+c.Match.Info().ViewName+" "+c.Param("id")+" "+c.Param("kind"))
	}
}

func content(c *Ctx) string {
	var b strings.Builder
	for _, p := range c.Res().Parts() {
		b.Write(p.Bytes)
	}
	return b.String()
}

// Routes are included twice, with namespaces and defaults, and chosen by host and by a hook.
func TestWhichRoutes(t *testing.T) {
	polls := NewRoutes()
	polls.Path("<int:id>/", say("poll"), Name("detail"))
	app := New()
	app.Logger = slog.New(slog.DiscardHandler)
	app.Include("polls/", polls, Scope{App: "polls", Kwargs: map[string]any{"kind": "open"}})
	app.Include("old/", polls, Scope{App: "polls", Namespace: "archive"})
	app.Get("/where", say("root"), Name("where"))
	api := app.Host("api.example.com")
	api.Get("/where", say("api"), Name("where"))
	api.ErrorHandler(404, func(c *Ctx) error { return c.Text(404, "no such call") })
	app.Host("*.example.org").Get("/where", say("wild"))
	app.Alternative("beta").Get("/where", say("beta"))
	app.Use(chooser{})
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ line, host, want string }{
		{"GET /polls/7/", "a", "200 poll polls:detail 7 open"},
		{"GET /old/7/", "a", "200 poll archive:detail 7 "},
		{"GET /where", "a", "200 root where  "},
		{"GET /where", "api.example.com", "200 api where  "},
		{"GET /where", "API.Example.com.:8080", "200 api where  "},
		{"GET /where", "x.example.org", "200 wild   "},
		{"GET /where", "example.org", "200 root where  "},
		{"GET /none", "api.example.com", "404 no such call"},
		{"GET /where?beta=1", "api.example.com", "200 beta   "},
		{"GET /where?beta=none", "a", "500"},
	} {
		ctx := requestTo(t, c.line, c.host)
		chain.Run(ctx)
		if got := fmt.Sprintf("%d %s", ctx.Res().Status, content(ctx)); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s at %s: got %q, want %q", c.line, c.host, got, c.want)
		}
	}
}

// chooser takes the alternative routes "beta" when the query asks for them.
type chooser struct{}

func (chooser) ProcessRequest(c *Ctx) error {
	switch c.Query("beta") {
	case "1":
		return c.UseRoutes("beta")
	case "none":
		return c.UseRoutes("none")
	}
	return nil
}

func requestTo(t *testing.T, line, host string) *Ctx {
	t.Helper()
	c := NewCtx()
	head := []byte(line + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
	lim := http1.DefaultLimits()
	if v := c.Head.Parse(head, &lim); v != http1.Complete {
		t.Fatal(v)
	}
	c.Begin(new(wire), head, c.Head.Path.Of(head))
	c.SetWorker(true)
	return c
}

func TestRoutesThatAreWrong(t *testing.T) {
	app := New()
	loop := NewRoutes()
	loop.Include("x/", loop)
	app.Include("loop/", loop)
	app.Include("nil/", nil)
	app.Host("a.*.b")
	app.Alternative("")
	app.Alternative("twice")
	app.Alternative("twice")
	app.ErrorHandler(200, say(""))
	_, err := app.Compile()
	for _, want := range []string{"more than 32 deep", `include "nil/"`, `host "a.*.b"`, `alternative routes ""`, `alternative routes "twice"`, "error handler for status 200"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

// The bit of a method in package router is its number in package http1.
func TestMethodsAgree(t *testing.T) {
	for m := http1.MethodGet; m <= http1.MethodPatch; m++ {
		if router.MethodOf(m.String()) != 1<<m {
			t.Errorf("%s is number %d, and bits %b in a table", m, m, router.MethodOf(m.String()))
		}
	}
}

// meter wraps every view.
type meter struct{ log *[]string }

func (m meter) WrapView(r *Route, next Handler) Handler {
	return func(c *Ctx) error {
		*m.log = append(*m.log, "in "+r.Name)
		err := next(c)
		*m.log = append(*m.log, "out "+fmt.Sprint(err))
		return err
	}
}

func TestWrappedViews(t *testing.T) {
	var log []string
	app := New()
	app.Logger = slog.New(slog.DiscardHandler)
	app.Use(meter{&log}, &traced{"A", &log, nil})
	app.Get("/", func(*Ctx) error { return errors.New("failed") }, Name("index"))
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	if !chain.HasResponseHooks() {
		t.Error("a response made ready in advance would pass by what wraps the view")
	}
	chain.Run(request(t, "GET /"))
	if got := strings.Join(log, ", "); got != "A.request, A.view, in index, out failed, A.exception, A.response:500" {
		t.Error(got)
	}
}

// lateAbort aborts when the response to /late is made.
type lateAbort struct{}

func (lateAbort) ProcessResponse(c *Ctx) error {
	if c.Path() == "/late" {
		Abort()
	}
	return nil
}

// Signals come in order, whatever happens, and their receivers cannot break a request that is over.
func TestSignals(t *testing.T) {
	var log []string
	app := New()
	app.Logger = slog.New(slog.DiscardHandler)
	app.OnStart(func(c *Ctx) {
		if c.Path() == "/refused" {
			panic("at the start")
		}
		log = append(log, "start")
	})
	app.OnFinish(func(c *Ctx) { log = append(log, fmt.Sprint("finish ", c.Res().Status)); panic("dropped") })
	app.OnError(func(_ *Ctx, err error) { log = append(log, "error "+err.Error()) })
	app.Get("/ok", func(c *Ctx) error { c.OnClose(func() { log = append(log, "close") }); return c.NoContent(204) })
	app.Get("/fails", func(*Ctx) error { return errors.New("x") })
	app.Get("/abort", func(*Ctx) error { Abort(); return nil })
	app.Get("/late", func(c *Ctx) error { c.OnClose(func() { log = append(log, "close") }); return c.NoContent(204) })
	app.Use(lateAbort{})
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/ok": "start, close, finish 204", "/fails": "start, error x, finish 500", "/abort": "start", "/late": "start, close",
		"/none": "start, finish 404", "/refused": "error panic: at the start, finish 500",
	} {
		log = nil
		c := request(t, "GET "+path)
		chain.Run(c)
		c.Reset()
		if got := strings.Join(log, ", "); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

// blocking is a middleware all of whose hooks must be on a worker.
type blocking struct{ t *testing.T }

func (blocking) NeedsWorker() bool { return true }
func (b blocking) on(c *Ctx, hook string) error {
	if !c.OnWorker() {
		b.t.Errorf("%s runs on the reactor", hook)
	}
	return nil
}
func (b blocking) ProcessException(c *Ctx, _ error) error { return b.on(c, "exception") }
func (b blocking) ProcessTemplateResponse(c *Ctx) error   { return b.on(c, "template") }
func (b blocking) ProcessResponse(c *Ctx) error           { return b.on(c, "response") }

// page is a deferred response.
type page struct{ runs *int }

func (p page) Render(c *Ctx) error { *p.runs++; _, err := c.Write([]byte("rendered")); return err }

// Inline handlers run once, on the reactor, and the hooks that need a worker behind them on one.
func TestHooksThatNeedAWorker(t *testing.T) {
	runs, renders := 0, 0
	inline := func(answer Handler) Handler {
		return func(c *Ctx) error {
			if runs++; c.OnWorker() {
				t.Error("the handler runs on a worker")
			}
			return answer(c)
		}
	}
	app := New()
	app.Logger = slog.New(slog.DiscardHandler)
	app.Get("/ok", inline(func(c *Ctx) error { return c.Text(200, "ok") }), Inline)
	app.Get("/page", inline(func(c *Ctx) error { return c.Render(200, page{&renders}) }), Inline)
	app.Get("/fails", inline(func(*Ctx) error { return ErrNotFound }), Inline)
	app.Get("/panics", inline(func(*Ctx) error { panic("x") }), Inline)
	app.Use(blocking{t})
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for path, status := range map[string]int{"/ok": 200, "/page": 200, "/fails": 404, "/panics": 500} {
		runs = 0
		c := request(t, "GET "+path)
		c.SetWorker(false)
		if out := chain.Run(c); out != NeedWorker {
			t.Fatalf("%s: outcome %d", path, out)
		}
		c.SetWorker(true)
		if out := chain.Run(c); out != Done || c.Res().Status != status || runs != 1 {
			t.Errorf("%s: outcome %d, status %d, %d runs", path, out, c.Res().Status, runs)
		}
	}
	if renders != 1 {
		t.Errorf("%d renders", renders)
	}
}

// A deadline is of one request.
func TestDeadlineEndsWithItsRequest(t *testing.T) {
	c := request(t, "GET /")
	c.SetDeadline(time.Now())
	c.Reset()
	c.Begin(new(wire), nil, nil)
	if _, ok := c.Context().Deadline(); ok {
		t.Error("the next request has the deadline of the one before")
	}
	c.Reset()
}

// broken is a deferred response that panics, among hooks that do.
type broken struct{}

func (broken) Render(*Ctx) error                  { panic("render") }
func (broken) ProcessTemplateResponse(*Ctx) error { panic("template") }

func TestPanicsWhileRendering(t *testing.T) {
	for _, mw := range []Middleware{nil, broken{}} {
		var log []string
		app := New()
		app.Logger = slog.New(slog.DiscardHandler)
		app.Use(&traced{"A", &log, nil})
		if mw != nil {
			app.Use(mw)
		}
		app.Get("/", func(c *Ctx) error { return c.Render(200, broken{}) })
		chain, err := app.Compile()
		if err != nil {
			t.Fatal(err)
		}
		c := request(t, "GET /")
		chain.Run(c)
		seen := slices.Contains(log, "A.exception")
		if c.Res().Status != 500 || seen != (mw == nil) {
			t.Errorf("%v: status %d, %v", mw, c.Res().Status, log)
		}
	}
}

func TestShadowedRoutesAreTold(t *testing.T) {
	var out strings.Builder
	app := New()
	app.Logger = slog.New(slog.NewTextHandler(&out, nil))
	app.Get("/a/{x}", say(""))
	app.Get("/a/b", say(""))
	if _, err := app.Compile(); err != nil || !strings.Contains(out.String(), "never reached") {
		t.Errorf("%v, %q", err, out.String())
	}
}

// picky has its hooks only for routes whose Meta says so.
type picky struct{ log *[]string }

func (p picky) Selects(r *Route) bool { return r.Meta["picked"] == true }
func (p picky) note(hook string) error {
	*p.log = append(*p.log, hook)
	return nil
}
func (p picky) ProcessView(*Ctx, *Route) error     { return p.note("view") }
func (p picky) ProcessException(*Ctx, error) error { return p.note("exception") }
func (p picky) ProcessResponse(*Ctx) error         { return p.note("response") }
func (p picky) WrapView(_ *Route, next Handler) Handler {
	return func(c *Ctx) error { _ = p.note("wrap"); return next(c) }
}

func TestSelectiveMiddleware(t *testing.T) {
	for _, debug := range []bool{false, true} {
		var log []string
		app := New()
		app.Debug, app.Logger = debug, slog.New(slog.DiscardHandler)
		app.Use(picky{&log})
		picked := app.Get("/picked", func(*Ctx) error { return ErrNotFound }, Meta("picked", true))
		other := app.Get("/other", func(*Ctx) error { return ErrNotFound })
		chain, err := app.Compile()
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]string{"/picked": "view wrap exception response", "/other": "response"} {
			log = nil
			chain.Run(request(t, "GET "+path))
			if got := strings.Join(log, " "); got != want {
				t.Errorf("%s: %s", path, got)
			}
		}
		if !strings.Contains(chain.Explain(picked), "view       pipeline.picky") || strings.Contains(chain.Explain(other), "view  ") {
			t.Errorf("%s%s", chain.Explain(picked), chain.Explain(other))
		}
	}
}

// TestOptionsOfTheServer asks about the server as a whole (RFC 9110 section 9.3.7), which is no route's business.
func TestOptionsOfTheServer(t *testing.T) {
	app := New()
	app.Get("/home", func(c *Ctx) error { return c.Text(200, "home") })
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]int{"OPTIONS *": 200, "OPTIONS /none": 404, "GET /none": 404} {
		c := request(t, line)
		chain.Run(c)
		if got := c.Res().Status; got != want {
			t.Errorf("%s: %d, want %d", line, got, want)
		}
	}
}
