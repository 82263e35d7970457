package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/wheelpit/wheelpit/server/conf"
)

// checkOptions are the flags of `wheelpit check`.
type checkOptions struct {
	compat bool
	short  bool
	global string
}

// defaultConf is the file that check reads without an argument.
const defaultConf = "/etc/nginx/nginx.conf"

func newCheck() *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Check a configuration file of NGINX",
		Long: `Check reads an nginx.conf with all it includes, and reports every fault: NGINX's line, then
the place in the file and what to do about it. Names of hosts are not looked up, and files
that a directive names, such as certificates, are not opened. Without FILE it reads
` + defaultConf + `.

With --compat it lists the directives the file uses, and what this program makes of each:

  supported  it does what NGINX's documentation says
  checked    it is read and checked, and nothing executes it in this version
  accepted   it has no meaning here and is ignored, with a warning
  refused    the file cannot be used with it`,
		Example: `  wheelpit check
  wheelpit check ./nginx.conf --compat
  wheelpit check ./nginx.conf -g 'daemon off;'`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			file := defaultConf
			if len(args) == 1 {
				file = args[0]
			}
			return runCheck(cmd.OutOrStdout(), cmd.ErrOrStderr(), file, o)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.compat, "compat", false, "list the directives in use and what becomes of them")
	f.BoolVar(&o.short, "short", false, "one line for each fault, as NGINX writes it")
	f.StringVarP(&o.global, "global", "g", "", "global directives, read before the file")
	return cmd
}

// runCheck writes the list of directives to out and all else to log.
func runCheck(out, log io.Writer, file string, o checkOptions) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	cfg, errs := conf.Load(file, conf.Options{Global: o.global})
	conf.Printer{Program: "wheelpit", Short: o.short}.Print(log, errs)
	if o.compat {
		if err := cfg.WriteUsage(out); err != nil {
			return err
		}
	}
	if errs.Failed() {
		fmt.Fprintf(log, "wheelpit: configuration file %s test failed\n", file)
		return exitError{code: exitFailure} // what is wrong has been said
	}
	fmt.Fprintf(log, "wheelpit: the configuration file %s syntax is ok\n", file)
	fmt.Fprintf(log, "wheelpit: configuration file %s test is successful\n", file)
	return nil
}
