package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wheelpit/wheelpit/server/master"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:    "man [DIR]",
		Short:  "Write the pages of the manual",
		Long:   "Man writes a page of the manual for every verb into DIR, or the main one to standard output.",
		Hidden: true,
		Args:   usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				_, err := fmt.Fprint(cmd.OutOrStdout(), manPage(cmd.Root()))
				return err
			}
			return writeMan(cmd.Root(), args[0])
		},
	}
}

// writeMan writes the page of a command and those below it.
func writeMan(cmd *cobra.Command, dir string) error {
	name := filepath.Join(dir, manName(cmd)+".1")
	if err := os.WriteFile(name, []byte(manPage(cmd)), 0o644); err != nil {
		return err
	}
	for _, c := range manVerbs(cmd) {
		if err := writeMan(c, dir); err != nil {
			return err
		}
	}
	return nil
}

// manVerbs are the commands below one that have a page.
func manVerbs(cmd *cobra.Command) (list []*cobra.Command) {
	for _, c := range cmd.Commands() {
		if !c.Hidden && c.Name() != "help" {
			list = append(list, c)
		}
	}
	return list
}

// manName is "wheelpit-fmt" for wheelpit fmt.
func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manPage is the page of a command.
func manPage(cmd *cobra.Command) string {
	cmd.InitDefaultHelpFlag()
	var r roff
	r.title(manName(cmd), "1", version)
	r.macro("SH", "NAME")
	r.line(manName(cmd) + " - " + cmd.Short)
	r.macro("SH", "SYNOPSIS")
	r.line(strings.TrimSuffix(cmd.UseLine(), " [flags]"))
	if !cmd.HasParent() {
		r.macro("br")
		r.line("wheelpit verb [arguments]")
		r.macro("br")
		r.line("wheelpit [-?hvVtTq] [-s signal] [-p prefix] [-e filename] [-c filename] [-g directives]")
	}
	if cmd.Long != "" {
		r.macro("SH", "DESCRIPTION")
		r.text(cmd.Long)
	}
	if verbs := manVerbs(cmd); len(verbs) > 0 {
		r.macro("SH", "VERBS")
		for _, c := range verbs {
			r.flag([]string{c.Name()}, "", c.Short+".")
		}
	}
	manFlags(&r, cmd)
	if cmd.Example != "" {
		r.macro("SH", "EXAMPLES")
		r.literal(cmd.Example)
	}
	manEnd(&r, cmd)
	return r.String()
}

func manFlags(r *roff, cmd *cobra.Command) {
	r.macro("SH", "OPTIONS")
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		names := []string{"--" + f.Name}
		if f.Shorthand != "" {
			names = []string{"-" + f.Shorthand, "--" + f.Name}
		}
		value, text := pflag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0" {
			text += " (default " + f.DefValue + ")"
		}
		r.flag(names, value, text)
	})
	if !cmd.HasParent() {
		r.macro("SH", "NGINX'S COMMAND LINE")
		r.text("Without a verb the program has NGINX's command line, signals and messages, and goes to the background unless the configuration says daemon off.")
		r.literal(nginx.Usage())
	}
}

// manEnd writes what is the same on every page.
func manEnd(r *roff, cmd *cobra.Command) {
	r.macro("SH", "EXIT STATUS")
	for _, c := range [...][2]string{
		{"0", "success"}, {"1", "failure: of the configuration, of the server, or files that are not formatted"}, {"2", "wrong usage of a verb"},
		{"3", "a benchmark beyond its threshold"},
	} {
		r.flag([]string{c[0]}, "", c[1])
	}
	if !cmd.HasParent() {
		r.macro("SH", "FILES")
		r.flag([]string{master.DefaultPaths.Conf}, "", "the configuration, unless -c says otherwise")
		r.flag([]string{master.DefaultPaths.PID, master.DefaultPaths.PID + ".state"}, "", "the process of the master, and what the verbs that wait read of it")
	}
	r.macro("SH", "SEE ALSO")
	var pages []string
	if cmd.HasParent() {
		pages = append(pages, manName(cmd.Parent())+"(1)")
	}
	for _, c := range manVerbs(cmd) {
		pages = append(pages, manName(c)+"(1)")
	}
	r.line(strings.Join(pages, ", "))
}
