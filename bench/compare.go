package bench

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/wheelpit/wheelpit/bench/report"
	"github.com/wheelpit/wheelpit/bench/stats"
)

// Compare writes how the target's figures changed from report a to report b, both paths of JSON files. The figures are
// ratios to the baseline, so the machines need not be equally fast. A figure has got worse when its median grew by more
// than the threshold (0.05 is 5 %) and the intervals of the two reports do not overlap; then the exit code is 3.
func Compare(a, b string, threshold float64, w io.Writer) (exitCode int, err error) {
	before, err := report.Open(a)
	if err != nil {
		return exitFailed, err
	}
	after, err := report.Open(b)
	if err != nil {
		return exitFailed, err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "scenario\tbefore\tafter\tchange\t")
	worse, compared := 0, 0
	for i := range after.Scenarios {
		x, y := find(before, after.Scenarios[i].ID), &after.Scenarios[i]
		if x == nil || x.Baseline != y.Baseline {
			continue
		}
		old, now := x.Row(report.Subject), y.Row(report.Subject)
		if old == nil || now == nil || old.Ratio.N == 0 || now.Ratio.N == 0 {
			continue
		}
		compared++
		verdict, regressed := change(old.Ratio, now.Ratio, threshold)
		if regressed {
			worse++
		}
		fmt.Fprintf(t, "%s\t%.3f\t%.3f\t%s\t\n", y.ID, old.Ratio.Median, now.Ratio.Median, verdict)
	}
	if err := t.Flush(); err != nil {
		return exitFailed, fmt.Errorf("bench: %w", err)
	}
	switch {
	case compared == 0:
		return exitFailed, fmt.Errorf("bench: %s and %s have no scenario of %s in common", a, b, report.Subject)
	case worse > 0:
		return exitRegression, fmt.Errorf("bench: %d of %d scenarios got worse", worse, compared)
	}
	return exitOK, nil
}

func find(r *report.Report, id string) *report.Scenario {
	for i := range r.Scenarios {
		if r.Scenarios[i].ID == id {
			return &r.Scenarios[i]
		}
	}
	return nil
}

// change puts the difference of two summaries in words.
func change(before, after stats.Summary, threshold float64) (verdict string, regressed bool) {
	relative := after.Median/before.Median - 1
	text := fmt.Sprintf("%+.1f %%", relative*100)
	switch {
	case before.Overlaps(after):
		return text + ", within noise", false
	case relative > threshold:
		return text + ", worse", true
	case relative < -threshold:
		return text + ", better", false
	}
	return text, false
}
