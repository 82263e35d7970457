package fasthttpadaptor_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/fasthttpadaptor"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

type onRequest func(c *pipeline.Ctx) error

func (f onRequest) ProcessRequest(c *pipeline.Ctx) error { return f(c) }

type onResponse func(c *pipeline.Ctx) error

func (f onResponse) ProcessResponse(c *pipeline.Ctx) error { return f(c) }

func TestRequestOfTheHandler(t *testing.T) {
	a := quiet()
	a.Use(onRequest(func(c *pipeline.Ctx) error {
		if c.PathView() == "/old/7" {
			c.SetPath("/items/7")
		}
		return nil
	}), onResponse(func(c *pipeline.Ctx) error { return c.SetHeader("X-Hook", "yes") }))
	a.Handle("/items/{id}", fasthttpadaptor.Handler(func(ctx *fasthttp.RequestCtx) {
		ctx.SetBodyString(ctx.UserValue("id").(string) + " " + string(ctx.Path()))
	}))
	cl := pipelinetest.NewClient(t, a)
	cl.Get("/items/a%20b").AssertBody("a b /items/a b").AssertHeader("X-Hook", "yes")
	cl.Get("/old/7").AssertBody("7 /items/7")
	cl.Get("/x/../items//9").AssertBody("9 /items/9")
}

func TestFailures(t *testing.T) {
	a := quiet()
	a.Use(onRequest(func(c *pipeline.Ctx) error { c.SetBodyLimit(4); return nil }))
	a.Handle("/panic", fasthttpadaptor.Handler(func(*fasthttp.RequestCtx) { panic("boom") }))
	a.Handle("/hijack", fasthttpadaptor.Handler(hijack))
	a.Handle("/echo", fasthttpadaptor.Handler(echo))
	cl := pipelinetest.NewClient(t, a)
	cl.AllowErrors = true
	cl.Get("/panic").AssertStatus(500)
	cl.Get("/hijack").AssertStatus(501)
	cl.Post("/echo", pipelinetest.Body("text/plain", "abcde")).AssertStatus(413)
	cl.Post("/echo", pipelinetest.Body("text/plain", "abcd")).AssertBody("abcd")
}

// An upgrade that the handler refuses is answered, and the connection ends.
func TestUpgradeRefused(t *testing.T) {
	a := quiet()
	a.Handle("/", fasthttpadaptor.Handler(func(ctx *fasthttp.RequestCtx) { ctx.Error("no", fasthttp.StatusBadRequest) }))
	addr := serve(t, a)
	if out := ask(t, addr, "/", upgrade); !strings.HasPrefix(out, "HTTP/1.1 400 ") || !strings.HasSuffix(out, "\r\n\r\nno") {
		t.Errorf("got %q", out)
	}
	h2c := strings.Replace(upgrade, "echo", "h2c", 1) + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
	if out := ask(t, addr, "/", h2c); strings.Count(out, "HTTP/1.1 400 ") != 2 {
		t.Errorf("h2c: %q", out)
	}
}

// A Response hook that answers otherwise drops the body stream, which is closed.
func TestDroppedStreamIsClosed(t *testing.T) {
	closed := make(chan struct{}, 1)
	a := quiet()
	a.Use(onResponse(func(c *pipeline.Ctx) error { return c.Text(200, "instead") }))
	a.Get("/", fasthttpadaptor.Handler(func(ctx *fasthttp.RequestCtx) { ctx.SetBodyStream(body{closed}, -1) }))
	pipelinetest.NewClient(t, a).Get("/").AssertBody("instead")
	select {
	case <-closed:
	case <-time.After(time.Minute):
		t.Error("the stream stays open")
	}
}

type body struct{ closed chan struct{} }

func (body) Read([]byte) (int, error) { return 0, errors.New("never read") }
func (b body) Close() error           { b.closed <- struct{}{}; return nil }

// RequestCtx are reused: what one request set is not in the next.
func TestReuse(t *testing.T) {
	a := quiet()
	a.Handle("/{what}", fasthttpadaptor.Handler(func(ctx *fasthttp.RequestCtx) {
		if ctx.UserValue("left") != nil || ctx.Request.Header.Peek("X-Left") != nil || len(ctx.Response.Body()) > 0 {
			panic("something is left")
		}
		ctx.SetUserValue("left", 1)
		ctx.Response.Header.Set("X-Once", string(ctx.PostBody()))
		ctx.SetBody(ctx.PostBody())
	}))
	addr := serve(t, a)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if out := ask(t, addr, "/x", post); strings.Count(out, "abcde") != 2 {
					t.Errorf("got %q", out)
				}
				if out := ask(t, addr, "/x", get); strings.Contains(out, "abcde") || !strings.HasPrefix(out, "HTTP/1.1 200 ") {
					t.Errorf("got %q", out)
				}
			}
		})
	}
	wg.Wait()
}
