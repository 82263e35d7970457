//go:build invariants

package proxy_test

import (
	"os"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/proxy"
)

// TestMain looks whether every call was given back in the end.
func TestMain(m *testing.M) {
	code := m.Run()
	for range 500 {
		if proxy.CallsOut() == 0 {
			os.Exit(code)
		}
		time.Sleep(20 * time.Millisecond)
	}
	println("calls that were not given back:", proxy.CallsOut())
	os.Exit(1)
}
