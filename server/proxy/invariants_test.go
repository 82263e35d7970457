//go:build invariants

package proxy_test

import (
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/proxy"
)

// allGivenBack waits until every call was given back.
func allGivenBack(t testing.TB) {
	t.Helper()
	for begun := time.Now(); proxy.CallsOut() != 0; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > time.Minute {
			t.Errorf("calls that were not given back: %d", proxy.CallsOut())
			return
		}
	}
}
