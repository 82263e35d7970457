//go:build !race && !invariants

package realip

import (
	"bytes"
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func TestAllocs(t *testing.T) {
	for _, value := range []string{"203.0.113.5, 10.0.0.1", "2001:db9::1, [2001:db8::1]:80, 10.0.0.7:1", "unknown", "x.y.z.w, 10.0.0.3"} {
		h := newHook(t, Config{From: trusted, Header: "X-Forwarded-For", Recursive: true})
		c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Remote("10.0.0.1:7"), pipelinetest.Header("X-Forwarded-For", value))
		wire, head, limits := c.Transport(), bytes.Clone(c.HeadBytes()), http1.DefaultLimits()
		if n := testing.AllocsPerRun(200, func() {
			c.Reset()
			if c.Head.Parse(head, &limits) != http1.Complete {
				t.Fatal("not parsed")
			}
			c.Begin(wire, head, c.Head.Path.Of(head))
			if h.ProcessRequest(c) != nil {
				t.Fatal("refused")
			}
		}); n != 0 {
			t.Errorf("%q: %v allocations", value, n)
		}
	}
}
