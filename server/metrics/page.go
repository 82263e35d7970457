package metrics

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Format is what a page answers with.
type Format string

// The formats. HTML also answers with the others for ?format=json and ?format=prometheus, as its script needs the one and a
// scraper that asks for text/plain or OpenMetrics the other.
const (
	HTML       Format = "html"
	JSON       Format = "json"
	Prometheus Format = "prometheus"
)

// Config is what a Page needs.
type Config struct {
	// Format is what is answered with; empty for HTML.
	Format Format
	// Registry has the counters.
	Registry *Registry
	// About and Gauges are asked at each request, on a worker. Gauges may be nil.
	About  func() About
	Gauges func(c *pipeline.Ctx) Gauges
}

// Page is the handler of a location with wheelpit_status.
type Page struct{ cfg Config }

var errMethod error = &pipeline.Error{Status: 405, Allow: "GET, HEAD"}

// New returns a Page.
func New(cfg Config) (*Page, error) {
	if cfg.Format == "" {
		cfg.Format = HTML
	}
	if cfg.Format != HTML && cfg.Format != JSON && cfg.Format != Prometheus {
		return nil, fmt.Errorf("metrics: unknown format %q", cfg.Format)
	}
	if cfg.Registry == nil || cfg.About == nil {
		return nil, errors.New("metrics: nobody counts")
	}
	return &Page{cfg}, nil
}

// The types of the answers.
const (
	typeHTML        = "text/html; charset=utf-8"
	typeJSON        = "application/json"
	typeText        = "text/plain; version=0.0.4; charset=utf-8"
	typeOpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
)

// Handle answers GET and HEAD with the numbers. It reads files, so it asks for a worker.
func (p *Page) Handle(c *pipeline.Ctx) error {
	if m := c.Head.Method; m != http1.MethodGet && m != http1.MethodHead {
		return errMethod
	}
	if !c.OnWorker() {
		return pipeline.ErrOffload
	}
	var g Gauges
	if p.cfg.Gauges != nil {
		g = p.cfg.Gauges(c)
	}
	s := p.cfg.Registry.Snapshot(p.cfg.About(), g)
	_ = c.SetHeader("Cache-Control", "no-store") // a sound field
	switch p.format(c) {
	case JSON:
		text, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
		return c.Bytes(200, typeJSON, append(text, '\n'))
	case Prometheus:
		if open := accepts(c, "application/openmetrics-text"); open {
			return c.Bytes(200, typeOpenMetrics, s.Text(true))
		}
		return c.Bytes(200, typeText, s.Text(false))
	}
	var b bytes.Buffer
	if err := page.Execute(&b, s); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	return c.Bytes(200, typeHTML, b.Bytes())
}

// format chooses what to answer with.
func (p *Page) format(c *pipeline.Ctx) Format {
	if p.cfg.Format != HTML {
		return p.cfg.Format
	}
	switch f := Format(c.Query("format")); {
	case f == JSON || f == Prometheus:
		return f
	case accepts(c, "text/html"):
		return HTML
	case accepts(c, "application/openmetrics-text"), accepts(c, "version=0.0.4"):
		return Prometheus
	case accepts(c, typeJSON):
		return JSON
	}
	return HTML
}

// accepts tells whether the client names a type. Its weight is not looked at: browsers, scrapers and scripts name one each.
func accepts(c *pipeline.Ctx, name string) bool {
	return bytes.Contains(c.HeaderBytes(http1.Accept), []byte(name))
}

//go:embed status.html
var pageText string

// page is the status page. It holds all it needs, shows its numbers without scripts, and with them asks for new ones.
var page = template.Must(template.New("status").Funcs(template.FuncMap{"classes": func() []int { return []int{1, 2, 3, 4, 5} }}).Parse(pageText))
