package master

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"
	"time"
)

// Verb is what a running server can be asked for.
type Verb string

// The verbs, with the signals they send. Upgrade also sends WINCH and QUIT to the old master when the new one serves.
const (
	Stop    Verb = "stop"    // TERM
	Quit    Verb = "quit"    // QUIT
	Reload  Verb = "reload"  // HUP
	Reopen  Verb = "reopen"  // USR1
	Upgrade Verb = "upgrade" // USR2
)

// ErrFailed is what Control returns when the server went on as it was; the error log says why.
var ErrFailed = errors.New("the server goes on as it was")

// finishWait is how long Control waits for workers that serve an old configuration.
const finishWait = 5 * time.Second

// pollEvery is how often Control looks at what the server tells.
const pollEvery = 20 * time.Millisecond

// control is one verb on its way.
type control struct {
	ctx     context.Context
	pidFile string
	pid     int
	before  State
}

// Control sends the signal of a verb to the server of a pid file. With wait it returns when the verb has done its work:
//
//	stop, quit  the server has ended
//	reload      workers with the new configuration serve, and those with the old one have ended, or have had 5 s for it
//	reopen      the logs of the master are open anew
//	upgrade     the new binary serves, and the old one has ended
//
// Upgrade waits always. If the server kept what it had, the error wraps ErrFailed; if ctx ends first, it is that of ctx. To wait
// for a server that tells no state, nginx for example, is an error, but for stop and quit.
func Control(ctx context.Context, pidFile string, verb Verb, wait bool) error {
	pid, err := readPID(pidFile)
	if err != nil {
		return err
	}
	if !alive(pid) {
		return fmt.Errorf("no server runs: process %d of %s has ended, and left its pid file", pid, pidFile)
	}
	c := &control{ctx: ctx, pidFile: pidFile, pid: pid}
	if wait || verb == Upgrade {
		if c.before, err = ReadState(pidFile); err != nil && verb != Stop && verb != Quit {
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("process %d of %s does not tell its state, so it cannot be waited for", pid, pidFile)
			}
			return err
		}
	}
	sig, ok := signals[string(verb)]
	if verb == Upgrade {
		sig, ok = syscall.SIGUSR2, true
	}
	if !ok {
		return fmt.Errorf("master: %q is no verb", verb)
	}
	if err := syscall.Kill(pid, sig); err != nil {
		return &callError{fmt.Sprintf("kill(%d, %d)", pid, int(sig)), err}
	}
	switch {
	case verb == Upgrade:
		return c.upgrade()
	case !wait:
		return nil
	case verb == Reload:
		return c.reloaded()
	case verb == Reopen:
		return c.until(func(s State) bool { return s.Reopened > c.before.Reopened })
	}
	return c.gone()
}

// until waits for the state to be so, and fails when the process ends.
func (c *control) until(so func(State) bool) error {
	for {
		if s, err := ReadState(c.pidFile); err == nil && s.PID == c.pid && so(s) {
			return nil
		}
		if !alive(c.pid) {
			return fmt.Errorf("process %d has ended", c.pid)
		}
		if err := c.pause(); err != nil {
			return err
		}
	}
}

// pause waits for the next look.
func (c *control) pause() error {
	select {
	case <-c.ctx.Done():
		return c.ctx.Err()
	case <-time.After(pollEvery):
		return nil
	}
}

// gone waits for the end of the server: its pid file is removed, or belongs to another.
func (c *control) gone() error {
	for alive(c.pid) {
		if pid, err := readPID(c.pidFile); errors.Is(err, fs.ErrNotExist) || err == nil && pid != c.pid {
			return nil
		}
		if err := c.pause(); err != nil {
			return err
		}
	}
	return nil
}

// reloaded waits for the end of the reload. One that was on its way before comes to its end first.
func (c *control) reloaded() error {
	want := c.before.Attempts + 1
	if c.before.Reloading {
		want++
	}
	var after State
	err := c.until(func(s State) bool {
		after = s
		return s.Attempts >= want && !s.Reloading
	})
	switch {
	case err != nil:
		return err
	case after.Failed > c.before.Failed:
		return fmt.Errorf("the configuration was not taken: %w", ErrFailed)
	}
	return c.finished()
}

// finished waits for the workers with the old configuration to end, but not long: some serve a connection for hours.
func (c *control) finished() error {
	bounded, cancel := context.WithTimeout(c.ctx, finishWait)
	defer cancel()
	for bounded.Err() == nil {
		s, err := ReadState(c.pidFile)
		if err != nil || len(s.Retiring) == 0 {
			return nil
		}
		if c.pause() != nil {
			break
		}
	}
	return nil
}

// upgrade follows the change of the binary, and ends the old one when the new one serves.
func (c *control) upgrade() error {
	fresh, err := c.successor()
	if err != nil {
		return err
	}
	if c.before.Background { // a process in the foreground would not take it for more than a change of its window
		if err := c.drainOld(fresh); err != nil {
			return err
		}
	}
	if !alive(fresh) {
		return fmt.Errorf("the new binary has ended: %w", ErrFailed)
	}
	if err := syscall.Kill(c.pid, syscall.SIGQUIT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return &callError{fmt.Sprintf("kill(%d, %d)", c.pid, int(syscall.SIGQUIT)), err}
	}
	for !ended(c.pid) { // while it is there, its successor takes no other upgrade
		if err := c.pause(); err != nil {
			return err
		}
	}
	return nil
}

// successor waits for the new master to serve. It fails when the old one says that there is none.
func (c *control) successor() (pid int, err error) {
	for {
		s, err := ReadState(c.pidFile)
		switch {
		case err == nil && s.PID != c.pid && s.Generation > 0:
			return s.PID, nil
		case err == nil && s.PID == c.pid && s.FailedUpgrades > c.before.FailedUpgrades:
			return 0, fmt.Errorf("the new binary could not begin to serve: %w", ErrFailed)
		case !alive(c.pid):
			return 0, fmt.Errorf("process %d has ended", c.pid)
		}
		if err := c.pause(); err != nil {
			return 0, err
		}
	}
}

// drainOld has the workers of the old master finish while it stays. If the new master ends meanwhile, the old one starts its
// workers again by itself.
func (c *control) drainOld(fresh int) error {
	if err := syscall.Kill(c.pid, syscall.SIGWINCH); err != nil {
		return &callError{fmt.Sprintf("kill(%d, %d)", c.pid, int(syscall.SIGWINCH)), err}
	}
	old := slices.Concat(c.before.Workers, c.before.Retiring)
	for slices.ContainsFunc(old, alive) {
		if s, err := ReadState(c.pidFile); !alive(fresh) || err == nil && s.PID == c.pid {
			return fmt.Errorf("the new binary has ended: %w", ErrFailed)
		}
		if err := c.pause(); err != nil {
			return err
		}
	}
	return nil
}
