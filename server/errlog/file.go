package errlog

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// file is a log file that can be opened anew while others write to it.
type file struct {
	name string
	f    atomic.Pointer[os.File]
	full atomic.Int64 // the second in which the disk was full
}

func openFile(name string) (*file, error) {
	f := &file{name: name}
	if err := f.reopen(); err != nil {
		return nil, err
	}
	return f, nil
}

// OpenAppend opens a log file as NGINX does: for appending, made with mode 0644. The error is NGINX's text.
func OpenAppend(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, &OpenError{name, err}
	}
	return f, nil
}

// OpenError is the failure to open a file.
type OpenError struct {
	Name string
	Err  error
}

func (e *OpenError) Error() string { return fmt.Sprintf(`open() "%s" failed %s`, e.Name, Errno(e.Err)) }

func (e *OpenError) Unwrap() error { return e.Err }

// write appends the line. On a full disk it gives up for the rest of the second, as a write may block for long then.
func (f *file) write(_ Level, line []byte) {
	now := time.Now().Unix()
	if f.full.Load() == now {
		return
	}
	for {
		at := f.f.Load()
		_, err := at.Write(line)
		if errors.Is(err, os.ErrClosed) && f.f.Load() != at {
			continue // reopened in between
		}
		if errors.Is(err, syscall.ENOSPC) {
			f.full.Store(now)
		}
		return
	}
}

// reopen opens the file anew; writes that run end on the old descriptor.
func (f *file) reopen() error {
	now, err := OpenAppend(f.name)
	if err != nil {
		return err
	}
	if old := f.f.Swap(now); old != nil {
		_ = old.Close()
	}
	return nil
}

func (f *file) close() { _ = f.f.Load().Close() }

// TakeStderr makes the first file of the log the standard error of the process, so that what Go prints of a crash is
// found there; a reopen moves it along. It does nothing for a log that has no file, or standard error among its targets.
func (l *Log) TakeStderr() error {
	var first *file
	for _, t := range l.targets {
		switch s := t.sink.(type) {
		case *stream:
			return nil
		case *file:
			if first == nil {
				first = s
			}
		}
	}
	if first == nil {
		return nil
	}
	l.stderr.Store(true)
	return dupTo(int(first.f.Load().Fd()), 2)
}
