package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"os"
	"time"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"micros": micros, "percent": percent, "thousands": thousands, "duration": duration,
	"size":  func(n int64) string { return size(float64(n)) },
	"bytes": size,
	"marks": (*Row).marks, "failure": (*Row).failure, "verdict": (*Scenario).verdict, "isMemory": (*Scenario).isMemory,
	"chart": newChart,
	"date":  func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
}).Parse(pageText))

// WriteHTML writes the report as one page: inline styles and SVG, no script, nothing from the network.
func (r *Report) WriteHTML(w io.Writer) error {
	if err := page.Execute(w, r.view()); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// SaveHTML writes the page to a file.
func (r *Report) SaveHTML(path string) error {
	var b bytes.Buffer
	if err := r.WriteHTML(&b); err != nil {
		return err
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// pageView is what the template sees: scenarios by pointer, since their methods need it.
type pageView struct {
	*Report
	Pinning, Versions string
	Sections          []*Scenario
}

func (r *Report) view() pageView {
	v := pageView{Report: r, Pinning: r.Settings.pinning(), Versions: r.versions()}
	for i := range r.Scenarios {
		v.Sections = append(v.Sections, &r.Scenarios[i])
	}
	return v
}

// Lines is the rows by pointer, for the template: their methods need it.
func (s *Scenario) Lines() []*Row {
	lines := make([]*Row, len(s.Rows))
	for i := range s.Rows {
		lines[i] = &s.Rows[i]
	}
	return lines
}
