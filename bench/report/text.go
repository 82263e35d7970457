package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteText writes the report as tables for a terminal.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d CPUs, kernel %s, %s\n", r.Machine.CPU, r.Machine.CPUs, r.Machine.Kernel, r.Machine.Go)
	fmt.Fprintf(&b, "%d rounds of %v, %s; %s\n", r.Settings.Rounds, r.Settings.Slice, r.Settings.pinning(), r.versions())
	for i := range r.Scenarios {
		b.WriteByte('\n')
		r.Scenarios[i].writeText(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *Settings) pinning() string {
	if s.ServerCPU < 0 || s.LoadCPU < 0 {
		return "not pinned"
	}
	return fmt.Sprintf("server on CPU %d, load on CPU %d", s.ServerCPU, s.LoadCPU)
}

func (r *Report) versions() string {
	var names []string
	for _, s := range r.Servers {
		if strings.Contains(s.Version, s.Name) {
			names = append(names, s.Version)
		} else {
			names = append(names, s.Name+" "+s.Version)
		}
	}
	return strings.Join(names, ", ")
}

func (s *Scenario) writeText(b *strings.Builder) {
	fmt.Fprintf(b, "%s: %s, load by %s\n", s.ID, s.Title, s.Load)
	if len(s.Rows) > 0 {
		t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
		if s.isMemory() {
			s.memoryTable(t)
		} else {
			s.loadTable(t)
		}
		_ = t.Flush() // a strings.Builder never fails
	}
	for i := range s.Rows {
		if row := &s.Rows[i]; row.CPU.N == 0 && row.Memory.N == 0 {
			fmt.Fprintf(b, "  %s: %s\n", row.Server, row.failure())
		}
	}
	for _, note := range s.Notes {
		fmt.Fprintf(b, "  %s\n", note)
	}
	if verdict := s.verdict(); verdict != "" {
		fmt.Fprintf(b, "  %s\n", verdict)
	}
}

// isMemory tells whether the scenario measures memory, not CPU time.
func (s *Scenario) isMemory() bool { return len(s.Rows) > 0 && s.Rows[0].Memory.N > 0 }

func (s *Scenario) loadTable(w io.Writer) {
	fmt.Fprintln(w, "\tCPU µs/req\tspread\tratio\t95 % interval\treq/s\tp50\tp99\tp99.9\tRSS\t")
	for i := range s.Rows {
		row := &s.Rows[i]
		if row.CPU.N == 0 {
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%.3f\t%.3f to %.3f\t%s\t%s\t%s\t%s\t%s\t%s\n", row.Server,
			micros(row.CPU.Median), percent(row.CPU.Spread()), row.Ratio.Median, row.Ratio.Low, row.Ratio.High,
			thousands(row.Rate.Median), duration(row.Latency.P50), duration(row.Latency.P99), duration(row.Latency.P999),
			size(float64(row.RSS)), row.note())
	}
}

func (s *Scenario) memoryTable(w io.Writer) {
	fmt.Fprintln(w, "\tper connection\tratio\tRSS\t")
	for i := range s.Rows {
		row := &s.Rows[i]
		fmt.Fprintf(w, "%s\t%s\t%.2f\t%s\t%s\n", row.Server, size(row.Memory.Median), row.Ratio.Median, size(float64(row.RSS)), row.note())
	}
}

// marks is what a reader must know about a row.
func (r *Row) marks() string {
	var marks []string
	if r.LoadBound {
		marks = append(marks, "load-bound")
	}
	if r.Disturbed {
		marks = append(marks, "disturbed")
	}
	if r.Discarded > 0 {
		marks = append(marks, fmt.Sprintf("discarded rounds: %d", r.Discarded))
	}
	if r.OverBudget {
		marks = append(marks, "over budget")
	}
	return strings.Join(marks, ", ")
}

// failure tells why a row has no figures.
func (r *Row) failure() string {
	if len(r.Slices) == 0 {
		return "no round"
	}
	return "no clean round: " + r.Slices[0].Discarded
}

// note is the marks as the last cell of a line of text, which tabwriter does not pad.
func (r *Row) note() string {
	if marks := r.marks(); marks != "" {
		return "  " + marks
	}
	return ""
}

// verdict compares the budgeted row with the budget and the baseline.
func (s *Scenario) verdict() string {
	row := s.Row(Subject)
	switch {
	case row == nil || row.CPU.N == 0 && row.Memory.N == 0:
		return ""
	case s.Budget.Bytes > 0:
		return fmt.Sprintf("verdict: %s per connection, budget %s", size(row.Memory.Median), size(s.Budget.Bytes))
	case row.Ratio.N == 0: // no round in which both were measured
		return ""
	}
	text := "within noise of " + s.Baseline
	if row.Ratio.High < 1 {
		text = fmt.Sprintf("%.0f %% less CPU than %s", (1-row.Ratio.Median)*100, s.Baseline)
	} else if row.Ratio.Low > 1 {
		text = fmt.Sprintf("%.0f %% more CPU than %s", (row.Ratio.Median-1)*100, s.Baseline)
	}
	if s.Budget.Ratio > 0 {
		text += fmt.Sprintf(", budget %.2f", s.Budget.Ratio)
		if here := s.Limit(); here != s.Budget.Ratio {
			text += fmt.Sprintf(", which is %.2f over the floor of this processor", here)
		}
	}
	return "verdict: " + text
}
