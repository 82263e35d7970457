package traces

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// Report counts the scenarios of a file.
type Report struct {
	Passed, Failed, Skipped int
	// Failures and Deviations name the scenarios: their id, what differs or which rule it is.
	Failures, Deviations []string
}

// String is the summary line.
func (r Report) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", r.Passed, r.Failed, r.Skipped)
}

// Replay plays the scenarios of a file in the format of middleware_traces.jsonl. The error is one of reading; scenarios that
// differ are in the report.
func Replay(r io.Reader) (Report, error) {
	var report Report
	err := each(r, func(l *line) {
		difference := ""
		switch {
		case slices.Contains(l.Tags, "python-none"):
			report.Skipped++
			report.Deviations = append(report.Deviations, l.Scenario.ID+": python-none (H25)")
			return
		case slices.Contains(l.Tags, "unrendered"):
			if difference = l.play(true); difference == "" {
				report.Skipped++
				report.Deviations = append(report.Deviations, l.Scenario.ID+": unrendered (H18): rendered when it is sent")
				return
			}
		default:
			difference = l.play(false)
		}
		if difference != "" && strings.Contains(strings.Join(l.Trace, " "), ":AttributeError") {
			report.Skipped++
			report.Deviations = append(report.Deviations, l.Scenario.ID+": swapped in a response without render() (H17): it counts as rendered")
			return
		}
		if difference != "" {
			report.Failed++
			report.Failures = append(report.Failures, l.Scenario.ID+": "+difference)
			return
		}
		report.Passed++
	})
	return report, err
}

// each calls f for every line.
func each(r io.Reader, f func(*line)) error {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, 16<<20)
	for n := 1; scanner.Scan(); n++ {
		if len(scanner.Bytes()) == 0 {
			continue
		}
		l := new(line)
		if err := json.Unmarshal(scanner.Bytes(), l); err != nil {
			return fmt.Errorf("traces: line %d: %w", n, err)
		}
		f(l)
	}
	return scanner.Err()
}

// play takes the scenario through the pipeline and says what differs from Django, "" for nothing. A response that Django
// leaves unrendered fails there when it is read, and is rendered here: all else must be the same.
func (l *line) play(unrendered bool) string {
	r := &run{scenario: &l.Scenario}
	app, err := r.app()
	if err != nil {
		return err.Error()
	}
	chain, err := app.Compile()
	if err != nil || l.LoadError != "" {
		return differ("loading fails", err != nil, l.LoadError != "") + differ("trace", r.trace, l.Trace)
	}
	res, err := pipelinetest.Serve(chain, l.method(), l.path(), pipelinetest.OnHead(func(c *pipeline.Ctx) {
		if c.Escaped() == nil {
			r.note(fmt.Sprintf("server.start:%d", c.Res().Status))
		}
	}))
	if err != nil {
		return err.Error()
	}
	if unrendered {
		late := slices.IndexFunc(r.trace, func(e string) bool { return strings.Contains(e, ".render") && !slices.Contains(l.Trace, e) })
		if late >= 0 && strings.Contains(r.trace[late], "!") { // and it failed: the response is another one
			return differ("trace", r.trace[:late], l.Trace[:min(late, len(l.Trace))])
		}
		if late >= 0 {
			r.trace = slices.Delete(r.trace, late, late+1)
		}
	}
	return differ("trace", r.trace, l.Trace) + differ("logs", r.logs, l.Logs) + differ("rows", r.rows, l.Rows) + l.compare(res, unrendered)
}

func (l *line) method() string {
	if l.Scenario.Method == "" {
		return "GET"
	}
	return l.Scenario.Method
}

func (l *line) path() string {
	if l.Scenario.Path == "" {
		return "/v/"
	}
	return l.Scenario.Path
}

// compare says what differs in the response.
func (l *line) compare(res *pipelinetest.Response, unrendered bool) string {
	switch {
	case l.Status == nil && res.Aborted:
		return differ("escaped", "SystemExit", l.Escaped)
	case l.Status == nil && res.Escaped != nil:
		return differ("escaped", className(res.Escaped), l.Escaped) + differ("status", res.Status, 500)
	case l.Status == nil:
		return differ("escaped", "", l.Escaped)
	}
	difference := differ("status", res.Status, *l.Status) + differ("trail", res.Header.Values(trail), l.Trail)
	if unrendered {
		return difference
	}
	difference += differ("body error", res.BodyErr != nil, l.BodyError != "")
	if l.Body != nil && res.Method != "HEAD" && http1.BodyAllowed(res.Status) { // Django leaves the body in place (H31)
		difference += differ("body", bodyOf(res), *l.Body)
	}
	return difference
}

// bodyOf is the body, a plain page of ours as the one of Django.
func bodyOf(res *pipelinetest.Response) string {
	if res.Err == nil || string(res.Body) != string(pipeline.ErrorPage(res.Status)) {
		return string(res.Body)
	}
	switch res.Status {
	case 400:
		return "page:default:Bad Request (400)"
	case 403:
		return "page:default:403 Forbidden"
	case 404:
		return "page:default:Not Found"
	}
	return "page:default:Server Error (500)"
}

// differ compares the printed forms; nil and empty are the same.
func differ(what string, got, want any) string {
	g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want)
	if g == w {
		return ""
	}
	return fmt.Sprintf("%s: got %s, want %s; ", what, g, w)
}
