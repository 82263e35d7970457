// Command wheelpit is the web server: `wheelpit -c FILE` runs a configuration file of NGINX, with NGINX's command line and
// signals; `wheelpit serve` answers with the files of a directory, `wheelpit bench` measures the server beside its rivals.
//
// For operators there are verbs on a configuration (check, fmt, explain, routes) and on a running server (reload, quit, stop,
// reopen, upgrade), which wait and tell what has become of it. The directory dist has what the program is installed with.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/wheelpit/wheelpit/bench/profile"
	"github.com/wheelpit/wheelpit/server/master"
)

// Exit codes: 0 success, 1 failure, 2 wrong usage, 3 a benchmark beyond its threshold.
const (
	exitFailure = 1
	exitUsage   = 2
)

// exitError carries an exit code other than 1.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

func main() {
	profile.Start()
	if master.Wants(os.Args) {
		os.Exit(master.Main(nginx, os.Args))
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	err := newRoot(os.Stdout).ExecuteContext(ctx)
	if err == nil {
		return
	}
	code := exitFailure
	var exit exitError
	if errors.As(err, &exit) {
		code = exit.code
	}
	if !errors.As(err, &exit) || exit.err != nil {
		fmt.Fprintln(os.Stderr, "wheelpit:", strings.TrimPrefix(err.Error(), "front: ")) // a package is for programmers
	}
	os.Exit(code)
}

func newRoot(out io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "wheelpit",
		Short: "A web server, gateway and application server in one process",
		Example: `  wheelpit serve                 # a welcome page on http://127.0.0.1:8080
  wheelpit serve ./public        # the files of a directory
  wheelpit serve --spa ./dist    # a single-page application`,
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,

		Args: knownVerb,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return exitError{exitUsage, fmt.Errorf("%w\nSee '%s --help'", err, cmd.CommandPath())}
	})
	root.AddCommand(newServe(), newCheck(), newFmt(), newExplain(), newRoutes(), newMan(), newVersion(), newBench())
	root.AddCommand(newControl()...)
	root.SetOut(out)
	refuseUnknownShells(root)
	return root
}

// refuseUnknownShells has completion for a shell that there is none for be wrong usage; cobra shows its help.
func refuseUnknownShells(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args = usage(cobra.NoArgs)
			c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}

// knownVerb refuses what is no verb, and names those that look like it.
func knownVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("unknown verb %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return exitError{exitUsage, fmt.Errorf("%s\nSee 'wheelpit --help'", text)}
}

// usage makes argument errors wrong usage.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return exitError{exitUsage, fmt.Errorf("%w\nSee '%s --help'", err, cmd.CommandPath())}
		}
		return nil
	}
}
