// Package report counts cases that are replayed.
package report

import (
	"bufio"
	"fmt"
	"io"
)

// Report counts the cases of a file.
type Report struct {
	Passed, Failed, Skipped int
	// Failures and Deviations name the cases: what differs, or which rule lets it.
	Failures, Deviations []string
}

// String is the summary line.
func (r Report) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", r.Passed, r.Failed, r.Skipped)
}

// Pass counts a case that is as it should be.
func (r *Report) Pass() { r.Passed++ }

// Fail counts the case what, which differs.
func (r *Report) Fail(what, difference string) {
	r.Failed++
	r.Failures = append(r.Failures, what+": "+difference)
}

// Skip counts the case what, which a rule lets differ, or which is not for us.
func (r *Report) Skip(what, rule string) {
	r.Skipped++
	r.Deviations = append(r.Deviations, what+": "+rule)
}

// Add counts the cases of another report too.
func (r *Report) Add(o Report) {
	r.Passed += o.Passed
	r.Failed += o.Failed
	r.Skipped += o.Skipped
	r.Failures = append(r.Failures, o.Failures...)
	r.Deviations = append(r.Deviations, o.Deviations...)
}

// Differ compares the printed forms of two values and says what differs, "" for nothing; nil and empty are the same.
func Differ(what string, got, want any) string {
	g, w := text(got), text(want)
	if g == w {
		return ""
	}
	return fmt.Sprintf("%s: got %s, want %s; ", what, g, w)
}

func text(v any) string {
	switch v.(type) {
	case string, []string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}

// maxLine bounds a line of a file of cases, in bytes.
const maxLine = 16 << 20

// Lines calls f with every line that is not empty, and its number, until f fails.
func Lines(r io.Reader, f func(number int, line []byte) error) error {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, maxLine)
	for n := 1; scanner.Scan(); n++ {
		if len(scanner.Bytes()) == 0 {
			continue
		}
		if err := f(n, scanner.Bytes()); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return scanner.Err()
}
