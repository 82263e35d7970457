//go:build !race && !invariants

package pool

import "testing"

func TestGetPutDoNotAllocate(t *testing.T) {
	p := new(Pool)
	l := p.NewLocal()
	l.Put(l.Get(4096))
	p.Put(p.Get(4096))
	if n := testing.AllocsPerRun(1000, func() { l.Put(l.Get(4096)); p.Put(p.Get(4096)) }); n != 0 {
		t.Errorf("%v allocations per Get and Put", n)
	}
}
