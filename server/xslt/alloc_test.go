//go:build !race && !invariants

package xslt_test

import (
	"testing"

	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/xslt"
)

// A response of another type passes for nothing.
func TestAllocations(t *testing.T) {
	f := newFilter(t, xslt.Config{})
	c := pipelinetest.NewCtx(t, "GET", "/")
	page := []byte("a page")
	n := testing.AllocsPerRun(100, func() {
		c.ClearResponse()
		_ = c.Static(200, "text/html", page)
		if err := f.ProcessResponse(c); err != nil {
			t.Error(err)
		}
	})
	if n > 0.1 {
		t.Errorf("%v allocations", n)
	}
}
