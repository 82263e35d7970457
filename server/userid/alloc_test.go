//go:build !race && !invariants

package userid

import (
	"testing"
)

func TestAllocs(t *testing.T) {
	u := newUserID(t, Config{Mode: On})
	c := ask(t, u, "uid="+known)
	if n := testing.AllocsPerRun(100, func() {
		if u.ProcessResponse(c) != nil || c.HasResponseHeader("Set-Cookie") {
			t.Fatal("a client keeps its cookie")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
