package pool

import (
	"runtime"
	"testing"
	"time"
)

// ends submits n tasks, each as soon as the one before has said that it ends: a worker is on its way back just then, which is
// when a task can be refused with nobody left to look at the queue.
func ends(t *testing.T, size, n int, task func(i int)) {
	t.Helper()
	said := make(chan struct{}, 1)
	w, err := NewWorkers(size, 4, func(i int) {
		said <- struct{}{}
		task(i)
	}, func(any) {})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	late := time.NewTimer(20 * time.Second)
	for i := range n {
		if err := w.Submit(i); err != nil {
			t.Fatal(err)
		}
		select {
		case <-said:
		case <-late.C:
			t.Fatalf("with %d workers task %d of %d was not run", size, i, n)
		}
	}
}

// A task that comes just when the last worker goes idle is run, and not when the next one comes.
func TestWorkersForgetNoTask(t *testing.T) {
	n := 50_000
	if testing.Short() {
		n = 10_000
	}
	for _, size := range []int{1, 2, 4} {
		ends(t, size, n, func(int) {})
	}
}

// The same for workers that a panic or the end of their goroutine takes away.
func TestWorkersForgetNoTaskAfterAPanic(t *testing.T) {
	ends(t, 1, 2000, func(i int) {
		switch i % 3 {
		case 1:
			panic("on purpose")
		case 2:
			runtime.Goexit()
		}
	})
}
