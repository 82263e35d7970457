package loop

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// What is posted to a reactor that has ended runs all the same, one function at a time, and may post others.
func TestPostBehindTheEnd(t *testing.T) {
	_, l := run(t, Config{})
	if err := l.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	r, ran := l.Reactors()[0], 0 // by whichever goroutine has the reactor's state
	var all sync.WaitGroup
	for range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 1000 {
				r.Post(func() {
					ran++
					r.Post(func() { ran++ })
				})
			}
		}()
	}
	all.Wait()
	if ran != 16000 {
		t.Errorf("%d of 16000 functions ran", ran)
	}
}

// None is lost that is posted while the reactor ends.
func TestPostAtTheEnd(t *testing.T) {
	cut, cancel := context.WithCancel(context.Background())
	cancel()
	for range 20 {
		_, l := run(t, Config{})
		r, ended := l.Reactors()[0], make(chan struct{})
		go func() {
			defer close(ended)
			_ = l.Drain(cut)
		}()
		for over := false; !over; {
			select {
			case <-ended:
				over = true
			default:
			}
			ran := make(chan struct{})
			r.Post(func() { close(ran) })
			select {
			case <-ran:
			case <-time.After(30 * time.Second):
				t.Fatal("a function was posted and never ran")
			}
		}
	}
}

// Nothing is begun on a reactor that has ended.
func TestDialBehindTheEnd(t *testing.T) {
	_, l := run(t, Config{})
	if err := l.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	on(l, 0, func(r *Reactor) {
		if _, err := r.Dial(&DialSpec{Addr: netip.MustParseAddrPort("127.0.0.1:1")}, &wanderer{}); !errors.Is(err, ErrDraining) {
			t.Errorf("dialled: %v", err)
		}
	})
}
