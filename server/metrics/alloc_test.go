//go:build !race && !invariants

package metrics_test

import (
	"testing"

	"github.com/wheelpit/wheelpit/server/metrics"
)

func TestCountAllocatesNothing(t *testing.T) {
	r := metrics.NewRegistry()
	if n := testing.AllocsPerRun(100, func() { r.All.Count(1, 200, 100, 1000, 1000) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCount(b *testing.B) {
	r := metrics.NewRegistry()
	for b.Loop() {
		r.All.Count(1, 200, 100, 1000, 1000)
	}
}
