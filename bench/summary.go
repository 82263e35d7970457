package bench

import (
	"slices"
	"time"

	"github.com/wheelpit/wheelpit/bench/load"
	"github.com/wheelpit/wheelpit/bench/procstat"
	"github.com/wheelpit/wheelpit/bench/report"
	"github.com/wheelpit/wheelpit/bench/stats"
)

// row is the figures of the player alone; its ratio needs the baseline, see summarize.
func (p *player) row() report.Row {
	row := report.Row{Server: p.name, HeadBytes: p.headBytes, Slices: p.slices}
	good := counting(p.slices)
	row.Discarded = len(p.slices) - len(good)
	row.LoadBound = all(good, func(s report.Slice) bool { return s.LoadBound })
	row.Disturbed = all(good, func(s report.Slice) bool { return s.Disturbed })
	var cpu, rate []float64
	for i := range good {
		cpu = append(cpu, good[i].PerRequest())
		rate = append(rate, float64(good[i].Requests)/good[i].Elapsed.Seconds())
	}
	row.CPU, row.Rate, row.Latency = stats.Summarize(cpu), stats.Summarize(rate), latency(good)
	if memory, err := procstat.ReadMemory(p.instance.PIDs); err == nil {
		row.RSS = memory.RSS
	}
	return row
}

// counting returns the slices that count: the clean ones, or, when there is none, those that are only marked.
func counting(slices []report.Slice) []report.Slice {
	if clean := filter(slices, (*report.Slice).Clean); len(clean) > 0 {
		return clean
	}
	return filter(slices, kept)
}

func kept(s *report.Slice) bool { return s.Discarded == "" }

func filter(slices []report.Slice, keep func(*report.Slice) bool) []report.Slice {
	var out []report.Slice
	for i := range slices {
		if keep(&slices[i]) {
			out = append(out, slices[i])
		}
	}
	return out
}

// all tells whether there are slices and the predicate holds for each.
func all(of []report.Slice, holds func(report.Slice) bool) bool {
	return len(of) > 0 && !slices.ContainsFunc(of, func(s report.Slice) bool { return !holds(s) })
}

// latency takes the median over the slices for each quantile.
func latency(of []report.Slice) load.Latency {
	median := func(pick func(*load.Latency) time.Duration) time.Duration {
		var values []float64
		for i := range of {
			values = append(values, float64(pick(&of[i].Latency)))
		}
		return time.Duration(stats.Summarize(values).Median)
	}
	return load.Latency{
		P50:  median(func(l *load.Latency) time.Duration { return l.P50 }),
		P90:  median(func(l *load.Latency) time.Duration { return l.P90 }),
		P99:  median(func(l *load.Latency) time.Duration { return l.P99 }),
		P999: median(func(l *load.Latency) time.Duration { return l.P999 }),
		Max:  median(func(l *load.Latency) time.Duration { return l.Max }),
	}
}

// summarize relates the rows to the baseline, or to the first row where the baseline did not play, and judges the
// target by the budget. A budget is exceeded only when the whole interval lies above it.
func summarize(result *report.Scenario, sc *Scenario) {
	if len(result.Rows) == 0 {
		return
	}
	result.Baseline, result.Budget = sc.baselineName(), sc.Budget
	base := result.Row(result.Baseline)
	if base == nil {
		base = &result.Rows[0]
		result.Baseline = base.Server
	}
	for i := range result.Rows {
		row := &result.Rows[i]
		if sc.Idle {
			row.Ratio = stats.Summarize(stats.Ratios([]float64{row.Memory.Median}, []float64{base.Memory.Median}))
		} else {
			row.Ratio = stats.Summarize(roundRatios(row.Slices, base.Slices))
		}
	}
	if row := result.Row(report.Subject); row != nil {
		row.OverBudget = sc.Budget.Bytes > 0 && row.Memory.Low > sc.Budget.Bytes ||
			sc.Budget.Ratio > 0 && result.Baseline == sc.baselineName() && row.Ratio.Low > result.Limit()
	}
}

// roundRatios divides the costs of a request in the rounds in which both slices are clean, or, when there is no such
// round, in which neither was discarded.
func roundRatios(row, base []report.Slice) []float64 {
	if clean := ratiosWhere(row, base, (*report.Slice).Clean); len(clean) > 0 {
		return clean
	}
	return ratiosWhere(row, base, kept)
}

func ratiosWhere(row, base []report.Slice, keep func(*report.Slice) bool) []float64 {
	baseCost := make(map[int]float64)
	for _, s := range filter(base, keep) {
		baseCost[s.Round] = s.PerRequest()
	}
	var mine, theirs []float64
	for _, s := range filter(row, keep) {
		if cost, ok := baseCost[s.Round]; ok {
			mine, theirs = append(mine, s.PerRequest()), append(theirs, cost)
		}
	}
	return stats.Ratios(mine, theirs)
}
