//go:build invariants

package pool

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// Invariants tells whether released memory is poisoned and double releases panic (`-tags invariants`).
const Invariants = true

// Poison is the byte that fills a released buffer, so that a view kept too long shows at once.
const Poison = 0xDB

// Spoil fills memory that is over but is not a pool's, with Poison; it does nothing without `-tags invariants`.
func Spoil(b []byte) {
	for i := range b {
		b[i] = Poison
	}
}

// ledger remembers which buffers are free, by the address of their first byte, and how many are not.
type ledger struct {
	mu    sync.Mutex
	free  map[*byte]struct{}
	taken atomic.Int64
}

func (p *ledger) onGet(b []byte) {
	p.taken.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.free, &b[:1][0])
}

func (p *ledger) onPut(b []byte) {
	b = b[:cap(b)]
	at := &b[0]
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, twice := p.free[at]; twice {
		panic(fmt.Sprintf("pool: buffer of %d bytes released twice", cap(b)))
	}
	if p.free == nil {
		p.free = make(map[*byte]struct{})
	}
	p.free[at] = struct{}{}
	Spoil(b)
	p.taken.Add(-1)
}

// Outstanding returns the number of buffers taken and not given back; always 0 without `-tags invariants`.
func (p *ledger) Outstanding() int64 { return p.taken.Load() }
