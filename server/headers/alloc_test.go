//go:build !race && !invariants

package headers_test

import (
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/headers"
)

func TestAllocations(t *testing.T) {
	f := newFilter(t, headers.Config{
		Expires: headers.Expires{Kind: headers.Modified, Seconds: 3600},
		Fields: []headers.Field{
			{Name: "X-Frame-Options", Text: "DENY"}, {Name: "X-Path", Value: func(c *pipeline.Ctx, dst []byte) []byte { return append(dst, c.PathBytes()...) }},
		},
	})
	c := pipelinetest.NewCtx(t, "GET", "/path")
	run := func() {
		c.ClearResponse()
		_ = c.Text(200, "x")
		_ = c.AddHeader("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")
		if err := f.ProcessResponse(c); err != nil {
			t.Error(err)
		}
	}
	run()
	if len(c.Res().Fields()) != 5 {
		t.Errorf("%v", c.Res().Fields())
	}
	clock := testing.AllocsPerRun(100, func() { c.Transport().Date() }) // the test's transport makes the date each time
	if n := testing.AllocsPerRun(100, run); n > clock+0.1 {
		t.Errorf("%v allocations", n)
	}
}
