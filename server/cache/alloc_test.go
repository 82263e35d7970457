//go:build !race && !invariants

package cache

import "testing"

func TestHitAllocatesNothing(t *testing.T) {
	z := open(t, nil)
	put(t, z, "plain", nil, Meta{}, "x", ms)
	var f Fields = constant{}
	put(t, z, "varied", f, Meta{Vary: []byte("Accept-Encoding, X")}, "x", ms)
	z.disk.wait()
	for _, text := range []string{"plain", "varied"} {
		key := []byte(text)
		var r Request
		hit := func() {
			r.Reset(z, KeyOf(key), f, 1)
			if r.Lookup(ms) != Hit || r.Entry().Len() != 1 {
				t.Error("no hit")
			}
			z.Account(StatusHit, 1)
			r.Release()
		}
		hit()
		if n := testing.AllocsPerRun(200, hit); n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

// constant is a request's fields, without allocating.
type constant struct{}

var gzip = []byte("gzip, br")

func (constant) Values(dst [][]byte, _ []byte) [][]byte { return append(dst, gzip) }

func TestFreshnessAllocatesNothing(t *testing.T) {
	var f Freshness
	var m Meta
	names := [][]byte{[]byte("Cache-Control"), []byte("Expires"), []byte("Vary"), []byte("X-Accel-Expires"), []byte("Content-Length")}
	values := [][]byte{[]byte("public, max-age=60"), []byte("0"), []byte("Accept"), []byte("10"), []byte("12")}
	read := func() {
		f.Reset(ms, 0)
		for i := range names {
			f.Field(names[i], values[i])
		}
		if !f.Result(&m, 200, nil) {
			t.Error("not cacheable")
		}
	}
	read()
	if n := testing.AllocsPerRun(200, read); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkHit(b *testing.B) {
	z := open(b, nil)
	put(b, z, "plain", nil, Meta{}, "x", ms)
	key := KeyOf([]byte("plain"))
	var r Request
	for b.Loop() {
		r.Reset(z, key, nil, 1)
		if r.Lookup(ms) != Hit {
			b.Fatal("no hit")
		}
		r.Release()
	}
}
