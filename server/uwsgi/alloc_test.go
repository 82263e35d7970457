//go:build !race && !invariants

package uwsgi

import "testing"

func TestAllocations(t *testing.T) {
	dst := make([]byte, 0, 4096)
	name, value := []byte("X-Real-Ip"), make([]byte, 200)
	if n := testing.AllocsPerRun(100, func() {
		dst = Open(dst[:0], 0, 0)
		dst = AppendParam(dst, "REQUEST_METHOD", "GET")
		at := len(dst)
		dst = append(OpenField(dst, name), value...)
		dst = CloseParam(dst, at)
		dst, _ = Close(dst, 0)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
