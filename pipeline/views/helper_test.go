package views

import (
	"io"
	"net/netip"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// wire is a Transport that keeps what is streamed.
type wire struct {
	sent    strings.Builder
	flushed int
	gone    func()
	leaves  int // the client leaves at this write
	writes  int
}

func (*wire) ReadBody(*pipeline.Ctx, []byte) (int, error) { return 0, io.EOF }
func (w *wire) WriteBody(_ *pipeline.Ctx, p []byte) error {
	if w.writes++; w.leaves > 0 && w.writes >= w.leaves {
		return pipeline.ErrClientGone
	}
	w.sent.Write(p)
	return nil
}
func (w *wire) FlushBody(*pipeline.Ctx) error             { w.flushed++; return nil }
func (*wire) Interim(*pipeline.Ctx, int) error            { return nil }
func (w *wire) OnGone(_ *pipeline.Ctx, f func())          { w.gone = f }
func (*wire) Remote() netip.AddrPort                      { return netip.AddrPort{} }
func (*wire) Local() netip.AddrPort                       { return netip.AddrPort{} }
func (*wire) Secure() bool                                { return false }
func (*wire) Shard() int                                  { return 0 }
func (*wire) Ticks() uint32                               { return 0 }
func (*wire) Date() (int64, *[29]byte)                    { return 784111777, date(784111777) }
func (*wire) Plain() bool                                 { return false }
func (*wire) AppendHead(b []byte, _ *pipeline.Ctx) []byte { return b }

func date(unix int64) *[29]byte { return (*[29]byte)(http1.AppendDate(nil, unix)) }

// begin makes a Ctx for "METHOD /path" and field lines, on a worker.
func begin(t testing.TB, line string, fields ...string) *pipeline.Ctx {
	t.Helper()
	c := pipeline.NewCtx()
	head := []byte(line + " HTTP/1.1\r\nHost: a\r\n" + strings.Join(append(fields, "\r\n"), "\r\n"))
	if len(fields) == 0 {
		head = []byte(line + " HTTP/1.1\r\nHost: a\r\n\r\n")
	}
	lim := http1.DefaultLimits()
	if v := c.Head.Parse(head, &lim); v != http1.Complete {
		t.Fatal(v)
	}
	path, v := http1.AppendPath(nil, c.Head.Path.Of(head), false)
	if v != http1.Complete {
		t.Fatal(v)
	}
	c.Begin(new(wire), head, path)
	c.SetWorker(true)
	return c
}

// compiled compiles an application.
func compiled(t testing.TB, app *pipeline.App) *pipeline.Chain {
	t.Helper()
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return chain
}

// serve runs one request through an application with one route: h for every path and method, unless pattern says less.
func serve(t testing.TB, pattern string, h pipeline.Handler, line string, fields ...string) *pipeline.Ctx {
	t.Helper()
	app := pipeline.New()
	app.Path(pattern, h)
	c := begin(t, line, fields...)
	compiled(t, app).Run(c)
	return c
}

// body is the body of a response that is in memory.
func body(c *pipeline.Ctx) string {
	var b strings.Builder
	for _, p := range c.Res().Parts() {
		b.Write(p.Bytes)
	}
	return b.String()
}
