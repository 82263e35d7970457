package traces

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/conformance/report"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// Replay plays the scenarios of a file in the format of middleware_traces.jsonl. The error is one of reading; scenarios that
// differ are in the report, by their ids.
func Replay(r io.Reader) (report.Report, error) {
	var rep report.Report
	err := each(r, func(l *line) {
		id := l.Scenario.ID
		if slices.Contains(l.Tags, "python-none") {
			rep.Skip(id, "python-none (H25)")
			return
		}
		unrendered := slices.Contains(l.Tags, "unrendered")
		difference := l.play(unrendered)
		switch {
		case difference != "" && strings.Contains(strings.Join(l.Trace, " "), ":AttributeError"):
			rep.Skip(id, "swapped in a response without render() (H17): it counts as rendered")
		case difference != "":
			rep.Fail(id, difference)
		case unrendered:
			rep.Skip(id, "unrendered (H18): rendered when it is sent")
		default:
			rep.Pass()
		}
	})
	return rep, err
}

// each calls f for every line.
func each(r io.Reader, f func(*line)) error {
	return report.Lines(r, func(_ int, b []byte) error {
		l := new(line)
		if err := json.Unmarshal(b, l); err != nil {
			return fmt.Errorf("traces: %w", err)
		}
		f(l)
		return nil
	})
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
		return report.Differ("loading fails", err != nil, l.LoadError != "") + report.Differ("trace", r.trace, l.Trace)
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
		late := firstDifference(r.trace, l.Trace)
		if late >= 0 && !strings.Contains(r.trace[late], ".render") {
			late = -1
		}
		if late >= 0 && strings.Contains(r.trace[late], "!") { // and it failed: the response is another one
			return report.Differ("trace", r.trace[:late], l.Trace[:min(late, len(l.Trace))])
		}
		if late >= 0 {
			r.trace = slices.Delete(r.trace, late, late+1)
		}
	}
	return report.Differ("trace", r.trace, l.Trace) + report.Differ("logs", r.logs, l.Logs) + report.Differ("rows", r.rows, l.Rows) + l.compare(res, unrendered)
}

// firstDifference is the index of the first event that is not the wanted one, -1 when want begins with all of got.
func firstDifference(got, want []string) int {
	for i := range got {
		if i >= len(want) || got[i] != want[i] {
			return i
		}
	}
	return -1
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
		return report.Differ("escaped", "SystemExit", l.Escaped)
	case l.Status == nil && res.Escaped != nil:
		return report.Differ("escaped", className(res.Escaped), l.Escaped) + report.Differ("status", res.Status, 500)
	case l.Status == nil:
		return report.Differ("escaped", "", l.Escaped)
	}
	difference := report.Differ("status", res.Status, *l.Status) + report.Differ("trail", res.Header.Values(trail), l.Trail)
	if unrendered {
		return difference
	}
	difference += report.Differ("body error", res.BodyErr != nil, l.BodyError != "")
	if l.Body != nil && res.Method != "HEAD" && http1.BodyAllowed(res.Status) { // Django leaves the body in place (H31)
		difference += report.Differ("body", bodyOf(res), *l.Body)
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
