package builtin

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// Result counts the cases of a file.
type Result struct {
	Passed, Failed, Skipped int
	// Failures and Skips name the cases: line number, group, request, and what differs or why it was not compared.
	Failures, Skips []string
}

// String is the summary line.
func (r Result) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", r.Passed, r.Failed, r.Skipped)
}

// Replay replays the lines of a file in the format of builtin_mw.jsonl. The error is one of reading; cases that differ
// are in the result.
func Replay(r io.Reader) (Result, error) {
	p := new(replayer)
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		p.number++
		if len(scanner.Bytes()) == 0 {
			continue
		}
		if err := p.replay(scanner.Bytes()); err != nil {
			return p.result, fmt.Errorf("builtin: line %d: %w", p.number, err)
		}
	}
	if err := scanner.Err(); err != nil {
		return p.result, fmt.Errorf("builtin: %w", err)
	}
	return p.result, nil
}

// replayer is the state between lines.
type replayer struct {
	result Result
	number int
}

func (p *replayer) replay(line []byte) error {
	var head struct {
		Group string `json:"group"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return err
	}
	what := fmt.Sprintf("line %d: %s", p.number, head.Group)
	switch head.Group {
	case "csrf", "session", "cache":
		p.skip(what, "later")
		return nil
	}
	v, err := decode(line)
	if err != nil {
		p.fail(what, err.Error())
		return nil
	}
	what += fmt.Sprintf(" %s %s%s %v", v.Request.Method, v.Request.host(), v.Request.target(), v.Request.Headers)
	a, err := play(v)
	if err != nil {
		p.fail(what, err.Error())
		return nil
	}
	difference := a.differences(v)
	switch {
	case difference == "":
		p.result.Passed++
	case deviation(v) != "":
		p.skip(what, deviation(v))
	default:
		p.fail(what, difference)
	}
	return nil
}

func (p *replayer) skip(what, why string) {
	p.result.Skipped++
	p.result.Skips = append(p.result.Skips, what+": "+why)
}

func (p *replayer) fail(what, why string) {
	p.result.Failed++
	p.result.Failures = append(p.result.Failures, what+": "+why)
}

// deviation names the rule by which a case may differ.
func deviation(v *vector) string {
	if v.Group == "gzip" && v.Request.Headers["Accept-Encoding"] == "gzip;q=0" {
		return "M8: a weight of zero refuses gzip"
	}
	return ""
}
