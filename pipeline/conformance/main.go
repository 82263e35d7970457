// Command conformance replays what real Django answered against this module's pipeline, router, middleware and views:
//
//	go run ./pipeline/conformance FILE...
//
// A file holds one case a line, as JSON: middleware traces, URL dispatch, built-in middleware or class-based views; which it
// is shows in its first line. For each file it prints what failed, which declared deviations were met, and
// "N passed, M failed, K skipped". It exits with status 1 when a case failed.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/wheelpit/wheelpit/pipeline/conformance/builtin"
	"github.com/wheelpit/wheelpit/pipeline/conformance/cbv"
	"github.com/wheelpit/wheelpit/pipeline/conformance/report"
	"github.com/wheelpit/wheelpit/pipeline/conformance/traces"
	"github.com/wheelpit/wheelpit/router/routertest"
)

func main() {
	quiet := flag.Bool("q", false, "do not name the deviations")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: conformance [-q] FILE...")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	var total report.Report
	for _, name := range flag.Args() {
		rep, err := replayFile(name)
		if err != nil {
			fmt.Fprintf(os.Stderr, "conformance: %s: %v\n", name, err)
			os.Exit(2)
		}
		tell(os.Stdout, name, rep, *quiet)
		total.Add(rep)
	}
	if flag.NArg() > 1 {
		fmt.Println(total)
	}
	if total.Failed > 0 {
		os.Exit(1)
	}
}

func tell(w io.Writer, name string, rep report.Report, quiet bool) {
	for _, f := range rep.Failures {
		fmt.Fprintln(w, "FAIL", f)
	}
	if !quiet {
		for _, d := range rep.Deviations {
			fmt.Fprintln(w, "skip", d)
		}
	}
	fmt.Fprintf(w, "%s: %s\n", name, rep)
}

func replayFile(name string) (report.Report, error) {
	f, err := os.Open(name)
	if err != nil {
		return report.Report{}, err
	}
	defer func() { _ = f.Close() }()
	r := bufio.NewReaderSize(f, 1<<20)
	first, _ := r.Peek(r.Size())
	replay, err := kindOf(first)
	if err != nil {
		return report.Report{}, err
	}
	return replay(r)
}

// kindOf tells by the keys of its first line how a file is replayed.
func kindOf(start []byte) (func(io.Reader) (report.Report, error), error) {
	line, _, _ := bytes.Cut(bytes.TrimSpace(start), []byte("\n"))
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(line, &keys); err != nil {
		return nil, fmt.Errorf("first line: %w", err)
	}
	has := func(key string) bool { return keys[key] != nil }
	switch {
	case has("scenario"):
		return traces.Replay, nil
	case has("group"):
		return builtin.Replay, nil
	case has("handlers"):
		return cbv.Replay, nil
	case has("kind"):
		return func(r io.Reader) (report.Report, error) {
			rep, err := routertest.URLDispatch(r)
			return report.Report(rep), err
		}, nil
	}
	return nil, fmt.Errorf("no cases that this command knows: %.200s", line)
}
