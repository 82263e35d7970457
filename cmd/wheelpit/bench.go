package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/wheelpit/wheelpit/bench"
	"github.com/wheelpit/wheelpit/bench/profile"
	"github.com/wheelpit/wheelpit/bench/report"
	"github.com/wheelpit/wheelpit/bench/rival"
	"github.com/wheelpit/wheelpit/bench/target"
)

func newBench() *cobra.Command {
	o := bench.Options{LoadCPU: 1}
	var wrk, profiles string
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure this server beside nginx and other rivals that are installed",
		Long: `Bench starts each server on equal terms, one after the other under the same load, in
interleaved rounds, and reports the CPU time that each took per request as a ratio to
nginx. Server and load have a processor each. bench/README.md tells how to read it.`,
		Example: `  wheelpit bench --quick
  wheelpit bench --scenarios 'static-*' --servers 'nginx,wheelpit' --html report.html
  wheelpit bench --rounds 10 --json after.json && wheelpit bench compare before.json after.json`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			tool, ok := map[string]bench.Tool{"auto": bench.Auto, "never": bench.Never, "always": bench.Always}[wrk]
			if !ok {
				return exitError{exitUsage, fmt.Errorf("--wrk %s: must be auto, never or always", wrk)}
			}
			o.Wrk, o.Version = tool, version+commit()
			if profiles != "" { // for every process that is started
				_ = os.Setenv(profile.Variable, profiles)
			}
			return exitCode(bench.Main(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr()))
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.Scenarios, "scenarios", nil, "scenarios to run, as globs (default all)")
	f.StringSliceVar(&o.Servers, "servers", nil, "servers to run, as globs (default all that are installed)")
	f.IntVar(&o.Rounds, "rounds", 0, "rounds of every scenario (default 5)")
	f.DurationVar(&o.Slice, "slice", 0, "load on a server in one round (default 2s)")
	f.BoolVar(&o.Quick, "quick", false, "3 rounds of 1 s: to see that all works, not to quote")
	f.BoolVar(&o.Control, "control", false, "measure nginx twice: what the ratio of the two is worth, every ratio is")
	f.BoolVar(&o.Budgets, "budgets", false, "exit with 3 when a budget is exceeded")
	f.StringVar(&wrk, "wrk", "auto", "load by wrk: auto, never (the own generator) or always")
	f.IntVar(&o.ServerCPU, "server-cpu", 0, "processor of the servers")
	f.IntVar(&o.LoadCPU, "load-cpu", 1, "processor of the load")
	f.IntVar(&o.Connections, "idle", 0, "connections of the idle scenario (default 10000)")
	f.StringVar(&o.JSON, "json", "", "write the report as JSON")
	f.StringVar(&o.HTML, "html", "", "write the report as one HTML page")
	f.StringVar(&profiles, "profile", "", "directory for CPU profiles of this server; what is measured then is not to be quoted")
	cmd.AddCommand(newBenchCompare(), newBenchOverview(), newBenchTarget(), newBenchRival())
	return cmd
}

// exitCode makes an error of the exit code that bench asks for.
func exitCode(code int, err error) error {
	if errors.Is(err, context.Canceled) {
		return exitError{exitFailure, nil}
	}
	if code != 0 || err != nil {
		return exitError{max(code, 1), err}
	}
	return nil
}

func newBenchCompare() *cobra.Command {
	threshold := 0.05
	cmd := &cobra.Command{
		Use:   "compare BEFORE.json AFTER.json",
		Short: "Compare two reports; exits with 3 when a scenario got dearer",
		Args:  usage(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return exitCode(bench.Compare(args[0], args[1], threshold, cmd.OutOrStdout()))
		},
	}
	cmd.Flags().Float64Var(&threshold, "threshold", threshold, "the share by which a scenario may get dearer")
	return cmd
}

func newBenchOverview() *cobra.Command {
	var svg bool
	cmd := &cobra.Command{
		Use:   "overview REPORT.json",
		Short: "Print a report as one table (Markdown) or one chart (SVG)",
		Args:  usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := report.Open(args[0])
			if err != nil {
				return err
			}
			if svg {
				return report.WriteChart(cmd.OutOrStdout(), r, rival.TargetName)
			}
			return report.WriteTable(cmd.OutOrStdout(), r, rival.TargetName)
		},
	}
	cmd.Flags().BoolVar(&svg, "svg", false, "draw a chart")
	return cmd
}

// newBenchTarget is the server that bench measures; bench starts it.
func newBenchTarget() *cobra.Command {
	var listen, dir string
	cmd := &cobra.Command{
		Use: "target", Short: "Run the server that bench measures", Hidden: true, Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return target.Run(cmd.Context(), listen, dir) },
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "address to listen on")
	cmd.Flags().StringVar(&dir, "dir", ".", "directory of the scenarios' files")
	return cmd
}

// newBenchRival is a built-in rival; bench starts it.
func newBenchRival() *cobra.Command {
	return &cobra.Command{
		Use: "rival NAME ADDR DIR", Short: "Run a built-in rival", Hidden: true, Args: usage(cobra.ExactArgs(3)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return rival.RunBuiltin(cmd.Context(), args[0], args[1], args[2])
		},
	}
}
