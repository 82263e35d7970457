//go:build !invariants

package pool

// Invariants tells whether released memory is poisoned and double releases panic (`-tags invariants`).
const Invariants = false

type checker struct{}

func (p *Pool) onGet([]byte) {}
func (p *Pool) onPut([]byte) {}

// Outstanding returns the number of buffers taken and not given back; always 0 without `-tags invariants`.
func (p *Pool) Outstanding() int64 { return 0 }
