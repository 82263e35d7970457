//go:build !race && !invariants

package sub_test

import (
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/sub"
)

func TestAllocations(t *testing.T) {
	page := []byte(strings.Repeat("the quick brown fox jumps over the lazy dog\n", 200))
	f := newFilter(t, sub.Config{Every: true, Pairs: []sub.Pair{
		{Match: "fox", Text: "cat"}, {Match: "dog", Value: func(c *pipeline.Ctx, dst []byte) []byte { return append(dst, c.PathBytes()...) }},
	}})
	for _, ctype := range []string{"text/plain", "text/html"} {
		c := pipelinetest.NewCtx(t, "GET", "/path")
		run := func() {
			c.ClearResponse()
			_ = c.Static(200, ctype, page)
			if err := f.ProcessResponse(c); err != nil {
				t.Error(err)
			}
		}
		run()
		if changed := strings.Contains(string(c.Res().Parts()[0].Bytes), "cat jumps over the lazy /path"); changed != (ctype == "text/html") {
			t.Errorf("%s: %.100q", ctype, c.Res().Parts()[0].Bytes)
		}
		if n := testing.AllocsPerRun(100, run); n > 0.1 {
			t.Errorf("%s: %v allocations", ctype, n)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	page := []byte(strings.Repeat("the quick brown fox jumps over the lazy dog\n", 230))
	f := newFilter(b, sub.Config{Pairs: []sub.Pair{{Match: "</head>", Text: "x"}, {Match: "http://example.com", Text: "/"}}})
	c := pipelinetest.NewCtx(b, "GET", "/")
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		c.ClearResponse()
		_ = c.Static(200, "text/html", page)
		_ = f.ProcessResponse(c)
	}
}
