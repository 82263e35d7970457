package pipeline

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

type rendersLater struct{ *traced }

func (rendersLater) ProcessTemplateResponse(*Ctx) error { return nil }

type rendering struct{}

func (rendering) Render(c *Ctx) error { return c.Text(200, "rendered") }

// traceOf runs a request and returns its trace, one word for each step.
func traceOf(t *testing.T, app *App, line string) (string, *Ctx) {
	t.Helper()
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	c := request(t, line)
	chain.Run(c)
	var words []string
	last := time.Duration(0)
	for _, e := range Trace(c) {
		w := fmt.Sprintf("%s:%s:%d", e.Kind, strings.TrimPrefix(e.Name, "pipeline."), e.Layer)
		if e.Err != nil {
			w += "!"
		}
		if e.Start < last || e.Took < 0 {
			t.Errorf("%s begins at %v and takes %v", w, e.Start, e.Took)
		}
		last = e.Start
		words = append(words, w)
	}
	return strings.Join(words, " "), c
}

func TestTrace(t *testing.T) {
	var log []string
	fails := func(c *Ctx) error { return errors.New("view") }
	panics := func(c *Ctx) error { panic("view") }
	later := func(c *Ctx) error { c.Res().Status, c.Res().renderer = 200, rendering{}; return nil }
	app := func(debug bool, h Handler) *App {
		a := New()
		a.Debug = debug
		a.Use(&traced{"A", &log, nil}, func(next Handler) Handler { return next }, rendersLater{&traced{"B", &log, nil}})
		a.Get("/v", h)
		return a
	}
	enter := "request:traced:0 function:func(pipeline.Handler) pipeline.Handler:1 request:rendersLater:2 view:traced:0 view:rendersLater:2 "
	leave := " response:rendersLater:2 response:traced:0"
	for _, c := range []struct {
		name string
		h    Handler
		want string
	}{
		{"answers", func(c *Ctx) error { return c.NoContent(204) }, enter + "handler:GET /v:3" + leave},
		{"fails", fails, enter + "handler:GET /v:3! exception:rendersLater:2 exception:traced:0" + leave},
		{"panics", panics, enter + "handler:GET /v:3! exception:rendersLater:2 exception:traced:0" + leave},
		{"renders later", later, enter + "handler:GET /v:3 template:rendersLater:2" + leave},
	} {
		if got, _ := traceOf(t, app(true, c.h), "GET /v"); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	if got, _ := traceOf(t, app(false, fails), "GET /v"); got != "" {
		t.Errorf("traced without Debug: %s", got)
	}
}

func TestTraceIsBounded(t *testing.T) {
	a := New()
	a.Debug = true
	for range maxTrace + 10 {
		a.Use(new(counted))
	}
	a.Get("/", func(c *Ctx) error { return c.NoContent(204) })
	_, c := traceOf(t, a, "GET /")
	if n := len(Trace(c)); n != maxTrace {
		t.Errorf("%d entries", n)
	}
	c.Reset()
	if Trace(c) != nil {
		t.Error("the trace outlives its request")
	}
}

type counted struct{}

func (*counted) ProcessRequest(*Ctx) error { return nil }

// Which errors the developer sees, and which go to the error handler (rule H19).
func TestDebugPages(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		shown bool
	}{
		{"404", ErrNotFound, true},
		{"400", fmt.Errorf("x: %w", ErrBadRequest), true},
		{"500", errors.New("x"), true},
		{"403", ErrPermissionDenied, false},
		{"413", ErrBodyTooLarge, false},
		{"503", &Error{Status: 503}, false},
	} {
		app := New()
		app.Debug = true
		var shown int
		app.DebugPage = func(c *Ctx, status int, err error) error { shown = status; return c.Text(status, "shown") }
		for _, status := range []int{400, 403, 404, 413, 500, 503} {
			app.ErrorHandler(status, func(c *Ctx) error { return c.Text(status, "handled") })
		}
		app.Get("/", func(*Ctx) error { return c.err })
		_, ctx := traceOf(t, app, "GET /")
		want, body := 0, "handled"
		if c.shown {
			want, body = ctx.Res().Status, "shown"
		}
		if got := string(ctx.Res().Parts()[0].Bytes); shown != want || got != body || !strings.HasPrefix(c.name, itoa(ctx.Res().Status)) {
			t.Errorf("%s: status %d, %s", c.name, ctx.Res().Status, got)
		}
	}
}

func TestDebugPageFails(t *testing.T) {
	app := New()
	app.Debug = true
	app.DebugPage = func(*Ctx, int, error) error { return errors.New("no page") }
	app.Get("/", fault2)
	if _, c := traceOf(t, app, "GET /"); c.Res().Status != 500 || string(c.Res().Parts()[0].Bytes) != string(ErrorPage(500)) {
		t.Errorf("%d %s", c.Res().Status, c.Res().Parts()[0].Bytes)
	}
}

func fault2(*Ctx) error { return WithStack(errors.New("fault\x1b[2J")) }

func TestDebugText(t *testing.T) {
	app := New()
	app.Debug = true
	app.Get("/f", fault2)
	app.Get("/p", func(*Ctx) error { panic("at once") })
	for line, want := range map[string][]string{
		"GET /f":    {"500 Internal Server Error\n\nGET /f\n\nfault\uFFFD[2J\n", "pipeline.fault2\n\t", "trace_test.go:"},
		"GET /p":    {"panic: at once\n", "TestDebugText.func1\n\t"},
		"GET /none": {"404 Not Found\n\nGET /none\n"},
	} {
		_, c := traceOf(t, app, line)
		body := string(c.Res().Parts()[0].Bytes)
		for _, w := range want {
			if !strings.Contains(body, w) {
				t.Errorf("%s: %q is not in\n%s", line, w, body)
			}
		}
		if c.Res().ContentType != "text/plain; charset=utf-8" || c.ResponseHeader("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %s", line, c.Res().ContentType)
		}
	}
}

func TestBodyInMemory(t *testing.T) {
	c := request(t, "POST /")
	if _, ok := c.BodyInMemory(); ok {
		t.Error("no content, but a body")
	}
	c.Head.Length = 3
	if _, ok := c.BodyInMemory(); ok {
		t.Error("a body that was not read")
	}
	c.SetBody([]byte("abc"))
	if b, ok := c.BodyInMemory(); !ok || string(b) != "abc" {
		t.Errorf("%q %v", b, ok)
	}
	if c.Chain() != nil {
		t.Error("a chain before Run")
	}
}
