package pool

// Hot: runs for every request that keeps bytes beyond its read event; no allocation in the steady state.

import (
	"math/bits"
	"sync"
)

const (
	minShift = 9 // 1<<9 == MinSize
	classes  = 12
)

// class returns the index of the smallest class that holds n bytes, or classes when none does.
func class(n int) int {
	if n <= MinSize {
		return 0
	}
	return min(bits.Len(uint(n-1))-minShift, classes)
}

// classOf returns the class of a buffer by its capacity, or classes when it is not of a class size.
func classOf(b []byte) int {
	n := cap(b)
	if n < MinSize || n > MaxSize || n&(n-1) != 0 {
		return classes
	}
	return bits.Len(uint(n)) - 1 - minShift
}

// Pool is the shared store of free buffers. All methods may be called from any goroutine.
type Pool struct {
	class [classes]shelf
	ledger
}

// shelf is one size class; padded so that two classes do not share a cache line.
type shelf struct {
	mu   sync.Mutex
	free [][]byte
	_    [64]byte
}

// Get returns a buffer of length 0 and capacity of at least n bytes. It belongs to the caller until Put.
func (p *Pool) Get(n int) []byte {
	b := p.take(class(n), n)
	p.onGet(b)
	return b
}

// Put gives a buffer back. b may be any slice that begins where the buffer began; a buffer that did not come from a
// pool is dropped.
func (p *Pool) Put(b []byte) {
	if cap(b) == 0 {
		return
	}
	p.onPut(b)
	p.give(classOf(b), b)
}

func (p *Pool) take(k, n int) []byte {
	if k >= classes {
		return make([]byte, 0, n)
	}
	s := &p.class[k]
	s.mu.Lock()
	if last := len(s.free) - 1; last >= 0 {
		b := s.free[last]
		s.free[last] = nil
		s.free = s.free[:last]
		s.mu.Unlock()
		return b
	}
	s.mu.Unlock()
	return make([]byte, 0, MinSize<<k)
}

func (p *Pool) give(k int, b []byte) {
	if k >= classes {
		return
	}
	s := &p.class[k]
	s.mu.Lock()
	if len(s.free) < sharedBytes>>(k+minShift) {
		s.free = append(s.free, b[:0])
	}
	s.mu.Unlock()
}

// Local is the front of a Pool that one goroutine owns. Its zero value is not usable; see [Pool.NewLocal].
type Local struct {
	free [classes][][]byte
	pool *Pool
}

// NewLocal returns an empty front of p for one goroutine.
func (p *Pool) NewLocal() *Local { return &Local{pool: p} }

// Get is [Pool.Get] without a lock. Only the owning goroutine may call it.
func (l *Local) Get(n int) []byte {
	k := class(n)
	var b []byte
	if k < classes && len(l.free[k]) > 0 {
		last := len(l.free[k]) - 1
		b = l.free[k][last]
		l.free[k][last] = nil
		l.free[k] = l.free[k][:last]
	} else {
		b = l.pool.take(k, n)
	}
	l.pool.onGet(b)
	return b
}

// Put is [Pool.Put] without a lock, unless the local list of the class is full. Only the owning goroutine may call it.
func (l *Local) Put(b []byte) {
	if cap(b) == 0 {
		return
	}
	l.pool.onPut(b)
	k := classOf(b)
	if k < classes && len(l.free[k]) < max(localBytes>>(k+minShift), 1) {
		l.free[k] = append(l.free[k], b[:0])
		return
	}
	l.pool.give(k, b)
}

// Pool returns the shared store behind l.
func (l *Local) Pool() *Pool { return l.pool }
