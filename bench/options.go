package bench

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"time"
)

// Tool is the choice of the load generator.
type Tool int

const (
	Auto   Tool = iota // wrk where it is installed and can make the load, the own generator otherwise
	Never              // the own generator
	Always             // wrk; scenarios that it cannot make are left out
)

// Options is what a run does. The zero value measures every scenario on every server that is installed.
type Options struct {
	Scenarios []string // globs on scenario ids; empty is all
	Servers   []string // globs on server names; empty is all

	Rounds  int           // slices of each server in each scenario, default 5
	Slice   time.Duration // default 2 s; wrk rounds it up to seconds
	Warmup  time.Duration // load before the first round, and of the own generator before each slice; default 300 ms
	Quick   bool          // 3 rounds of 1 s, to see that all works; not to quote
	Wrk     Tool
	Control bool // a second instance of the baseline: its ratio to the first is the resolution of the run
	Budgets bool // exit code 3 when a budget is exceeded

	ServerCPU int // CPU of the servers
	LoadCPU   int // CPU of the load; the same as ServerCPU: nothing is pinned

	Connections int    // of the scenario with idle connections, default 10,000
	JSON        string // path to write the report to; empty: not written
	HTML        string // the same as a page

	// Target is the command that starts the server to measure; "--listen ADDR --dir DIR" is appended.
	// Default: this executable with "bench target".
	Target []string
	// Version is the target's version, for the report.
	Version string
	// Self is the command that calls rival.RunBuiltin; NAME, ADDR and DIR are appended.
	// Default: this executable with "bench rival".
	Self []string
}

// withDefaults fills in what is zero.
func (o Options) withDefaults() (Options, error) {
	if o.Quick {
		o.Rounds, o.Slice = or(o.Rounds, 3), or(o.Slice, time.Second)
	}
	o.Rounds, o.Slice, o.Warmup = or(o.Rounds, 5), or(o.Slice, 2*time.Second), or(o.Warmup, 300*time.Millisecond)
	o.Connections = or(o.Connections, 10_000)
	if o.ServerCPU == o.LoadCPU {
		o.ServerCPU, o.LoadCPU = -1, -1
	}
	var err error
	if o.Target, err = command(o.Target, "target"); err != nil {
		return o, err
	}
	if o.Self, err = command(o.Self, "rival"); err != nil {
		return o, err
	}
	if o.Rounds < 1 || o.Slice < 0 || o.Warmup < 0 || o.Connections < 1 {
		return o, errors.New("bench: rounds, times and connections must be positive")
	}
	return o, nil
}

// command makes the program of argv absolute, since servers start in directories of their own. Without argv it is this
// executable with "bench" and the verb.
func command(argv []string, verb string) ([]string, error) {
	if len(argv) == 0 {
		exe, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		return []string{exe, "bench", verb}, nil
	}
	program, err := exec.LookPath(argv[0])
	if err == nil {
		program, err = filepath.Abs(program)
	}
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	return append([]string{program}, argv[1:]...), nil
}

// or returns v, or the default when v is zero.
func or[T comparable](v, byDefault T) T {
	var zero T
	if v == zero {
		return byDefault
	}
	return v
}

// matches tells whether one of the globs fits the name; no globs fit every name.
func matches(globs []string, name string) (bool, error) {
	for _, glob := range globs {
		ok, err := path.Match(glob, name)
		if err != nil {
			return false, fmt.Errorf("bench: %q: %w", glob, err)
		}
		if ok {
			return true, nil
		}
	}
	return len(globs) == 0, nil
}
