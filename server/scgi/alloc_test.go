//go:build !race && !invariants

package scgi

import "testing"

func TestAllocations(t *testing.T) {
	dst := make([]byte, 0, 4096)
	name := []byte("X-Real-Ip")
	for _, size := range []int{1, 200, 2000} { // the request moves down, stays, moves up
		value := make([]byte, size)
		for i := range value {
			value[i] = 'v'
		}
		if n := testing.AllocsPerRun(100, func() {
			dst = Open(dst[:0], 12345)
			at := len(dst)
			dst = append(OpenField(dst, name), value...)
			dst = CloseParam(dst, at)
			dst = Close(dst, 0)
		}); n != 0 {
			t.Errorf("%d bytes: %v allocations", size, n)
		}
	}
}
