package pipeline

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// wire is a Transport that goes nowhere.
type wire struct{ body string }

func (w *wire) ReadBody(_ *Ctx, p []byte) (int, error) {
	if w.body == "" {
		return 0, io.EOF
	}
	n := copy(p, w.body)
	w.body = w.body[n:]
	return n, nil
}
func (*wire) WriteBody(*Ctx, []byte) error       { return nil }
func (*wire) FlushBody(*Ctx) error               { return nil }
func (*wire) Interim(*Ctx, int) error            { return nil }
func (*wire) OnGone(*Ctx, func())                {}
func (*wire) Remote() netip.AddrPort             { return netip.AddrPort{} }
func (*wire) Local() netip.AddrPort              { return netip.AddrPort{} }
func (*wire) Secure() bool                       { return false }
func (*wire) Shard() int                         { return 0 }
func (*wire) Ticks() uint32                      { return 0 }
func (*wire) Date() (int64, *[29]byte)           { return 0, new([29]byte) }
func (*wire) Plain() bool                        { return false }
func (*wire) AppendHead(b []byte, _ *Ctx) []byte { return b }

// request makes a Ctx for "METHOD /path", on a worker.
func request(t testing.TB, line string) *Ctx {
	t.Helper()
	c := NewCtx()
	head := []byte(line + " HTTP/1.1\r\nHost: a\r\nCookie: k=v\r\n\r\n")
	lim := http1.DefaultLimits()
	if v := c.Head.Parse(head, &lim); v != http1.Complete {
		t.Fatal(v)
	}
	c.Begin(new(wire), head, c.Head.Path.Of(head))
	c.SetWorker(true)
	return c
}

// traced is a middleware that notes its hooks and does at each what do says: "answer", "error" or "panic".
type traced struct {
	name string
	log  *[]string
	do   map[string]string
}

func (m *traced) act(c *Ctx, hook string) error {
	*m.log = append(*m.log, m.name+"."+hook)
	switch m.do[hook] {
	case "answer":
		return c.Text(200, m.name+"."+hook)
	case "error":
		return errors.New(m.name + "." + hook)
	case "panic":
		panic(m.name + "." + hook)
	}
	return nil
}

func (m *traced) ProcessRequest(c *Ctx) error            { return m.act(c, "request") }
func (m *traced) ProcessView(c *Ctx, _ *Route) error     { return m.act(c, "view") }
func (m *traced) ProcessException(c *Ctx, _ error) error { return m.act(c, "exception") }
func (m *traced) ProcessResponse(c *Ctx) error {
	return m.act(c, fmt.Sprintf("response:%d", c.Res().Status))
}

// The order of hooks, and who sees what, when one of them answers, fails or panics (rules H4 to H16, H24, H25).
func TestHookOrder(t *testing.T) {
	type doing = map[string]map[string]string
	for _, c := range []struct {
		name   string
		do     doing
		view   string
		want   string
		status int
	}{
		{"all pass", nil, "", "A.request B.request A.view B.view view B.response:200 A.response:200", 200},
		{"A answers", doing{"A": {"request": "answer"}}, "", "A.request A.response:200", 200},
		{"B answers", doing{"B": {"request": "answer"}}, "", "A.request B.request B.response:200 A.response:200", 200},
		{"A's request hook fails", doing{"A": {"request": "error"}}, "", "A.request", 500},
		{"B's request hook fails", doing{"B": {"request": "error"}}, "", "A.request B.request A.response:500", 500},
		{"B's request hook panics", doing{"B": {"request": "panic"}}, "", "A.request B.request A.response:500", 500},
		{"A's view hook answers", doing{"A": {"view": "answer"}}, "", "A.request B.request A.view B.response:200 A.response:200", 200},
		{"B's view hook fails", doing{"B": {"view": "error"}}, "", "A.request B.request A.view B.view B.response:500 A.response:500", 500},
		{"the view fails", nil, "error", "A.request B.request A.view B.view view B.exception A.exception B.response:500 A.response:500", 500},
		{"the view panics", nil, "panic", "A.request B.request A.view B.view view B.exception A.exception B.response:500 A.response:500", 500},
		{"the view does not answer", nil, "nothing", "A.request B.request A.view B.view view B.response:500 A.response:500", 500},
		{"B handles the error", doing{"B": {"exception": "answer"}}, "error", "A.request B.request A.view B.view view B.exception B.response:200 A.response:200", 200},
		{"B's exception hook fails", doing{"B": {"exception": "error"}}, "error", "A.request B.request A.view B.view view B.exception B.response:500 A.response:500", 500},
		{"B's exception hook panics", doing{"B": {"exception": "panic"}}, "error", "A.request B.request A.view B.view view B.exception B.response:500 A.response:500", 500},
		{"B's response hook fails", doing{"B": {"response:200": "error"}}, "", "A.request B.request A.view B.view view B.response:200 A.response:500", 500},
		{"B's response hook panics", doing{"B": {"response:200": "panic"}}, "", "A.request B.request A.view B.view view B.response:200 A.response:500", 500},
	} {
		for _, style := range []string{"hooks", "split by a function"} {
			t.Run(c.name+"/"+style, func(t *testing.T) {
				var log []string
				app := New()
				app.Logger = slog.New(slog.DiscardHandler)
				app.Use(&traced{"A", &log, c.do["A"]})
				if style != "hooks" {
					app.Use(func(next Handler) Handler { return func(c *Ctx) error { return next(c) } })
				}
				app.Use(&traced{"B", &log, c.do["B"]})
				app.Get("/v", func(ctx *Ctx) error {
					log = append(log, "view")
					switch c.view {
					case "error":
						return errors.New("view")
					case "panic":
						panic("view")
					case "nothing":
						return nil
					}
					return ctx.Text(200, "view")
				})
				chain, err := app.Compile()
				if err != nil {
					t.Fatal(err)
				}
				ctx := request(t, "GET /v")
				if out := chain.Run(ctx); out != Done {
					t.Fatalf("outcome %d", out)
				}
				if got := strings.Join(log, " "); got != c.want || ctx.Res().Status != c.status {
					t.Errorf("status %d\n got %s\nwant %s", ctx.Res().Status, got, c.want)
				}
			})
		}
	}
}

func TestErrorHandlers(t *testing.T) {
	app := New()
	app.Logger = slog.New(slog.DiscardHandler)
	app.Get("/forbidden", func(*Ctx) error { return fmt.Errorf("wrapped: %w", ErrPermissionDenied) })
	app.Get("/broken", func(*Ctx) error { return errors.New("broken") })
	var reported []error
	app.OnError(func(_ *Ctx, err error) { reported = append(reported, err) })
	app.ErrorHandler(403, func(c *Ctx) error { return c.Text(403, "no: "+c.Err().Error()) })
	app.ErrorHandler(404, func(*Ctx) error { return errors.New("the handler of 404 fails") })
	app.ErrorHandler(500, func(c *Ctx) error { return c.Text(500, "500: "+c.Err().Error()) })
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"GET /forbidden": "403 no: wrapped: 403 Forbidden",
		"GET /none":      "500 500: the handler of 404 fails",
		"GET /broken":    "500 500: broken",
	} {
		c := request(t, line)
		chain.Run(c)
		if got := fmt.Sprintf("%d %s", c.Res().Status, c.Res().Parts()[0].Bytes); got != want {
			t.Errorf("%s: %s", line, got)
		}
	}
	if len(reported) != 2 {
		t.Errorf("%d errors reported: %v", len(reported), reported)
	}
}

func TestEveryLayerFailing(t *testing.T) {
	var log []string
	app := New()
	app.Logger = slog.New(slog.DiscardHandler)
	app.Use(&traced{"A", &log, nil})
	app.Get("/", func(*Ctx) error { return errors.New("view") })
	app.ErrorHandler(500, func(*Ctx) error { panic("the handler of 500") })
	chain, _ := app.Compile()
	c := request(t, "GET /")
	if out := chain.Run(c); out != Done || c.Res().Status != 500 || c.Escaped() == nil {
		t.Errorf("%d %d %v", out, c.Res().Status, c.Escaped())
	}
	if slices.Contains(log, "A.response:500") {
		t.Errorf("a response hook ran although no response could be made: %v", log)
	}
}

// unused removes itself; refused refuses to load.
type unused struct{}

func (unused) Load(*App) error           { return ErrNotUsed }
func (unused) ProcessRequest(*Ctx) error { return errors.New("must not run") }

type refused struct{}

func (refused) Load(*App) error           { return errors.New("needs a session") }
func (refused) ProcessRequest(*Ctx) error { return nil }

func TestLoading(t *testing.T) {
	app := New()
	app.Use(unused{})
	app.Get("/", func(c *Ctx) error { return c.NoContent(204) })
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	c := request(t, "GET /")
	if chain.Run(c); c.Res().Status != 204 {
		t.Errorf("status %d", c.Res().Status)
	}
	app.Use(refused{}, struct{}{}, nil)
	app.Get("/{", nil)
	_, err = app.Compile()
	for _, want := range []string{"middleware pipeline.refused: needs a session", "struct {} has none of the hook methods", "nil middleware", `route "GET /{" has no handler`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

func TestInlineWaitsForWorkerAndBody(t *testing.T) {
	app := New()
	app.Get("/worker", func(c *Ctx) error { return c.Text(200, "w") })
	app.Handle("POST /inline", func(c *Ctx) error { b, err := c.Body(); _ = c.Bytes(200, "", b); return err }, Inline)
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	c := request(t, "GET /worker")
	c.SetWorker(false)
	if out := chain.Run(c); out != NeedWorker {
		t.Fatalf("outcome %d", out)
	}
	c.SetWorker(true)
	if out := chain.Run(c); out != Done || c.Res().Status != 200 {
		t.Errorf("outcome %d, status %d", out, c.Res().Status)
	}
	c = request(t, "POST /inline")
	c.Head.Length = 3
	c.SetWorker(false)
	if out := chain.Run(c); out != NeedBody {
		t.Fatalf("outcome %d", out)
	}
	c.SetBody([]byte("abc"))
	if out := chain.Run(c); out != Done || string(c.Res().Parts()[0].Bytes) != "abc" {
		t.Errorf("outcome %d, %v", out, c.Res().Parts())
	}
}

func TestResponseFields(t *testing.T) {
	c := request(t, "GET /?a=1&b=x%20y")
	if err := c.SetHeader("X-A", "b\r\nX-Evil: c"); err == nil || len(c.Res().Fields()) != 0 {
		t.Error("a field with a line end was taken")
	}
	_ = c.AddHeader("X-A", "1")
	_ = c.AddHeader("x-a", "2")
	_ = c.SetHeader("content-type", "text/x")
	if c.ResponseHeader("X-A") != "1" || c.ResponseHeader("Content-Type") != "text/x" || len(c.Res().Fields()) != 2 {
		t.Errorf("%v", c.Res().Fields())
	}
	_ = c.SetHeader("X-a", "3")
	if len(c.Res().Fields()) != 1 || c.ResponseHeader("X-A") != "3" {
		t.Errorf("%v", c.Res().Fields())
	}
	_, _ = c.Write([]byte("ab"))
	_, _ = c.Write([]byte("cd"))
	if c.Res().Length() != 4 || len(c.Res().Parts()) != 1 || string(c.Res().Parts()[0].Bytes) != "abcd" {
		t.Errorf("%v", c.Res().Parts())
	}
	if c.Query("b") != "x y" || c.Query("a") != "1" || c.Cookie("k") != "v" || c.Header("host") != "a" {
		t.Errorf("%q %q %q", c.Query("b"), c.Cookie("k"), c.Header("host"))
	}
}

func TestBodyLimit(t *testing.T) {
	c := request(t, "POST /")
	c.Head.Length = -1
	c.transport = &wire{strings.Repeat("x", 5000)}
	c.SetBodyLimit(4999)
	if _, err := c.Body(); !errors.Is(err, ErrBodyTooLarge) {
		t.Errorf("%v", err)
	}
	c.body = body{}
	c.transport = &wire{strings.Repeat("x", 5000)}
	c.SetBodyLimit(5000)
	if b, err := c.Body(); err != nil || len(b) != 5000 {
		t.Errorf("%d %v", len(b), err)
	}
}

func TestClosersRunInOrder(t *testing.T) {
	c := request(t, "GET /")
	var log []int
	c.OnClose(func() { log = append(log, 1) })
	c.OnClose(func() { panic("dropped") })
	c.OnClose(func() { log = append(log, 2) })
	ctx := c.Context()
	c.Reset()
	if fmt.Sprint(log) != "[1 2]" || ctx.Err() == nil {
		t.Errorf("%v %v", log, ctx.Err())
	}
}

func TestExplain(t *testing.T) {
	var log []string
	app := New()
	app.Use(&traced{"A", &log, nil})
	app.Use(func(next Handler) Handler { return next })
	r := app.Get("/x", func(*Ctx) error { return nil }, Inline)
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	got := chain.Explain(r)
	for _, want := range []string{"GET /x\n", "request    pipeline.traced (reactor)", "function   func", "handler    (reactor)", "response   pipeline.traced"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestMountedApplication(t *testing.T) {
	var log []string
	sub := New()
	sub.Use(&traced{"S", &log, nil})
	sub.Get("/x/{n}", func(c *Ctx) error {
		url, err := c.Reverse("x", "a b")
		if err != nil {
			return err
		}
		return c.Text(200, c.Param("n")+" "+c.Path()+" "+url)
	}, Name("x"))
	sub.ErrorHandler(404, func(c *Ctx) error { return c.Text(404, "sub") })
	app := New()
	app.Use(&traced{"A", &log, nil})
	app.MountApp("/sub/", sub)
	app.Get("/plain", func(c *Ctx) error { return c.Text(200, "plain") })
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ line, body, log string }{
		{"GET /sub/x/7", "200 7 /x/7 /sub/x/a%20b", "A.request A.view S.request S.view S.response:200 A.response:200"},
		{"GET /sub/none", "404 sub", "A.request A.view S.request S.response:404 A.response:404"},
		{"GET /plain", "200 plain", "A.request A.view A.response:200"},
	} {
		log = nil
		ctx := request(t, c.line)
		chain.Run(ctx)
		if got := fmt.Sprintf("%d %s", ctx.Res().Status, ctx.Res().Parts()[0].Bytes); got != c.body || strings.Join(log, " ") != c.log {
			t.Errorf("%s: %s, %v", c.line, got, log)
		}
		if ctx.Path() != strings.TrimPrefix(c.line, "GET ") {
			t.Errorf("%s: the path is %s afterwards", c.line, ctx.Path())
		}
	}
}
