package debugpage

import (
	"bytes"
	"fmt"
	"strings"
)

// plain writes a report as text.
type plain struct{ bytes.Buffer }

func renderText(rep *report) ([]byte, error) {
	p := new(plain)
	p.printf("%s\n%s\n\n%s\n", rep.Reason(), rep.Title, rep.Detail)
	p.notFound(rep.NotFound)
	p.causes(rep.Errors)
	p.stack(rep.Stack)
	p.request(&rep.Request)
	if rep.Hooks != "" {
		p.printf("\nHooks\n  %s\n", indented(strings.TrimRight(rep.Hooks, "\n"), "  "))
	}
	p.trace(rep.Trace)
	p.pairs("Settings", rep.Settings)
	p.pairs("Build", rep.Build)
	return p.Bytes(), nil
}

func (p *plain) printf(format string, args ...any) { fmt.Fprintf(p, format, args...) }

// indented puts indent in front of every line of text but the first.
func indented(text, indent string) string { return strings.ReplaceAll(text, "\n", "\n"+indent) }

func (p *plain) notFound(nf *notFound) {
	if nf == nil {
		return
	}
	if nf.Matched != "" {
		p.printf("\nThe path matched %s, whose handler said not found.\n", nf.Matched)
	}
	if len(nf.Tried) > 0 {
		p.printf("\nRoutes tried, in order\n")
	}
	for i, a := range nf.Tried {
		p.printf("  %3d  %s", i+1, strings.Join(a.Chain, " "))
		if a.Name != "" {
			p.printf("  [name=%s]", a.Name)
		}
		p.printf("\n")
	}
	if nf.Omitted > 0 {
		p.printf("  and %d more\n", nf.Omitted)
	}
}

func (p *plain) causes(list []cause) {
	if len(list) > 0 {
		p.printf("\nErrors\n")
	}
	for _, e := range list {
		indent := strings.Repeat("  ", min(e.Depth, 20)+1)
		p.printf("%s%s: %s\n", indent, e.Type, indented(e.Message, indent+"  "))
	}
}

// stack marks the frames of the application, which alone come with their source.
func (p *plain) stack(frames []frame) {
	if len(frames) > 0 {
		p.printf("\nStack\n")
	}
	for _, f := range frames {
		mark := " "
		if f.Application() {
			mark = "*"
		}
		p.printf("%s %s\n      %s:%d\n", mark, f.Function, f.File, f.Line)
		if !f.Application() {
			continue
		}
		for _, l := range f.Source {
			here := " "
			if l.Here {
				here = ">"
			}
			p.printf("    %s%s\n", here, strings.TrimRight(fmt.Sprintf("%6d  %s", l.Number, l.Text), " \t"))
		}
	}
}

func (p *plain) request(r *request) {
	var lines []Pair
	for _, l := range []Pair{{"method", r.Method}, {"target", r.Target}, {"path", r.Path}, {"client", r.Client}, {"route", r.Route},
		{"route name", r.RouteName}, {"handler", r.Handler}} {
		if l.Value != "" {
			lines = append(lines, l)
		}
	}
	p.pairs("Request", lines)
	p.pairs("Parameters", r.Parameters)
	p.pairs("Query", r.Query)
	p.pairs("Form", r.Form)
	p.pairs("Cookies", r.Cookies)
	p.pairs("Fields", r.Fields)
}

func (p *plain) pairs(heading string, list []Pair) {
	if len(list) > 0 {
		p.printf("\n%s\n", heading)
	}
	for _, l := range list {
		p.printf("  %s: %s\n", l.Name, l.Value)
	}
}

func (p *plain) trace(steps []traceStep) {
	if len(steps) > 0 {
		p.printf("\nTrace (start, duration in ms)\n")
	}
	for _, s := range steps {
		took := fmt.Sprintf("%10.3f", s.Took)
		if s.Took < 0 {
			took = "   running"
		}
		p.printf("  %10.3f %s  %-9s  %s", s.Start, took, s.Kind, s.Name)
		if s.Error != "" {
			p.printf("  (%s)", s.Error)
		}
		p.printf("\n")
	}
}
