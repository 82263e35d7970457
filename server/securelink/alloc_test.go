//go:build !race && !invariants

package securelink

import (
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func TestAllocs(t *testing.T) {
	l, err := New(Config{Link: pipeline.Literal(sign("text") + ",99999999999"), MD5: pipeline.Literal("text")})
	if err != nil {
		t.Fatal(err)
	}
	c, dst := pipelinetest.NewCtx(t, "GET", "/"), make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() {
		if b, ok := l.Append(c, dst); !ok || string(b) != "1" {
			t.Fatal("refused")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
