//go:build invariants

package pool

import (
	"fmt"
	"sync"
)

// Invariants tells whether released memory is poisoned and double releases panic (`-tags invariants`).
const Invariants = true

// Poison is the byte that fills a released buffer, so that a view kept too long shows at once.
const Poison = 0xDB

// checker remembers which buffers are free, by the address of their first byte.
type checker struct {
	mu   sync.Mutex
	free map[*byte]struct{}
}

func (p *Pool) onGet(b []byte) {
	p.taken.Add(1)
	p.check.mu.Lock()
	defer p.check.mu.Unlock()
	delete(p.check.free, &b[:1][0])
}

func (p *Pool) onPut(b []byte) {
	b = b[:cap(b)]
	at := &b[0]
	p.check.mu.Lock()
	defer p.check.mu.Unlock()
	if _, twice := p.check.free[at]; twice {
		panic(fmt.Sprintf("pool: buffer of %d bytes released twice", cap(b)))
	}
	if p.check.free == nil {
		p.check.free = make(map[*byte]struct{})
	}
	p.check.free[at] = struct{}{}
	for i := range b {
		b[i] = Poison
	}
	p.taken.Add(-1)
}

// Outstanding returns the number of buffers taken and not given back; always 0 without `-tags invariants`.
func (p *Pool) Outstanding() int64 { return p.taken.Load() }
