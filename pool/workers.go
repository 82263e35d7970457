package pool

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/panjf2000/ants/v2"
)

// ErrSaturated is returned by [Workers.Submit] when every worker is busy and the queue is full.
var ErrSaturated = errors.New("pool: workers saturated")

// Workers runs tasks of one type on a bounded set of goroutines, with a bounded queue for what comes while all are busy.
type Workers[T any] struct {
	run  func(T)
	pool *ants.PoolWithFuncGeneric[T]
	busy atomic.Int64 // tasks submitted and not finished

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
	w := &Workers[T]{run: run, ring: make([]T, queue)}
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
	if w.pool.Invoke(t) == nil {
		return nil
	}
	w.mu.Lock()
	if w.n == len(w.ring) {
		w.mu.Unlock()
		w.busy.Add(-1)
		return ErrSaturated
	}
	w.ring[(w.head+w.n)%len(w.ring)] = t
	w.n++
	w.wait.Store(int64(w.n))
	w.mu.Unlock()
	// A worker may have finished between the refusal and the queueing, with nobody left to look at the queue.
	if w.pool.Free() > 0 {
		if t, ok := w.next(); ok && w.pool.Invoke(t) != nil {
			w.requeue(t)
		}
	}
	return nil
}

// Pending returns how many tasks were submitted and have not finished. A reactor yields to workers while it is not 0.
func (w *Workers[T]) Pending() int64 { return w.busy.Load() }

// Close stops the goroutines; tasks that run are finished. Submit must not be called afterwards.
func (w *Workers[T]) Close() { w.pool.Release() }

// work runs one task, then whatever waits in the queue, so that a worker never goes idle while a task waits.
func (w *Workers[T]) work(t T) {
	w.one(t)
	for {
		t, ok := w.next()
		if !ok {
			return
		}
		w.one(t)
	}
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
	var zero T
	t, w.ring[w.head] = w.ring[w.head], zero
	w.head = (w.head + 1) % len(w.ring)
	w.n--
	w.wait.Store(int64(w.n))
	return t, true
}

// requeue puts t back at the front. Room is certain: t was taken from the ring, and only a Submit in between could
// have filled its place; in that rare case the caller's goroutine runs it rather than lose it.
func (w *Workers[T]) requeue(t T) {
	w.mu.Lock()
	if w.n == len(w.ring) {
		w.mu.Unlock()
		go w.work(t)
		return
	}
	w.head = (w.head + len(w.ring) - 1) % len(w.ring)
	w.ring[w.head] = t
	w.n++
	w.wait.Store(int64(w.n))
	w.mu.Unlock()
}
