package nethttp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/nethttp"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

const browserHead = "GET /items/7?x=1 HTTP/1.1\r\nHost: a.example\r\nUser-Agent: t\r\nAccept: */*\r\nCookie: k=v\r\n\r\n"

// run takes one request through a chain, again and again, without a socket.
func run(b *testing.B, a *pipeline.App) {
	chain, err := a.Compile()
	if err != nil {
		b.Fatal(err)
	}
	wire := deaf{pipelinetest.NewCtx(b, "GET", "/").Transport()}
	c, head, lim := pipeline.NewCtx(), []byte(browserHead), http1.DefaultLimits()
	b.ReportAllocs()
	for b.Loop() {
		c.Head.Parse(head, &lim)
		c.Begin(wire, head, c.Head.Path.Of(head))
		c.SetWorker(true)
		if chain.Run(c) != pipeline.Done || c.Res().Status != 200 {
			b.Fatal(c.Res().Status)
		}
		c.Reset()
	}
}

// deaf keeps nothing for the client's leaving.
type deaf struct{ pipeline.Transport }

func (deaf) OnGone(*pipeline.Ctx, func()) {}

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello, world\n") }

// BenchmarkNative is a handler of Wheelpit, for comparison.
func BenchmarkNative(b *testing.B) {
	a := pipeline.New()
	a.Get("/items/{id}", func(c *pipeline.Ctx) error { return c.Text(200, "hello, world\n") })
	run(b, a)
}

// BenchmarkHandler is the same as a net/http handler: the http.Request and the handover are what it costs.
func BenchmarkHandler(b *testing.B) {
	a := pipeline.New()
	a.Get("/items/{id}", nethttp.HandlerFunc(hello))
	run(b, a)
}

// BenchmarkMiddleware puts a net/http middleware around the native handler.
func BenchmarkMiddleware(b *testing.B) {
	a := pipeline.New()
	a.Use(nethttp.Middleware(func(next http.Handler) http.Handler { return next }))
	a.Get("/items/{id}", func(c *pipeline.Ctx) error { return c.Text(200, "hello, world\n") })
	run(b, a)
}

// BenchmarkServer is the native handler on net/http.
func BenchmarkServer(b *testing.B) {
	a := pipeline.New()
	a.Get("/items/{id}", func(c *pipeline.Ctx) error { return c.Text(200, "hello, world\n") })
	chain, err := a.Compile()
	if err != nil {
		b.Fatal(err)
	}
	h, r := nethttp.NewServer(chain), httptest.NewRequest("GET", "/items/7?x=1", nil)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(&blackHole{http.Header{}}, r)
	}
}

type blackHole struct{ h http.Header }

func (b *blackHole) Header() http.Header       { return b.h }
func (*blackHole) Write(p []byte) (int, error) { return len(p), nil }
func (*blackHole) WriteHeader(int)             {}
