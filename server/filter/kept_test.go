package filter

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
)

// What is found is what was kept for these very bytes, whatever was thrown out meanwhile, and the memory stays in bounds.
func TestKept(t *testing.T) {
	k := newKept()
	k.limit = 100 << 10
	found := 0
	for range 20000 {
		n := rand.IntN(300)
		src := bytes.Repeat([]byte{byte(n), byte(n >> 8)}, 50+n)
		want := fmt.Sprint("form of ", n)
		if f := k.find(src); f == nil {
			k.keep(src, []byte(want))
		} else if found++; string(f.out) != want {
			t.Fatalf("%d: got %q", n, f.out)
		} else if again := k.find(src); again == nil || &again.src[0] != &src[0] {
			t.Fatalf("%d: not found by address", n)
		}
		if k.memory > k.limit+1000 {
			t.Fatalf("%d bytes, the limit is %d", k.memory, k.limit)
		}
	}
	if found < 1000 {
		t.Errorf("found %d times only", found)
	}
	total := 0
	for i := range k.near {
		total += k.near[i].Load().size() + k.far[i].Load().size()
	}
	if total != k.memory {
		t.Errorf("counted %d bytes, there are %d", k.memory, total)
	}
	if k.find(nil) != nil {
		t.Error("an empty body was found")
	}
}

func TestKeptByMany(t *testing.T) {
	k := newKept()
	k.limit = 20 << 10
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 2000 {
				src := bytes.Repeat([]byte{byte(rand.IntN(50))}, 500)
				if f := k.find(src); f == nil {
					k.keep(src, src[:1])
				} else if f.out[0] != src[0] {
					t.Error("another form")
				}
			}
		})
	}
	wg.Wait()
}
