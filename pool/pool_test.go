package pool

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestClass(t *testing.T) {
	for _, c := range []struct{ n, class int }{
		{0, 0}, {1, 0}, {512, 0}, {513, 1}, {1024, 1}, {1025, 2}, {64 << 10, 7}, {MaxSize, classes - 1}, {MaxSize + 1, classes},
	} {
		if got := class(c.n); got != c.class {
			t.Errorf("class(%d) = %d, want %d", c.n, got, c.class)
		}
	}
}

func TestGetGivesRoomAndReuses(t *testing.T) {
	p := new(Pool)
	l := p.NewLocal()
	for _, n := range []int{0, 1, 511, 513, 4096, 5000, MaxSize, MaxSize + 1} {
		b := l.Get(n)
		if len(b) != 0 || cap(b) < n {
			t.Fatalf("Get(%d): len %d cap %d", n, len(b), cap(b))
		}
		l.Put(b)
	}
	b := l.Get(3000)
	first := &b[:1][0]
	l.Put(b[:7])
	if c := l.Get(4096); &c[:1][0] != first {
		t.Error("a released buffer of the same class was not reused")
	}
}

func TestLocalSpillsToPoolAndBack(t *testing.T) {
	p := new(Pool)
	a, b := p.NewLocal(), p.NewLocal()
	n := localBytes>>20 + 1 // one more than a Local keeps of the largest class
	var taken [][]byte
	for range n {
		taken = append(taken, a.Get(MaxSize))
	}
	for _, x := range taken {
		a.Put(x)
	}
	got := b.Get(MaxSize)
	if &got[:1][0] != &taken[n-1][:1][0] {
		t.Error("what one Local could not keep did not reach the other")
	}
}

func TestFreeListsAreBounded(t *testing.T) {
	p := new(Pool)
	for range sharedBytes>>20 + 5 {
		p.give(classes-1, make([]byte, 0, MaxSize))
	}
	if got := len(p.class[classes-1].free); got != sharedBytes>>20 {
		t.Errorf("pool keeps %d buffers of 1 MiB, limit %d", got, sharedBytes>>20)
	}
}

func TestWorkersRunEverythingOnce(t *testing.T) {
	var ran, bad atomic.Int64
	var wg sync.WaitGroup
	w, err := NewWorkers(4, 10000, func(i int) { ran.Add(int64(i)); wg.Done() }, func(any) { bad.Add(1) })
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for range 5000 {
		wg.Add(1)
		if err := w.Submit(1); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	if ran.Load() != 5000 || bad.Load() != 0 {
		t.Errorf("ran %d, panics %d", ran.Load(), bad.Load())
	}
	for deadline := time.Now().Add(time.Minute); w.Pending() != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("pending %d after all ran", w.Pending())
		}
	}
}

func TestWorkersRefuseWhenSaturated(t *testing.T) {
	hold := make(chan struct{})
	w, err := NewWorkers(1, 2, func(int) { <-hold }, func(any) {})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	refused := 0
	for range 10 {
		if w.Submit(0) == ErrSaturated {
			refused++
		}
	}
	if refused != 7 {
		t.Errorf("refused %d of 10 with one worker and a queue of 2, want 7", refused)
	}
	close(hold)
}

func TestWorkersSurvivePanic(t *testing.T) {
	caught := make(chan any, 1)
	done := make(chan struct{})
	w, err := NewWorkers(1, 1, func(i int) {
		if i == 0 {
			panic("boom")
		}
		close(done)
	}, func(v any) { caught <- v })
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	_ = w.Submit(0)
	if v := <-caught; v != "boom" {
		t.Errorf("caught %v", v)
	}
	for w.Submit(1) != nil {
		time.Sleep(time.Millisecond)
	}
	<-done
}

// What is submitted when the workers have gone home is run all the same: it may be what gives something back.
func TestWorkersRunWhatComesAfterClose(t *testing.T) {
	ran, panics := make(chan int, 8), make(chan any, 1)
	w, err := NewWorkers(2, 8, func(i int) {
		ran <- i
		if i == 3 {
			panic("on purpose")
		}
	}, func(v any) { panics <- v })
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	sum := 0
	for i := range 5 {
		if err := w.Submit(i); err != nil {
			t.Fatal(err)
		}
		sum += <-ran
	}
	if v := <-panics; sum != 10 || v != "on purpose" {
		t.Errorf("tasks of sum %d ran, and one panicked with %v", sum, v)
	}
	for w.Pending() != 0 {
		runtime.Gosched()
	}
}
