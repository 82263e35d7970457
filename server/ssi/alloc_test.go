//go:build !race && !invariants

package ssi_test

import (
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/ssi"
)

// A body without commands costs nothing.
func TestAllocations(t *testing.T) {
	f, err := ssi.New(ssi.Config{})
	if err != nil {
		t.Fatal(err)
	}
	page := []byte(strings.Repeat("<p>a page <!-- comment --></p>\n", 300))
	for _, ctype := range []string{"text/plain", "text/html"} {
		c := pipelinetest.NewCtx(t, "GET", "/")
		run := func() {
			c.ClearResponse()
			_ = c.Static(200, ctype, page)
			_ = c.AddHeader("ETag", `"x"`)
			if err := f.ProcessResponse(c); err != nil {
				t.Error(err)
			}
		}
		run()
		if c.HasResponseHeader("ETag") != (ctype == "text/plain") {
			t.Error(ctype)
		}
		if n := testing.AllocsPerRun(100, run); n > 0.1 {
			t.Errorf("%s: %v allocations", ctype, n)
		}
	}
}
