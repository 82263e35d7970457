//go:build invariants

package proxy_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/proxy"
)

// lost is how many calls the tests before did not give back: they were told of once.
var lost atomic.Int64

// allGivenBack waits until every call was given back, or another gateway runs, which will wait in its turn.
func allGivenBack(t testing.TB) {
	t.Helper()
	for begun := time.Now(); proxy.CallsOut() > lost.Load() && running.Load() == 0; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > time.Minute {
			t.Errorf("calls that were not given back: %d", proxy.CallsOut()-lost.Load())
			lost.Store(proxy.CallsOut())
			return
		}
	}
}
