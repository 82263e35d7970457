package report

import (
	"fmt"
	"io"
	"strings"
)

// The overview is one picture and one table of a whole report: what the target costs in each scenario as a ratio to the
// baseline, beside the cheapest rival. Scenarios without a baseline ratio of the target are left out.

// overviewRow is a scenario in the overview.
type overviewRow struct {
	sc     *Scenario
	target *Row
	best   *Row // the cheapest of the others
}

func overview(r *Report, target string) []overviewRow {
	var rows []overviewRow
	for i := range r.Scenarios {
		sc := &r.Scenarios[i]
		row := overviewRow{sc: sc, target: sc.Row(target)}
		if row.target == nil || row.target.Ratio.N == 0 {
			continue
		}
		for j := range sc.Rows {
			other := &sc.Rows[j]
			if other == row.target || other.Ratio.N == 0 || strings.Contains(other.Server, target) || strings.Contains(other.Server, "control") || other.Server == Floor {
				continue
			}
			if row.best == nil || other.Ratio.Median < row.best.Ratio.Median {
				row.best = other
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// WriteTable writes the overview as a Markdown table.
func WriteTable(w io.Writer, r *Report, target string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "| work | %s, ratio | 95 %% interval | floor | cheapest rival | against | budget | here |\n|---|---|---|---|---|---|---|---|\n", target)
	for _, row := range overview(r, target) {
		best, budget, here, floor := "–", "–", "–", "–"
		if row.best != nil {
			best = fmt.Sprintf("%s %.2f", row.best.Server, row.best.Ratio.Median)
		}
		if row.sc.Budget.Ratio > 0 {
			budget, here = fmt.Sprintf("%.2f", row.sc.Budget.Ratio), fmt.Sprintf("%.2f", row.sc.Limit())
		}
		if f := row.sc.Row(Floor); f != nil && f.Ratio.N > 0 {
			floor = fmt.Sprintf("%.2f", f.Ratio.Median)
		}
		fmt.Fprintf(&b, "| %s | **%.2f** | %.2f to %.2f | %s | %s | %s | %s | %s |\n", row.sc.Title, row.target.Ratio.Median, row.target.Ratio.Low, row.target.Ratio.High, floor, best, row.sc.Baseline, budget, here)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteChart writes the overview as an SVG that stands by itself, light or dark.
func WriteChart(w io.Writer, r *Report, target string) error {
	const width, label, pitch, top = 760, 290, 30, 34
	const bars = width - label - 70
	rows := overview(r, target)
	most := 1.0
	for _, row := range rows {
		most = max(most, row.target.Ratio.Median)
		if row.best != nil {
			most = max(most, row.best.Ratio.Median)
		}
	}
	scale := bars / most
	height := top + pitch*len(rows) + 12
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="system-ui, sans-serif" font-size="12" role="img">`, width, height, width, height)
	b.WriteString(`<style>text{fill:#222}.t{fill:#1769aa}.r{fill:#b5bec6}.n{stroke:#c33;stroke-dasharray:4 3}@media(prefers-color-scheme:dark){text{fill:#ddd}.t{fill:#5aa9e6}.r{fill:#5b656e}}</style>`)
	fmt.Fprintf(&b, `<title>CPU time per request as a ratio to the baseline</title><rect class="t" x="%d" y="6" width="12" height="10"/><text x="%d" y="15">%s</text><rect class="r" x="%d" y="6" width="12" height="10"/><text x="%d" y="15">cheapest rival</text>`,
		label, label+18, target, label+110, label+128)
	for i, row := range rows {
		y := top + i*pitch
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, label-8, y+15, escape(row.sc.Title))
		bar := func(class string, row *Row, y int) {
			fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%d" width="%.1f" height="10"/>`, class, label, y, row.Ratio.Median*scale)
		}
		bar("t", row.target, y+2)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" font-weight="600">%.2f</text>`, float64(label)+row.target.Ratio.Median*scale+5, y+11, row.target.Ratio.Median)
		if row.best != nil {
			bar("r", row.best, y+13)
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" font-size="10">%s %.2f</text>`, float64(label)+row.best.Ratio.Median*scale+5, y+22, escape(row.best.Server), row.best.Ratio.Median)
		}
	}
	x := float64(label) + scale
	fmt.Fprintf(&b, `<line class="n" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/></svg>`+"\n", x, top-8, x, height-4)
	_, err := io.WriteString(w, b.String())
	return err
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
