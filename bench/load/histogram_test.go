package load

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestBucketsAreContiguous(t *testing.T) {
	var next int64
	for i := range buckets {
		if got := bucketOf(uint64(next)); got != i {
			t.Fatalf("%d lies in bucket %d, want %d", next, got, i)
		}
		last := highest(i)
		if got := bucketOf(uint64(last)); got != i || last < next {
			t.Fatalf("highest(%d) = %d lies in bucket %d", i, last, got)
		}
		if width := last - next; float64(width) > float64(next)/(1<<subBits) {
			t.Fatalf("bucket %d is %d wide at %d", i, width, next)
		}
		next = last + 1
	}
	if next != 1<<maxBits {
		t.Errorf("the buckets end at %d, want %d", next, int64(1)<<maxBits)
	}
}

func TestQuantilesAgainstSortedTimes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var h Histogram
	times := make([]time.Duration, 20_000)
	for i := range times {
		times[i] = time.Duration(math.Exp(rng.NormFloat64()*2 + 12))
		h.Record(times[i])
	}
	slices.Sort(times)
	for _, q := range []float64{0, 0.5, 0.9, 0.99, 0.999, 1} {
		want := times[max(int(math.Round(q*float64(len(times))))-1, 0)]
		got := h.Quantile(q)
		if got < want || float64(got-want) > float64(want)/(1<<subBits) {
			t.Errorf("Quantile(%v) = %v, want %v", q, got, want)
		}
	}
	if h.Max() != times[len(times)-1] || h.Quantile(1) != h.Max() || h.Count() != int64(len(times)) {
		t.Errorf("Max %v, Quantile(1) %v, Count %d", h.Max(), h.Quantile(1), h.Count())
	}
}

func TestHistogramEdges(t *testing.T) {
	var h Histogram
	if h.Quantile(0.5) != 0 || h.Max() != 0 {
		t.Error("an empty histogram has a quantile")
	}
	h.Record(-5)
	h.Record(24 * time.Hour)
	if h.Quantile(0.5) != 0 || h.Quantile(1) != 1<<maxBits-1 {
		t.Errorf("out of range: %v, %v", h.Quantile(0.5), h.Quantile(1))
	}
}
