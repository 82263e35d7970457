//go:build !race && !invariants

package resolver

import (
	"net/netip"
	"testing"
	"time"
)

func TestAllocations(t *testing.T) {
	f := newFake(t, zone)
	r := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}})
	look(t, r, "a.example")
	now, name, unknown := time.Now(), []byte("A.example."), []byte("b.example")
	if n := testing.AllocsPerRun(1000, func() {
		if addrs, ok := r.Cached(name, now); !ok || len(addrs) != 3 {
			t.Fatal(addrs, ok)
		}
		r.Cached(unknown, now)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCached(b *testing.B) {
	f := newFake(b, zone)
	r := newResolver(b, Config{Servers: []netip.AddrPort{f.addr}})
	look(b, r, "a.example")
	now, name := time.Now(), []byte("a.example")
	b.ReportAllocs()
	for b.Loop() {
		r.Cached(name, now)
	}
}
