//go:build !race && !invariants

package memcached

import "testing"

func TestAllocations(t *testing.T) {
	dst, key := make([]byte, 0, 256), []byte("/a b")
	answer := []byte("VALUE /a%20b 2 5\r\nhello\r\nEND\r\n")
	var r Reader
	if n := testing.AllocsPerRun(100, func() {
		dst = AppendGet(dst[:0], key)
		r.Reset()
		n, v := r.Head(answer, Key(dst), 2)
		if v != Found {
			t.Fatal(v)
		}
		for b := answer[n:]; len(b) > 0; b = b[n:] {
			_, n, _ = r.Next(b)
		}
		if !r.Clean() {
			t.Fatal("not clean")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
