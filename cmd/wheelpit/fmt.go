package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/conf/format"
)

// fmtOptions are the flags of `wheelpit fmt`.
type fmtOptions struct{ check, write bool }

func newFmt() *cobra.Command {
	var o fmtOptions
	cmd := &cobra.Command{
		Use:   "fmt [--check | -w] FILE... | -",
		Short: "Format configuration files",
		Long: `Fmt lays out configuration files of NGINX in one way: four spaces for each block, one directive on a
line, no more than one empty line, entries of types and map in columns. Comments, order and
quotes stay as they are, and the result is read again to prove that it says the same. Files
that a file includes are not touched; name them, too.

The result is written to standard output; "-" reads standard input.`,
		Example: `  wheelpit fmt nginx.conf
  wheelpit fmt -w nginx.conf conf.d/*.conf
  wheelpit fmt --check nginx.conf conf.d/*.conf   # lists what is not formatted, exit code 1
  wheelpit fmt - < nginx.conf`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	cmd.Flags().BoolVar(&o.check, "check", false, "list the files that are not formatted, and exit with 1 if there are any")
	cmd.Flags().BoolVarP(&o.write, "write", "w", false, "write the result back to the file")
	return cmd
}

// run formats every file; one that cannot be formatted does not keep the others from it.
func (o fmtOptions) run(cmd *cobra.Command, names []string) error {
	if o.check && o.write {
		return exitError{exitUsage, errors.New("--check and --write exclude each other")}
	}
	failed := false
	for _, name := range names {
		ok, err := o.file(cmd, name)
		var errs conf.Errors
		if errors.As(err, &errs) {
			conf.Printer{Program: "wheelpit"}.Print(cmd.ErrOrStderr(), errs)
		} else if err != nil {
			fmt.Fprintln(cmd.ErrOrStderr(), "wheelpit:", err)
		}
		failed = failed || !ok
	}
	if failed {
		return exitError{code: exitFailure} // what is wrong has been said
	}
	return nil
}

// file formats one file. ok says that it is as it should be.
func (o fmtOptions) file(cmd *cobra.Command, name string) (ok bool, err error) {
	shown := name
	var text []byte
	if name == "-" {
		shown = "<stdin>"
		text, err = io.ReadAll(io.LimitReader(cmd.InOrStdin(), conf.MaxBytes+1))
	} else {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		return false, err
	}
	out, err := format.Source(shown, text)
	switch {
	case err != nil:
		return false, err
	case o.check:
		if bytes.Equal(text, out) {
			return true, nil
		}
		fmt.Fprintln(cmd.OutOrStdout(), shown)
		return false, nil
	case o.write && name != "-":
		return true, replaceFile(name, text, out)
	}
	_, err = cmd.OutOrStdout().Write(out)
	return err == nil, err
}

// replaceFile puts a text in the place of another one in a file, at once: whoever reads the file finds the one or the other.
// Mode and owner stay, and a symbolic link stays one. Where no file can be made beside it, it is overwritten.
func replaceFile(name string, old, text []byte) error {
	if bytes.Equal(old, text) {
		return nil
	}
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	st, err := os.Stat(name)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".wheelpit-*")
	if err != nil {
		return os.WriteFile(name, text, st.Mode())
	}
	_, err = tmp.Write(text)
	err = errors.Join(err, tmp.Chmod(st.Mode()))
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		err = errors.Join(err, tmp.Chown(int(sys.Uid), int(sys.Gid)))
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}
