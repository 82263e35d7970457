package builtin

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"

	"github.com/wheelpit/wheelpit/pipeline/conformance/report"
)

// Replay replays the lines of a file in the format of builtin_mw.jsonl. The error is one of reading; cases that differ
// are in the report.
func Replay(r io.Reader) (report.Report, error) {
	var rep report.Report
	err := report.Lines(r, func(number int, line []byte) error {
		var head struct {
			Group string `json:"group"`
		}
		if err := json.Unmarshal(line, &head); err != nil {
			return fmt.Errorf("builtin: %w", err)
		}
		what := fmt.Sprintf("line %d: %s", number, head.Group)
		switch head.Group {
		case "csrf", "session", "cache":
			rep.Skip(what, "later")
			return nil
		}
		replay(&rep, what, line)
		return nil
	})
	return rep, err
}

// replay plays the case of a line.
func replay(rep *report.Report, what string, line []byte) {
	v, err := decode(line)
	if err != nil {
		rep.Fail(what, err.Error())
		return
	}
	what += fmt.Sprintf(" %s %s%s %v", v.Request.Method, v.Request.host(), v.Request.target(), v.Request.Headers)
	a, err := play(v)
	if err != nil {
		rep.Fail(what, err.Error())
		return
	}
	difference := a.differences(v)
	switch {
	case difference == "":
		rep.Pass()
	case deviation(v) != "":
		rep.Skip(what, deviation(v))
	default:
		rep.Fail(what, difference)
	}
}

// refusal is gzip with a weight of zero in an Accept-Encoding.
var refusal = regexp.MustCompile(`gzip[ \t]*;[ \t]*q=0(\.0*)?[ \t]*(,|$)`)

// deviation names the rule by which a case may differ.
func deviation(v *vector) string {
	if v.Group == "gzip" && refusal.MatchString(v.Request.Headers["Accept-Encoding"]) {
		return "M8: a weight of zero refuses gzip"
	}
	return ""
}
