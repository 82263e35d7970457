package stats

import (
	"math"
	"slices"
	"testing"
)

func TestMedianAndMAD(t *testing.T) {
	for _, tc := range []struct {
		xs          []float64
		median, mad float64
	}{
		{[]float64{5}, 5, 0},
		{[]float64{3, 1}, 2, 1},
		{[]float64{9, 1, 5}, 5, 4},
		{[]float64{1, 1, 2, 2, 4, 6, 9}, 2, 1}, // the textbook example of the MAD
		{[]float64{4, 1, 3, 2}, 2.5, 1},
	} {
		in := slices.Clone(tc.xs)
		if got := Median(in); got != tc.median {
			t.Errorf("Median(%v) = %v, want %v", tc.xs, got, tc.median)
		}
		if got := MAD(in); got != tc.mad {
			t.Errorf("MAD(%v) = %v, want %v", tc.xs, got, tc.mad)
		}
		if !slices.Equal(in, tc.xs) {
			t.Errorf("the sample %v was reordered to %v", tc.xs, in)
		}
	}
}

func TestEmptySample(t *testing.T) {
	if got := Summarize(nil); got != (Summary{}) {
		t.Errorf("Summarize(nil) = %+v", got)
	}
	if !math.IsNaN(Median(nil)) || !math.IsNaN(MAD(nil)) {
		t.Error("the median of nothing is a number")
	}
	if low, high := BootstrapMedian(nil); !math.IsNaN(low) || !math.IsNaN(high) {
		t.Error("the interval of nothing is a number")
	}
}

func TestBootstrapMedian(t *testing.T) {
	xs := []float64{10, 11, 9, 10.5, 9.5, 10.2, 9.8, 30} // one disturbed round
	low, high := BootstrapMedian(xs)
	if low > 10 || high < 10 || low < 9 || high > 12 {
		t.Errorf("interval [%v, %v] does not hold the median closely", low, high)
	}
	if l, h := BootstrapMedian(xs); l != low || h != high {
		t.Error("two runs over one sample differ")
	}
	if l, h := BootstrapMedian([]float64{7, 7, 7}); l != 7 || h != 7 {
		t.Errorf("interval of equal values is [%v, %v]", l, h)
	}
}

func TestRatios(t *testing.T) {
	got := Ratios([]float64{2, 3, 8, 5}, []float64{4, 0, 2})
	if want := []float64{0.5, 4}; !slices.Equal(got, want) {
		t.Errorf("Ratios = %v, want %v", got, want)
	}
}

func TestSummary(t *testing.T) {
	s := Summarize([]float64{4, 2, 3})
	if s.N != 3 || s.Median != 3 || s.MAD != 1 || s.Min != 2 || s.Max != 4 {
		t.Errorf("%+v", s)
	}
	if got := s.Spread(); got < 0.33 || got > 0.34 {
		t.Errorf("Spread() = %v", got)
	}
	if (Summary{}).Spread() != 0 {
		t.Error("the spread of nothing is not 0")
	}
	a, b := Summary{Low: 1, High: 2}, Summary{Low: 2.1, High: 3}
	if a.Overlaps(b) || b.Overlaps(a) || !a.Overlaps(Summary{Low: 2, High: 5}) {
		t.Error("Overlaps is wrong")
	}
}
