package script_test

import (
	"errors"
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/script"
)

// transport is a connection from one address to another that carries nothing.
type transport struct{ remote, local netip.AddrPort }

func (transport) ReadBody(*pipeline.Ctx, []byte) (int, error) { return 0, io.EOF }
func (transport) WriteBody(*pipeline.Ctx, []byte) error       { return nil }
func (transport) FlushBody(*pipeline.Ctx) error               { return nil }
func (transport) Interim(*pipeline.Ctx, int) error            { return nil }
func (transport) OnGone(*pipeline.Ctx, func())                {}
func (t transport) Remote() netip.AddrPort                    { return t.remote }
func (t transport) Local() netip.AddrPort                     { return t.local }
func (transport) Secure() bool                                { return false }
func (transport) Shard() int                                  { return 0 }
func (transport) Ticks() uint32                               { return 0 }
func (transport) Date() (int64, *[29]byte)                    { return time.Now().Unix(), nil }
func (transport) Plain() bool                                 { return false }
func (transport) AppendHead(b []byte, _ *pipeline.Ctx) []byte { return b }

// request makes a Ctx of the bytes of a request, body included.
func request(t testing.TB, tr transport, raw string) *pipeline.Ctx {
	t.Helper()
	c, err := parse(tr, raw)
	if err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	t.Cleanup(c.Reset)
	return c
}

// parse is request for bytes that need not be one.
func parse(tr transport, raw string) (*pipeline.Ctx, error) {
	c, b, lim := pipeline.NewCtx(), []byte(raw), http1.DefaultLimits()
	if v := c.Head.Parse(b, &lim); v != http1.Complete {
		return nil, errors.New(v.String())
	}
	path := []byte("/")
	if !c.Head.Path.Empty() {
		var v http1.Verdict
		if path, v = http1.AppendPath(nil, c.Head.Path.Of(b), true); v.Failed() {
			return nil, errors.New(v.String())
		}
	}
	c.Begin(tr, b[:c.Head.HeadLen], path)
	if c.Head.Length >= 0 {
		c.SetBody(b[c.Head.HeadLen:])
	}
	return c, nil
}

// get makes the Ctx of a GET of a target.
func get(t testing.TB, target string) *pipeline.Ctx {
	t.Helper()
	return request(t, transport{}, "GET "+target+" HTTP/1.1\r\nHost: example.com\r\n\r\n")
}

// load reads the text of an http block.
func load(t testing.TB, text string) *conf.Directive {
	t.Helper()
	text = "events {}\nhttp {\n" + text + "\n}\n"
	c, errs := conf.Load("nginx.conf", conf.Options{Read: func(string) ([]byte, error) { return []byte(text), nil }})
	if errs.Failed() {
		t.Fatalf("%s: %v", text, errs)
	}
	return c.Find("http")
}

// recorder is an Env that keeps what is logged.
type recorder struct {
	script.NoEnv
	warn  bool
	lines []string
	ifs   []int
}

func (r *recorder) WarnUninitialized() bool { return r.warn }
func (r *recorder) Log(level, text string)  { r.lines = append(r.lines, level+": "+text) }
func (r *recorder) EnterIf(n int)           { r.ifs = append(r.ifs, n) }
