package pool

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/panjf2000/ants/v2"
)

// ErrSaturated is returned by [Workers.Submit] when every worker is busy and the queue is full.
var ErrSaturated = errors.New("pool: workers saturated")

// Workers runs tasks of one type on a bounded set of goroutines, with a bounded queue for what comes while all are busy.
type Workers[T any] struct {
	run     func(T)
	onPanic func(any)
	pool    *ants.PoolWithFuncGeneric[T]
	busy    atomic.Int64 // tasks submitted and not finished

	// active counts the workers that will look at the queue before they go idle, and the attempts to start one. Whoever brings
	// it to 0 looks at wait afterwards, and whoever queues a task looks at active afterwards: one of them sees the other.
	active atomic.Int64

	mu   sync.Mutex
	ring []T // waiting tasks: a ring of fixed capacity
	head int
	n    int
	wait atomic.Int64 // equals n; read without the lock by workers that finish
}

// NewWorkers starts a pool that calls run for every task, on at most size goroutines, with at most queue tasks waiting.
// A size or queue ≤ 0 means the default. A panic in run is run's to recover; one that escapes is handed to onPanic and
// ends only that task.
func NewWorkers[T any](size, queue int, run func(T), onPanic func(any)) (*Workers[T], error) {
	if size <= 0 {
		size = DefaultWorkers
	}
	if queue <= 0 {
		queue = DefaultQueue
	}
	w := &Workers[T]{run: run, onPanic: onPanic, ring: make([]T, queue)}
	p, err := ants.NewPoolWithFuncGeneric(size, w.work, ants.WithNonblocking(true), ants.WithPanicHandler(onPanic))
	if err != nil {
		return nil, fmt.Errorf("pool: %w", err)
	}
	w.pool = p
	return w, nil
}

// Submit hands t to a worker, or queues it. It never blocks. Any goroutine may call it.
func (w *Workers[T]) Submit(t T) error {
	w.busy.Add(1)
	if w.start(t) {
		return nil
	}
	w.mu.Lock()
	full := w.n == len(w.ring)
	if !full {
		w.ring[(w.head+w.n)%len(w.ring)] = t
		w.n++
		w.wait.Store(int64(w.n))
	}
	w.mu.Unlock()
	w.rouse()
	if full {
		w.busy.Add(-1)
		return ErrSaturated
	}
	return nil
}

// start hands t to a worker that is free, or to a new one.
func (w *Workers[T]) start(t T) bool {
	w.active.Add(1)
	if w.pool.Invoke(t) == nil {
		return true
	}
	w.active.Add(-1)
	return false
}

// rouse finds a worker for what waits when no active one will look at the queue. Such a worker is on its way back to ants,
// which refuses tasks until it has arrived (and counts it as running even then), so that this turns a few times at most. When ants
// takes no more, what waits has goroutines of its own.
func (w *Workers[T]) rouse() {
	for w.active.Load() == 0 && w.wait.Load() != 0 {
		if w.pool.IsClosed() {
			if t, ok := w.next(); ok {
				go w.late(t)
			}
			continue
		}
		w.mu.Lock()
		if w.n > 0 && w.start(w.ring[w.head]) {
			w.pop()
		}
		w.mu.Unlock()
		runtime.Gosched()
	}
}

// Pending returns how many tasks were submitted and have not finished. A reactor yields to workers while it is not 0.
func (w *Workers[T]) Pending() int64 { return w.busy.Load() }

// Close stops the goroutines. It does not wait for the tasks that run or are queued; they are finished all the same, and so is what
// is submitted afterwards, such as the end of a request whose connection came back late.
func (w *Workers[T]) Close() {
	w.pool.Release()
	w.rouse()
}

// late runs a task that came behind the end.
func (w *Workers[T]) late(t T) {
	defer func() {
		if v := recover(); v != nil {
			w.onPanic(v)
		}
	}()
	w.one(t)
}

// work runs one task, then whatever waits in the queue, so that a worker never goes idle while a task waits.
func (w *Workers[T]) work(t T) {
	whole := false
	defer func() {
		if !whole { // a panic or Goexit ends this goroutine; ants replaces it when it is gone
			w.active.Add(-1)
			go w.rouse()
		}
	}()
	w.one(t)
	for {
		t, ok := w.next()
		if ok {
			w.one(t)
			continue
		}
		if w.active.Add(-1); w.wait.Load() == 0 {
			break
		}
		w.active.Add(1)
	}
	whole = true
}

func (w *Workers[T]) one(t T) {
	defer w.busy.Add(-1)
	w.run(t)
}

func (w *Workers[T]) next() (t T, ok bool) {
	if w.wait.Load() == 0 {
		return t, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.n == 0 {
		return t, false
	}
	return w.pop(), true
}

// pop takes the first of the tasks that wait. The caller holds mu, and there is one.
func (w *Workers[T]) pop() (t T) {
	var zero T
	t, w.ring[w.head] = w.ring[w.head], zero
	w.head = (w.head + 1) % len(w.ring)
	w.n--
	w.wait.Store(int64(w.n))
	return t
}
