//go:build invariants

package pool

import "testing"

func TestReleasedBufferIsPoisoned(t *testing.T) {
	p := new(Pool)
	l := p.NewLocal()
	b := append(l.Get(10), "secret"...)
	l.Put(b)
	if string(b) != "\xDB\xDB\xDB\xDB\xDB\xDB" {
		t.Errorf("released buffer holds %q", b)
	}
}

func TestDoubleReleasePanics(t *testing.T) {
	p := new(Pool)
	l := p.NewLocal()
	b := l.Get(10)
	l.Put(b)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	p.Put(b)
}

func TestOutstanding(t *testing.T) {
	p := new(Pool)
	l := p.NewLocal()
	a, b := l.Get(1), p.Get(100000)
	if p.Outstanding() != 2 {
		t.Errorf("outstanding %d, want 2", p.Outstanding())
	}
	p.Put(a)
	l.Put(b)
	if p.Outstanding() != 0 {
		t.Errorf("outstanding %d, want 0", p.Outstanding())
	}
}
