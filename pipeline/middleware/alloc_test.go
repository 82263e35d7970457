//go:build !race && !invariants

package middleware

import (
	"bytes"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// What a request costs each middleware, in allocations. The Ctx is used again, as in the server.
func TestAllocs(t *testing.T) {
	header := pipelinetest.Header
	respond := func(body string, fields ...string) func(c *pipeline.Ctx) {
		b := []byte(body)
		return func(c *pipeline.Ctx) {
			for i := 0; i < len(fields); i += 2 {
				_ = c.AddHeader(fields[i], fields[i+1])
			}
			_ = c.Bytes(200, "text/plain", b)
		}
	}
	for _, test := range []struct {
		name   string
		mw     pipeline.Middleware
		view   func(*pipeline.Ctx)
		opts   []pipelinetest.Option
		status int
	}{
		{"Security", &Security{HSTSSeconds: 60, ProxySSLHeader: [2]string{"X-Forwarded-Proto", "https"}}, respond("ok"),
			[]pipelinetest.Option{header("X-Forwarded-Proto", "https")}, 200},
		{"Security, a field of one's own", &Security{HSTSSeconds: 60, ProxySSLHeader: [2]string{"X-Tls", "1"}}, respond("ok"),
			[]pipelinetest.Option{header("X-Tls", "1")}, 200},
		{"XFrameOptions", &XFrameOptions{}, respond("ok"), nil, 200},
		{"Hosts", &Hosts{Allowed: []string{"example.com", ".testserver"}}, respond("ok"), nil, 200},
		{"Hosts, forwarded", &Hosts{Allowed: []string{"example.com"}, UseXForwardedHost: true}, respond("ok"),
			[]pipelinetest.Option{header("X-Forwarded-Host", "Example.com:80")}, 200},
		{"Common", &Common{}, respond("ok"), nil, 200},
		{"ConditionalGet, new tag", ConditionalGet{}, respond("ok"), nil, 200},
		{"ConditionalGet, 304", ConditionalGet{}, respond("ok", "ETag", `"v1"`, "Vary", "Cookie", "Last-Modified", "Sat, 12 Feb 2011 17:38:44 GMT"),
			[]pipelinetest.Option{header("If-None-Match", `"v0", "v1"`), header("If-Modified-Since", "Sat, 12 Feb 2011 17:38:44 GMT")}, 304},
		{"GZip", &GZip{}, respond(strings.Repeat("wheelpit ", 1000), "Vary", "Cookie", "ETag", `"v1"`), []pipelinetest.Option{accept}, 200},
		{"GZip, not accepted", &GZip{}, respond(strings.Repeat("wheelpit ", 1000)), nil, 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			if l, ok := test.mw.(pipeline.Loader); ok {
				if err := l.Load(pipeline.New()); err != nil {
					t.Fatal(err)
				}
			}
			request, _ := test.mw.(pipeline.RequestHook)
			response, _ := test.mw.(pipeline.ResponseHook)
			c := pipelinetest.NewCtx(t, "GET", "/", test.opts...)
			wire, head, limits := c.Transport(), bytes.Clone(c.HeadBytes()), http1.DefaultLimits()
			got := testing.AllocsPerRun(200, func() {
				c.Reset()
				if c.Head.Parse(head, &limits) != http1.Complete {
					t.Fatal("not parsed")
				}
				c.Begin(wire, head, c.Head.Path.Of(head))
				c.SetWorker(true)
				if request != nil && request.ProcessRequest(c) != nil {
					t.Fatal("refused")
				}
				test.view(c)
				if response != nil {
					_ = response.ProcessResponse(c)
				}
			})
			if got != 0 {
				t.Errorf("%v allocations", got)
			}
			if c.Res().Status != test.status {
				t.Errorf("status %d", c.Res().Status)
			}
		})
	}
}
