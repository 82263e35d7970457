//go:build !linux

package loop

import (
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socket makes a non-blocking stream socket that child processes do not inherit.
func socket(family int) (int, error) {
	fd, err := unix.Socket(family, unix.SOCK_STREAM, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return -1, os.NewSyscallError("fcntl", err)
	}
	return fd, nil
}

// setDeferAccept has no counterpart outside Linux; the option only saves a wake-up.
func setDeferAccept(int, time.Duration) error { return nil }

func iovecBytes(v *unix.Iovec) []byte { return unsafe.Slice(v.Base, v.Len) }
