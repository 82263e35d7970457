package load

import (
	"math/bits"
	"time"
)

// The histogram is log-linear: each power of two is cut in 2^subBits equal parts, so a value is known to 1/128 of
// itself. Times from 1 ns to 2^maxBits ns (18 minutes) fit; longer ones count as the longest.
const (
	subBits = 7
	maxBits = 40
	buckets = (maxBits - subBits + 1) << subBits
)

// Histogram counts times. Recording takes no memory and no division. The zero value is empty; it is 34 KiB large, so it
// lives in structs that are made once per slice.
type Histogram struct {
	counts [buckets]int64
	total  int64
	max    int64
}

// Record adds one time; a negative one counts as 0.
func (h *Histogram) Record(d time.Duration) {
	v := min(max(int64(d), 0), 1<<maxBits-1)
	h.counts[bucketOf(uint64(v))]++
	h.total++
	h.max = max(h.max, v)
}

// bucketOf: below 2^subBits one bucket per nanosecond, above it the leading subBits+1 bits choose.
func bucketOf(v uint64) int {
	shift := max(bits.Len64(v)-subBits-1, 0)
	return shift<<subBits + int(v>>shift)
}

// highest is the largest value of a bucket.
func highest(bucket int) int64 {
	shift := max(bucket>>subBits-1, 0)
	return int64(bucket-shift<<subBits+1)<<shift - 1
}

// Count is the number of recorded times.
func (h *Histogram) Count() int64 { return h.total }

// Max is the longest recorded time.
func (h *Histogram) Max() time.Duration { return time.Duration(h.max) }

// Latency is the quantiles that a report shows.
func (h *Histogram) Latency() Latency {
	return Latency{P50: h.Quantile(0.5), P90: h.Quantile(0.9), P99: h.Quantile(0.99), P999: h.Quantile(0.999), Max: h.Max()}
}

// Quantile is the time that the share q of all times, 0 to 1, does not exceed; at most 1/128 too high, 0 when empty.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := int64(q*float64(h.total) + 0.5)
	rank = min(max(rank, 1), h.total)
	var seen int64
	for i := range h.counts {
		seen += h.counts[i]
		if seen >= rank && seen > 0 {
			return time.Duration(min(highest(i), h.max))
		}
	}
	return 0
}
