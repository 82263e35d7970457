//go:build invariants

package proxy

import (
	"sync/atomic"

	"github.com/wheelpit/wheelpit/pool"
)

// callsOut is how many calls were taken and not given back: tests see to it that it comes back to 0.
var callsOut atomic.Int64

func countCall(n int64) { callsOut.Add(n) }

// CallsOut returns the number of calls that were taken and not given back.
func CallsOut() int64 { return callsOut.Load() }

// poison overwrites memory of a call that is given back, so that a view of it that is kept for too long shows at once.
func poison(b []byte) {
	for i := range b {
		b[i] = pool.Poison
	}
}
