// Package routertest replays cases of what Django's URL dispatcher answers against package router.
package routertest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/wheelpit/wheelpit/router"
)

// Report counts the cases of a file.
type Report struct {
	Passed, Failed, Skipped int
	// Failures and Deviations name the cases: line number, kind, URLconf, what differs or which deviation it is.
	Failures, Deviations []string
}

// String is the summary line.
func (r Report) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", r.Passed, r.Failed, r.Skipped)
}

// line is any line of url_dispatch.jsonl.
type line struct {
	Kind string `json:"kind"`

	Converters map[string]string `json:"converters"` // meta

	ID       string  `json:"id"` // urlconf
	Patterns []entry `json:"patterns"`

	URLConf string     `json:"urlconf"` // resolve, reverse
	Path    string     `json:"path"`
	Match   *match     `json:"match"`
	Tried   [][]string `json:"tried"`

	Name         string           `json:"name"`
	Args         []typed          `json:"args"`
	Kwargs       map[string]typed `json:"kwargs"`
	CurrentApp   string           `json:"current_app"`
	ScriptPrefix string           `json:"script_prefix"`
	URL          *string          `json:"url"`
	Error        string           `json:"error"`

	ScriptName    string `json:"script_name"` // wsgi_path
	RawPath       string `json:"raw_path"`
	Query         string `json:"query"`
	PathInfo      string `json:"path_info"`
	FullPath      string `json:"full_path"`
	FullPathSlash string `json:"full_path_slash"`
	AbsoluteURI   string `json:"absolute_uri"`
}

// replayer is the state between lines.
type replayer struct {
	report     Report
	converters map[string]router.Converter
	confs      map[string]*conf
	number     int
}

// URLDispatch replays the lines of a file in the format of url_dispatch.jsonl. The error is one of reading; cases that
// differ are in the report.
func URLDispatch(r io.Reader) (Report, error) {
	p := &replayer{confs: map[string]*conf{}}
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		p.number++
		if len(scanner.Bytes()) == 0 {
			continue
		}
		var l line
		if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
			return p.report, fmt.Errorf("routertest: line %d: %w", p.number, err)
		}
		p.replay(&l)
	}
	return p.report, scanner.Err()
}

func (p *replayer) replay(l *line) {
	switch l.Kind {
	case "meta":
		p.converters = converters(l.Converters)
	case "urlconf":
		p.confs[l.ID] = newConf(l.Patterns, p.converters)
	case "wsgi_path":
		p.verdict(l, "", checkPath(l))
	case "resolve", "reverse":
		c := p.confs[l.URLConf]
		switch {
		case c == nil:
			p.verdict(l, "", fmt.Sprintf("unknown urlconf %q", l.URLConf))
		case c.err != nil:
			p.verdict(l, c.deviation, c.err.Error())
		case l.Kind == "resolve":
			p.verdict(l, resolveDeviation(l), c.checkResolve(l))
		default:
			deviation, difference := c.checkReverse(l)
			p.verdict(l, deviation, difference)
		}
	default:
		p.verdict(l, "", fmt.Sprintf("unknown kind %q", l.Kind))
	}
}

// verdict counts a case; difference is empty when it passed, deviation names the rule when it may differ.
func (p *replayer) verdict(l *line, deviation, difference string) {
	what := fmt.Sprintf("line %d: %s %s %q: ", p.number, l.Kind, l.URLConf, l.Name+l.Path+l.RawPath)
	switch {
	case difference == "":
		p.report.Passed++
	case deviation != "":
		p.report.Skipped++
		p.report.Deviations = append(p.report.Deviations, what+deviation)
	default:
		p.report.Failed++
		p.report.Failures = append(p.report.Failures, what+difference)
	}
}

// differ compares the printed forms.
func differ(what string, got, want any) string {
	g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want)
	if g == w {
		return ""
	}
	return fmt.Sprintf("%s: got %s, want %s; ", what, g, w)
}

// checkPath is the way of a request target to the resolver and back.
func checkPath(l *line) string {
	info := router.DecodePath(l.RawPath)
	path := strings.TrimRight(l.ScriptName, "/") + info
	full := router.EscapePath(path)
	slashed := full
	if !strings.HasSuffix(slashed, "/") {
		slashed += "/"
	}
	if l.Query != "" {
		full += "?" + router.EscapeQuery(l.Query)
		slashed += "?" + router.EscapeQuery(l.Query)
	}
	return differ("path_info", info, l.PathInfo) + differ("path", path, l.Path) +
		differ("full_path", full, l.FullPath) + differ("full_path_slash", slashed, l.FullPathSlash) +
		differ("absolute_uri", router.AbsoluteURI("http://testserver", full), l.AbsoluteURI)
}
