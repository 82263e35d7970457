// Package appserver runs application servers of other languages behind Wheelpit, for the examples: a directory to run in,
// programs that are waited for, and a front end with an nginx.conf.
package appserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/front"
)

// ErrMissing is an error that says what to install.
var ErrMissing = errors.New("something is missing")

// Find returns the name of the first of some programs that is installed; install says how to get it otherwise.
func Find(install string, names ...string) (string, error) {
	for _, n := range names {
		if found, err := filepath.Glob(n); err == nil && len(found) > 0 {
			return found[len(found)-1], nil
		}
		if path, err := exec.LookPath(n); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: there is no %s; %s", ErrMissing, names[0], install)
}

// Unpack writes the files of an example to a directory that everybody may read, as application servers may run as
// another user. change is applied to the text of each file; it may be nil.
func Unpack(dir string, files fs.FS, change *strings.Replacer) error {
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		to := filepath.Join(dir, name)
		if err != nil || d.IsDir() {
			return errors.Join(err, os.MkdirAll(to, 0o755))
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if change != nil {
			text = []byte(change.Replace(string(text)))
		}
		return os.WriteFile(to, text, 0o644)
	})
}

// Run runs a program to its end in dir. Its output is shown when it fails.
func Run(ctx context.Context, dir string, argv ...string) error {
	c := exec.CommandContext(ctx, argv[0], argv[1:]...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
	}
	return nil
}

// startTime is how long an application server may take until it listens.
const startTime = time.Minute

// Start starts an application server in dir and waits until it listens on a unix socket there. stop ends it. What it says goes
// to the file app.log.
func Start(ctx context.Context, dir, socket string, argv ...string) (stop func(), err error) {
	log, err := os.Create(filepath.Join(dir, "app.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c := exec.Command(argv[0], argv[1:]...)
	c.Dir, c.Stdout, c.Stderr = dir, log, log
	if err := c.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	stop = func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = c.Process.Kill()
		}
	}
	for limit := time.After(startTime); ; {
		if conn, err := net.Dial("unix", filepath.Join(dir, socket)); err == nil {
			conn.Close()
			return stop, nil
		}
		select {
		case err = <-ended:
			ended <- err
		case <-ctx.Done():
			err = ctx.Err()
		case <-limit:
			err = errors.New("it does not listen")
		case <-time.After(20 * time.Millisecond):
			continue
		}
		stop()
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("%s: %w\n%s", argv[0], err, text)
	}
}

// Front serves dir/nginx.conf until stop is called. Relative names in it mean files in dir.
func Front(dir string) (stop func(), err error) {
	cfg, faults := conf.Load(filepath.Join(dir, "nginx.conf"), conf.Options{Serving: true})
	if faults.Failed() {
		return nil, faults
	}
	plan, err := front.Build(cfg, front.Options{Prefix: dir})
	if err != nil {
		return nil, err
	}
	if err := plan.Runtime.Open(errlog.Writer(os.Stderr, errlog.Error)); err != nil {
		return nil, err
	}
	s, err := server.New(plan.Server)
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		plan.Runtime.Close()
		return nil, err
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Shutdown(ctx)
		plan.Runtime.Close()
	}, nil
}
