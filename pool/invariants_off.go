//go:build !invariants

package pool

// Invariants tells whether released memory is poisoned and double releases panic (`-tags invariants`).
const Invariants = false

// Spoil fills memory that is over but is not a pool's, with Poison; it does nothing without `-tags invariants`.
func Spoil([]byte) {}

// ledger follows every buffer under the invariants tag, and is nothing otherwise.
type ledger struct{}

func (*ledger) onGet([]byte) {}
func (*ledger) onPut([]byte) {}

// Outstanding returns the number of buffers taken and not given back; always 0 without `-tags invariants`.
func (*ledger) Outstanding() int64 { return 0 }
