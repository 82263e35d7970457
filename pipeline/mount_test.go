package pipeline

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// A mounted application stops when it needs a worker and goes on there; the match of the outer route has to be there then, and for
// the hooks of the outer application.
func TestMountedApplicationNeedsAWorker(t *testing.T) {
	sub := New()
	sub.Get("/x/{n}", func(c *Ctx) error { return c.Text(200, c.Param("n")) })
	app := New()
	var log []string
	app.Use(func(next Handler) Handler {
		return func(c *Ctx) error {
			err := next(c)
			log = append(log, string(c.RestBytes()), c.Path())
			return err
		}
	})
	app.MountApp("/sub/", sub)
	for _, wrapped := range []bool{true, false} {
		if !wrapped {
			app = New()
			app.MountApp("/sub/", sub)
		}
		chain, err := app.Compile()
		if err != nil {
			t.Fatal(err)
		}
		c := request(t, "GET /sub/x/7")
		c.SetWorker(false)
		if out := chain.Run(c); out != NeedWorker {
			t.Fatalf("outcome %d", out)
		}
		c.SetWorker(true)
		if out := chain.Run(c); out != Done || c.Res().Status != 200 || string(c.Res().Parts()[0].Bytes) != "7" {
			t.Errorf("outcome %d, status %d: %v", out, c.Res().Status, c.Err())
		}
	}
	if got := strings.Join(log, " "); got != "/x/7 /sub/x/7" {
		t.Errorf("behind the mount: %s", got)
	}
}

// onReactor runs c as a server does: on the reactor first, then on a worker if need be.
func onReactor(t testing.TB, ch *Chain, c *Ctx) {
	t.Helper()
	c.SetWorker(false)
	out := ch.Run(c)
	if out == NeedBody {
		c.SetBody([]byte("x"))
		out = ch.Run(c)
	}
	if out == NeedWorker {
		c.SetWorker(true)
		out = ch.Run(c)
	}
	if out != Done {
		t.Fatalf("outcome %d", out)
	}
}

func fieldsOf(c *Ctx) string {
	var b strings.Builder
	for _, f := range c.Res().Fields() {
		b.WriteString(f.Name + "=" + f.Value + " ")
	}
	return b.String()
}

// worker makes the hooks of a middleware need one.
type worker struct{ *traced }

func (worker) NeedsWorker() bool { return true }

// setting is a Request hook that adds a field and notes that it ran.
type setting struct {
	log  *[]string
	name string
}

func (m setting) ProcessRequest(c *Ctx) error {
	*m.log = append(*m.log, m.name)
	return c.AddHeader("X", m.name)
}

// Wherever a mounted application leaves the reactor, every hook of every application runs once, and what hooks have set
// stays.
func TestMountedApplicationGoesOnOnAWorker(t *testing.T) {
	const whole = "a outer.request b inner.request inner.view view inner.response:200 outer.response:200"
	for _, where := range []string{"nowhere", "handler", "outer", "inner", "innermost"} {
		var log []string
		hooks := func(name string) Middleware {
			m := &traced{name, &log, nil}
			if where == name {
				return worker{m}
			}
			return m
		}
		view := func(c *Ctx) error {
			log = append(log, "view")
			return c.Text(200, c.Path()+" "+c.Param("n"))
		}
		innermost := New()
		if where == "innermost" {
			innermost.Get("/x/{n}", view)
		} else {
			innermost.Get("/x/{n}", view, Inline)
		}
		inner := New()
		inner.Use(setting{&log, "b"}, hooks("inner"))
		inner.MountApp("/two/", innermost)
		if where == "handler" {
			inner = New()
			inner.Use(setting{&log, "b"}, hooks("inner"))
			inner.Get("/two/x/{n}", func(c *Ctx) error { c.SetPath("/x/7"); return view(c) })
		}
		app := New()
		app.Use(setting{&log, "a"}, hooks("outer"))
		app.MountApp("/one/", inner)
		chain, err := app.Compile()
		if err != nil {
			t.Fatal(err)
		}
		c := request(t, "GET /one/two/x/7")
		onReactor(t, chain, c)
		got := strings.ReplaceAll(strings.Join(log, " "), "outer.view ", "")
		if got != whole || fieldsOf(c) != "X=a X=b " || string(c.Res().Parts()[0].Bytes) != "/x/7 7" || c.Path() != "/one/two/x/7" {
			t.Errorf("%s: %s; fields %s; body %s; path %s", where, got, fieldsOf(c), c.Res().Parts()[0].Bytes, c.Path())
		}
	}
}

// The routes that a hook of the outer application has chosen are not those of the inner one, and the other way round.
func TestMountedApplicationHasItsOwnAlternatives(t *testing.T) {
	inner := New()
	inner.Use(&choosing{"inner"})
	inner.Get("/x", func(c *Ctx) error { return c.Text(200, "wrong") })
	own := inner.Alternative("inner")
	own.Get("/x", func(*Ctx) error { return ErrNotFound }, Inline)
	own.ErrorHandler(404, func(c *Ctx) error { return c.Text(404, "inner") })
	app := New()
	app.Use(&choosing{"outer"})
	alt := app.Alternative("outer")
	alt.MountApp("/in/", inner)
	plain := New()
	plain.Get("/x", func(c *Ctx) error { return c.Text(200, "plain") })
	alt.MountApp("/plain/", plain)
	alt.ErrorHandler(404, func(c *Ctx) error { return c.Text(404, "outer") })
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/in/x": "inner", "/plain/x": "plain", "/none": "outer"} {
		c := request(t, "GET "+path)
		onReactor(t, chain, c)
		if got := string(c.Res().Parts()[0].Bytes); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// choosing is a Request hook that chooses alternative routes.
type choosing struct{ name string }

func (m *choosing) ProcessRequest(c *Ctx) error { return c.UseRoutes(m.name) }

// A handler that asks for a worker begins anew there: what it had answered and added before is forgotten, what hooks have
// set is not.
func TestOffloadAfterAnAnswer(t *testing.T) {
	var log []string
	app := New()
	app.Use(setting{&log, "a"})
	app.Get("/", func(c *Ctx) error {
		_ = c.AddHeader("Y", "1")
		if !c.OnWorker() {
			_ = c.Text(200, "too early")
			return ErrOffload
		}
		_, _ = c.Write([]byte("late"))
		return nil
	}, Inline)
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	c := request(t, "GET /")
	onReactor(t, chain, c)
	if len(c.Res().Parts()) != 1 || string(c.Res().Parts()[0].Bytes) != "late" || fieldsOf(c) != "X=a Y=1 " {
		t.Errorf("%v %s", c.Res().Parts(), fieldsOf(c))
	}
}

// The signals of a mounted application are told of the requests that come to it, once each, also when it has to wait for a worker; the
// end of a request comes to it first.
func TestMountedSignals(t *testing.T) {
	var log []string
	signals := func(name string, a *App) *App {
		a.Logger = slog.New(slog.DiscardHandler)
		a.OnStart(func(c *Ctx) {
			if c.Path() == "/refused" {
				panic("at the start")
			}
			log = append(log, name+" starts "+c.Path())
		})
		a.OnFinish(func(c *Ctx) { log = append(log, fmt.Sprint(name, " finishes ", c.Res().Status)) })
		a.OnError(func(*Ctx, error) { log = append(log, name+" fails") })
		return a
	}
	inner := signals("inner", New())
	inner.Get("/x", func(c *Ctx) error { return c.NoContent(204) })
	inner.Get("/fails", func(*Ctx) error { return errors.New("x") })
	inner.Get("/abort", func(*Ctx) error { Abort(); return nil })
	app := signals("outer", New())
	app.Get("/x", func(c *Ctx) error { return c.NoContent(204) })
	app.MountApp("/sub/", inner)
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/x":           "outer starts /x, outer finishes 204",
		"/sub/x":       "outer starts /sub/x, inner starts /x, inner finishes 204, outer finishes 204",
		"/sub/fails":   "outer starts /sub/fails, inner starts /fails, inner fails, inner finishes 500, outer finishes 500",
		"/sub/none":    "outer starts /sub/none, inner starts /none, inner finishes 404, outer finishes 404",
		"/sub/refused": "outer starts /sub/refused, inner fails, inner finishes 500, outer finishes 500",
		"/sub/abort":   "outer starts /sub/abort, inner starts /abort",
	} {
		log = nil
		c := request(t, "GET "+path)
		c.SetWorker(false)
		if chain.Run(c) == NeedWorker {
			c.SetWorker(true)
			chain.Run(c)
		}
		if !c.Closes() {
			t.Errorf("%s: nobody is to be told", path)
		}
		c.Reset()
		if got := strings.Join(log, ", "); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}
