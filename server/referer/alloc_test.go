//go:build !race && !invariants

package referer_test

import (
	"testing"

	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func TestAllocs(t *testing.T) {
	r := newReferers(t, config("none www.example.com *.example.org example.*"))
	for _, from := range []string{"http://WWW.example.com/", "http://a.b.example.org/x", "http://elsewhere.test/"} {
		c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Header("Referer", from))
		if n := testing.AllocsPerRun(100, func() { r.Valid(c) }); n != 0 {
			t.Errorf("%s: %v allocations", from, n)
		}
	}
}
