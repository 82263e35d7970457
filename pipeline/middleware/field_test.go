package middleware

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// quiet is an empty application that logs nothing.
func quiet() *pipeline.App {
	app := pipeline.New()
	app.Logger = slog.New(slog.DiscardHandler)
	return app
}

// echo is an application with one inline route that answers what f returns, behind mw.
func echo(f func(*pipeline.Ctx) string, mw ...pipeline.Middleware) *pipeline.App {
	app := quiet()
	app.Use(mw...)
	app.Get("/", func(c *pipeline.Ctx) error { return c.Text(200, f(c)) }, pipeline.Inline)
	return app
}

func client(t testing.TB, app *pipeline.App) *pipelinetest.Client {
	return pipelinetest.NewClient(t, app)
}

// compileError compiles an application with mw, which must fail with a text.
func compileError(t *testing.T, want string, mw ...pipeline.Middleware) {
	t.Helper()
	_, err := echo(func(*pipeline.Ctx) string { return "" }, mw...).Compile()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%+v: %v, want %q", mw, err, want)
	}
}

// peer is a Transport that has an address and nothing else.
type peer struct {
	pipeline.Transport
	remote netip.AddrPort
	sent   int64
}

func (p *peer) Remote() netip.AddrPort                  { return p.remote }
func (p *peer) OnGone(_ *pipeline.Ctx, _ func())        {}
func (p *peer) Sent() int64                             { return p.sent }
func (p *peer) Plain() bool                             { return false }
func (p *peer) AppendHead([]byte, *pipeline.Ctx) []byte { return nil }

// loopback is one request that can be run again and again in the same Ctx.
type loopback struct {
	chain *pipeline.Chain
	c     *pipeline.Ctx
	peer  peer
	head  []byte
}

// newLoopback readies a request by its head, without its last line end, from an address ("" for a unix socket).
func newLoopback(t testing.TB, app *pipeline.App, remote, head string) *loopback {
	t.Helper()
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return on(chain, remote, head)
}

// on is newLoopback for an application that is compiled.
func on(chain *pipeline.Chain, remote, head string) *loopback {
	l := &loopback{chain: chain, c: pipeline.NewCtx(), head: []byte(head + "\r\n")}
	if remote != "" {
		l.peer.remote = netip.AddrPortFrom(netip.MustParseAddr(remote), 50000)
	}
	return l
}

// begin parses the head.
func (l *loopback) begin(t testing.TB) *pipeline.Ctx {
	lim := http1.DefaultLimits()
	lim.FieldLine, lim.Head, lim.Fields = 1<<20, 1<<20, 2000
	if v := l.c.Head.Parse(l.head, &lim); v != http1.Complete {
		t.Fatalf("%v: %q", v, l.head)
	}
	l.c.Begin(&l.peer, l.head, l.c.Head.Path.Of(l.head))
	l.c.SetWorker(true)
	return l.c
}

// run takes the request through the application; see then Ctx.Reset.
func (l *loopback) run(t testing.TB) *pipeline.Ctx {
	c := l.begin(t)
	if out := l.chain.Run(c); out != pipeline.Done {
		t.Fatalf("outcome %d", out)
	}
	return c
}

// bodyText is the body of a response in memory.
func bodyText(c *pipeline.Ctx) string {
	var b strings.Builder
	for _, p := range c.Res().Parts() {
		b.Write(p.Bytes)
	}
	return b.String()
}
