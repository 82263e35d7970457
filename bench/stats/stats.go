// Package stats summarises the few, noisy figures of a benchmark: medians instead of means, the median absolute
// deviation instead of the standard deviation, and bootstrap intervals instead of a normal distribution that is not there.
//
// A ratio between two servers is taken round by round (both ran within seconds of each other) and only then summarised,
// so that a drift of the machine over minutes does not show.
package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// resamples is the number of bootstrap samples: enough that the 2.5 % tail holds 50 of them.
const resamples = 2000

// Summary describes a sample. The zero value is that of an empty sample.
type Summary struct {
	N      int     `json:"n"`
	Median float64 `json:"median"`
	MAD    float64 `json:"mad"`  // median absolute deviation, not scaled
	Low    float64 `json:"low"`  // 95 % bootstrap interval of the median
	High   float64 `json:"high"` // the same, upper end
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// Summarize describes xs, which it does not change. The same sample always gives the same summary.
func Summarize(xs []float64) Summary {
	if len(xs) == 0 {
		return Summary{}
	}
	low, high := BootstrapMedian(xs)
	return Summary{
		N: len(xs), Median: Median(xs), MAD: MAD(xs), Low: low, High: high,
		Min: slices.Min(xs), Max: slices.Max(xs),
	}
}

// Spread is the MAD as a share of the median, 0 for an empty sample.
func (s Summary) Spread() float64 {
	if s.Median == 0 {
		return 0
	}
	return s.MAD / math.Abs(s.Median)
}

// Overlaps tells whether the two 95 % intervals share a value, that is whether a difference may be noise.
func (s Summary) Overlaps(t Summary) bool { return s.Low <= t.High && t.Low <= s.High }

// Median is the middle value, the mean of the two middle ones when their number is even, and NaN without values.
func Median(xs []float64) float64 {
	sorted := slices.Sorted(slices.Values(xs))
	return medianSorted(sorted)
}

func medianSorted(sorted []float64) float64 {
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// MAD is the median of the distances to the median, NaN without values.
func MAD(xs []float64) float64 {
	m := Median(xs)
	distances := make([]float64, len(xs))
	for i, x := range xs {
		distances[i] = math.Abs(x - m)
	}
	return Median(distances)
}

// BootstrapMedian is the 95 % percentile-bootstrap interval of the median; NaN, NaN without values.
func BootstrapMedian(xs []float64) (low, high float64) {
	if len(xs) == 0 {
		return math.NaN(), math.NaN()
	}
	rng := rand.New(rand.NewPCG(1, 2))
	medians := make([]float64, resamples)
	sample := make([]float64, len(xs))
	for i := range medians {
		for j := range sample {
			sample[j] = xs[rng.IntN(len(xs))]
		}
		slices.Sort(sample)
		medians[i] = medianSorted(sample)
	}
	slices.Sort(medians)
	return medians[resamples*25/1000], medians[resamples*975/1000-1]
}

// Ratios divides a by b element by element; a pair with a zero divisor or a missing partner is left out.
func Ratios(a, b []float64) []float64 {
	out := make([]float64, 0, len(a))
	for i := range min(len(a), len(b)) {
		if b[i] != 0 {
			out = append(out, a[i]/b[i])
		}
	}
	return out
}
