// Package pool holds what a running server reuses instead of allocating: byte buffers by size class, and the worker
// goroutines that run code which may block.
//
// # Buffers
//
// A [Pool] is shared by the process; a [Local] is the private front of it that one reactor owns:
//
//	reactor 0 ── Local ─┐
//	reactor 1 ── Local ─┼── Pool (one mutex per size class) ── workers
//	reactor n ── Local ─┘
//
// A reactor takes and gives without a lock. When its list of a class is empty or full, one buffer moves from or to the
// Pool, so that buffers which workers take and reactors give back (or the other way round) do not pile up on one side.
// Workers use the Pool itself.
//
// Sizes double from [MinSize] to [MaxSize]. A request for more is served by the Go heap and not kept. Every free list is
// bounded (see limits.go): what does not fit is left to the garbage collector, so a burst does not stay resident for ever.
//
// # Lifetime
//
// A buffer belongs to who took it until it is given back; nobody else may hold a slice of it after that. Under
// `-tags invariants` a released buffer is filled with [Poison], giving the same buffer back twice panics, and
// [Pool.Outstanding] counts what was taken and not returned, so that a test can demand zero at its end. Memory that is not a pool's
// and has a lifetime all the same (a reactor's read buffer, what a request keeps for itself) is filled with [Spoil].
//
// # Workers
//
// [Workers] is a bounded set of goroutines (panjf2000/ants) with a bounded queue before it. A task is a value, not a
// closure, so handing one over does not allocate.
package pool
