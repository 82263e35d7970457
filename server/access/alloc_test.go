//go:build !race && !invariants

package access_test

import (
	"testing"

	"github.com/wheelpit/wheelpit/server/access"
)

func TestAllocs(t *testing.T) {
	r := compile(t, "deny 10.0.0.1; deny 2001:db8::/32; allow 10.0.0.0/8; deny all;")
	hook, any := client(t, "10.2.3.4"), newPhase(t, access.PhaseConfig{Any: true, Checks: []access.Check{r}})
	if n := testing.AllocsPerRun(100, func() {
		if r.ProcessRequest(hook) != nil || any.ProcessRequest(hook) != nil || hook.Answered() {
			t.Fatal("refused")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
