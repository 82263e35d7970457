//go:build !race && !invariants

package authbasic

import (
	"testing"

	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func TestAllocs(t *testing.T) {
	c, dst := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.BasicAuth("alice", "secret")), make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() {
		if user, ok := AppendUser(c, dst); !ok || string(user) != "alice" {
			t.Fatal("no user")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
