package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pool"
)

// SendFile answers with a whole regular file, sent by the kernel. It opens the file, so it needs a worker: an inline handler
// that calls it continues there by itself when it returns the error. What does not exist, or is no regular file, is
// ErrNotFound. path is trusted; for paths that come from a client, and for ranges and preconditions, mount a
// static.Files.
func (c *Ctx) SendFile(contentType, path string) error {
	if !c.worker {
		return ErrOffload
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Error{Status: 404, Err: err}
	case errors.Is(err, fs.ErrPermission):
		return &Error{Status: 403, Err: err}
	case err != nil:
		return fmt.Errorf("pipeline: SendFile: %w", err)
	}
	defer func() { _ = f.Close() }()
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("pipeline: SendFile: %w", err)
	}
	if !st.Mode().IsRegular() {
		return &Error{Status: 404, Message: path + " is not a regular file"}
	}
	fd, err := dupCloexec(f)
	if err != nil {
		return fmt.Errorf("pipeline: SendFile: %w", err)
	}
	c.body0(200, contentType)
	c.SetHeaderBytes("Last-Modified", http1.AppendDate(nil, st.ModTime().Unix()))
	c.AddPart(Part{File: pool.NewFile(fd), N: st.Size()})
	return nil
}

// dupCloexec returns a descriptor of f that outlives it and that no child process inherits.
func dupCloexec(f *os.File) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		return -1, os.NewSyscallError("dup", err)
	}
	syscall.CloseOnExec(fd)
	return fd, nil
}
