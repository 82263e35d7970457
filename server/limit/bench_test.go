package limit

import (
	"fmt"
	"testing"
)

// BenchmarkTake is one lookup of limit_req, of a thousand keys by turns.
func BenchmarkTake(b *testing.B) {
	z, _ := reqZone(b, "z", MaxRate, 10<<20)
	keys := make([][]byte, 1000)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "%04d", i)
	}
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i = (i + 1) % len(keys) {
			z.take(keys[i], 1e12, 1<<40, true)
		}
	})
}

// BenchmarkEnter is a request of limit_conn, from its beginning to its end.
func BenchmarkEnter(b *testing.B) {
	z := connZone(b, "z")
	key := []byte("abcd")
	for b.Loop() {
		p, _ := z.enter(key, 10)
		p.leave()
	}
}
