//go:build !linux

package master

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// newSocket makes a non-blocking stream socket that is closed on exec.
func newSocket(family int) (int, error) {
	fd, err := unix.Socket(family, unix.SOCK_STREAM, 0)
	if err != nil {
		return -1, err
	}
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// tcpOptions: elsewhere than on Linux listen's further options keep the system's values.
func (l *Listen) tcpOptions() []option { return nil }

func self() (string, error) { return os.Executable() }

func nameSelf(string) {}

func setPriority(nice int) error { return unix.Setpriority(unix.PRIO_PROCESS, 0, nice) }

func setRlimit(resource int, value int64) error {
	return syscall.Setrlimit(resource, &syscall.Rlimit{Cur: uint64(value), Max: uint64(value)})
}
