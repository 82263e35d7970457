package loop

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// socket makes a non-blocking stream socket that child processes do not inherit.
func socket(family int) (int, error) {
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	return fd, os.NewSyscallError("socket", err)
}

func setDeferAccept(fd int, d time.Duration) error {
	seconds := int((d + time.Second - 1) / time.Second)
	return os.NewSyscallError("setsockopt(TCP_DEFER_ACCEPT)", unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, seconds))
}
