package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/master"
)

// controlOptions are the flags of the verbs that signal a running server.
type controlOptions struct {
	planFlags
	pidFile string
	wait    bool
	noCheck bool
	timeout time.Duration
}

// controlVerb is a verb with its help.
type controlVerb struct {
	verb        master.Verb
	short, long string
}

var controlVerbs = []controlVerb{
	{master.Reload, "Have a running server read its configuration again", `Reload reads the configuration as the server will, and signals the server only if it is sound. With
--wait it returns when workers with the new configuration serve, and those with the old one have ended
or have had five seconds for it: downloads and WebSockets go on in them. If the server kept the old
configuration, the lines of its error log that say why are printed, and the exit code is 1.`},
	{master.Quit, "End a running server when its requests are answered", `Quit ends a server gracefully; with --wait it returns when the server has ended.`},
	{master.Stop, "End a running server at once", `Stop ends a server at once; with --wait it returns when the server has ended.`},
	{master.Reopen, "Have a running server open its logs again", `Reopen has a server open its logs anew, after a rotation has moved them away.`},
	{master.Upgrade, "Replace the binary of a running server", `Upgrade starts the binary that lies at the server's path now, with the sockets that are open, waits
until it serves, has the old workers finish, and ends the old master. No connection is refused.
If the new binary cannot serve, the old one goes on, and the exit code is 1. It always waits.`},
}

func newControl() (list []*cobra.Command) {
	for _, v := range controlVerbs {
		var o controlOptions
		cmd := &cobra.Command{
			Use:   string(v.verb),
			Short: v.short,
			Long:  v.long + "\n\nThe server is found by the pid file that its configuration names.",
			Example: fmt.Sprintf(`  wheelpit %s
  wheelpit %s --wait -c /etc/wheelpit/wheelpit.conf`, v.verb, v.verb),
			Args: usage(cobra.NoArgs),
			RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd, v.verb) },
		}
		o.register(cmd)
		f := cmd.Flags()
		f.StringVar(&o.pidFile, "pid-file", "", "the pid file (default: what the configuration says)")
		f.BoolVar(&o.wait, "wait", false, "return when it is done, and say why if it was not")
		f.DurationVar(&o.timeout, "timeout", time.Minute, "how long to wait")
		if v.verb == master.Reload {
			f.BoolVar(&o.noCheck, "no-check", false, "signal the server without reading the configuration first")
		}
		list = append(list, cmd)
	}
	return list
}

func (o *controlOptions) run(cmd *cobra.Command, verb master.Verb) error {
	if verb == master.Reload && !o.noCheck {
		if _, err := o.load(cmd.ErrOrStderr(), false); err != nil {
			return err
		}
	}
	pidFile := o.pidFileName()
	logs := markLogs(pidFile)
	ctx, cancel := context.WithTimeout(cmd.Context(), o.timeout)
	defer cancel()
	err := master.Control(ctx, pidFile, verb, o.wait)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: not done after %v; the server was signalled", verb, o.timeout)
	case errors.Is(err, master.ErrFailed):
		logs.print(cmd.ErrOrStderr())
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no server runs, or its pid file is another: %w", verb, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

// pidFileName is where the server's pid file lies, by the flag or by the configuration, even one with faults.
func (o *controlOptions) pidFileName() string {
	if o.pidFile != "" {
		return o.pidFile
	}
	file := o.file
	if file == "" {
		file = defaultConf
	}
	if abs, err := filepath.Abs(file); err == nil {
		file = abs
	}
	cfg, _ := conf.Load(file, conf.Options{Global: o.global})
	name := master.DefaultPaths.PID
	if d := cfg.Find("pid"); d != nil && len(d.Args) == 1 {
		name = d.Args[0]
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(o.prefix, name)
	}
	return name
}

// errorLogs are the files of the error log with their sizes at some time.
type errorLogs map[string]int64

// markLogs notes where the error logs of a running server end.
func markLogs(pidFile string) errorLogs {
	logs := errorLogs{}
	state, err := master.ReadState(pidFile)
	if err != nil {
		return logs // what is wrong will be seen again
	}
	for _, name := range state.ErrorLogs {
		if st, err := os.Stat(name); err == nil {
			logs[name] = st.Size()
		}
	}
	return logs
}

// shownLog bounds what is shown of a log, in bytes from its end.
const shownLog = 4096

// print writes the lines with a fault that were added since.
func (logs errorLogs) print(w io.Writer) {
	for name, from := range logs {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		if st, err := f.Stat(); err == nil && st.Size() > from+shownLog {
			from = st.Size() - shownLog
		}
		text, _ := io.ReadAll(io.NewSectionReader(f, from, shownLog))
		_ = f.Close()
		for line := range bytes.Lines(text) {
			if bytes.Contains(line, []byte("[emerg]")) || bytes.Contains(line, []byte("[alert]")) || bytes.Contains(line, []byte("[crit]")) {
				_, _ = w.Write(line)
			}
		}
	}
}
