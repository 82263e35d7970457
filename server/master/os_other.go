//go:build !linux

package master

import (
	"os"
	"runtime"
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

// newSharedFile makes a file that loses its name at once.
func newSharedFile() (*os.File, error) {
	f, err := os.CreateTemp("", "wheelpit")
	if err == nil {
		err = os.Remove(f.Name())
	}
	return f, err
}

func self() (string, error) { return os.Executable() }

func nameSelf(string) {}

func setPriority(nice int) error { return unix.Setpriority(unix.PRIO_PROCESS, 0, nice) }

func setAffinity([]int) error { return syscall.ENOSYS }

// system names the operating system.
func system() string { return runtime.GOOS }

func setRlimit(resource int, value int64) error {
	var l syscall.Rlimit
	set(&l.Cur, value)
	set(&l.Max, value)
	return syscall.Setrlimit(resource, &l)
}

// set hides that the fields of an Rlimit are signed on some systems and not on others.
func set[T int64 | uint64](field *T, value int64) { *field = T(value) }
