//go:build invariants

package proxy

import "sync/atomic"

// callsOut is how many calls were taken and not given back: tests see to it that it comes back to 0.
var callsOut atomic.Int64

func countCall(n int64) { callsOut.Add(n) }

// CallsOut returns the number of calls that were taken and not given back.
func CallsOut() int64 { return callsOut.Load() }
