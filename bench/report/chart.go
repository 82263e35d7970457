package report

import "fmt"

// The measures of a chart in SVG user units.
const (
	chartWidth = 760
	labelWidth = 160 // names, left of the bars
	valueWidth = 130 // figures, right of the bars
	barsWidth  = chartWidth - labelWidth - valueWidth
	barPitch   = 26
	barHeight  = 16
	chartTop   = 18 // the line of marks above the bars
)

// chart is the geometry of one scenario's bars: everything the template needs, computed.
type chart struct {
	Width, Height int
	Label         string // for those who cannot see it
	Bars          []bar
	Marks         []mark
}

// bar is one server.
type bar struct {
	Name, Value, Class string
	Y, TextY           int
	X, Width           float64
	Low, High          float64 // ends of the 95 % interval
	Middle             int     // height of the interval's line
	Whisker            bool
}

// mark is a vertical line: the baseline or the budget.
type mark struct {
	X           float64
	Text, Class string
	TextX       float64
	Anchor      string
}

// newChart lays out the bars of a scenario, nil when there is nothing to show.
func newChart(s *Scenario) *chart {
	budget := s.budgetRatio()
	top := max(1, budget)
	rows := make([]*Row, 0, len(s.Rows))
	for i := range s.Rows {
		if row := &s.Rows[i]; row.Ratio.N > 0 {
			rows = append(rows, row)
			top = max(top, row.Ratio.Median, row.Ratio.High)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	scale := barsWidth / top
	c := &chart{Width: chartWidth, Height: chartTop + barPitch*len(rows) + 4, Label: "Cost as a ratio to " + s.Baseline}
	for i, row := range rows {
		c.Bars = append(c.Bars, newBar(row, s.Baseline, chartTop+i*barPitch, scale))
	}
	c.Marks = append(c.Marks, newMark(1, scale, s.Baseline, "baseline", "start"))
	if budget > 0 {
		anchor := "end"
		if budget > 1 {
			anchor = "start"
			c.Marks[0] = newMark(1, scale, s.Baseline, "baseline", "end")
		}
		c.Marks = append(c.Marks, newMark(budget, scale, fmt.Sprintf("budget %.2f", budget), "budget", anchor))
	}
	return c
}

// budgetRatio is the budget as a ratio to the baseline, 0 without one.
func (s *Scenario) budgetRatio() float64 {
	if base := s.Row(s.Baseline); s.Budget.Bytes > 0 && base != nil && base.Memory.Median > 0 {
		return s.Budget.Bytes / base.Memory.Median
	}
	return s.Limit()
}

func newBar(row *Row, baseline string, y int, scale float64) bar {
	b := bar{
		Name: row.Server, Class: "rival", Y: y, TextY: y + barHeight - 4, Middle: y + barHeight/2,
		X: labelWidth, Width: row.Ratio.Median * scale,
		Low: labelWidth + row.Ratio.Low*scale, High: labelWidth + row.Ratio.High*scale,
	}
	b.Whisker = row.Ratio.N > 1 && row.Server != baseline
	if row.Server == Subject {
		b.Class = "subject"
	}
	cost := micros(row.CPU.Median) + " µs"
	if row.Memory.N > 0 {
		cost = size(row.Memory.Median)
	}
	b.Value = fmt.Sprintf("%.2f  ·  %s", row.Ratio.Median, cost)
	return b
}

// newMark puts a line at a ratio; its text begins or ends there.
func newMark(ratio, scale float64, text, class, anchor string) mark {
	m := mark{X: labelWidth + ratio*scale, Text: text, Class: class, Anchor: anchor, TextX: labelWidth + ratio*scale + 4}
	if anchor == "end" {
		m.TextX -= 8
	}
	return m
}
