package loop

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// ErrAddrInUse tells that a server already listens on the path of a unix socket.
var ErrAddrInUse = errors.New("address already in use by a live server")

// listenUnix binds a unix socket. A path left behind by a dead server is taken over; one that a live server answers on
// is not, and neither is a file that is no socket.
func (l *Listener) listenUnix(path string) error {
	l.unix, l.path = true, path
	fd, err := socket(unix.AF_UNIX)
	if err != nil {
		return err
	}
	l.fds = []int{fd}
	sa := &unix.SockaddrUnix{Name: path}
	err = unix.Bind(fd, sa)
	if err == unix.EADDRINUSE {
		if err := removeStale(path); err != nil {
			return err
		}
		err = unix.Bind(fd, sa)
	}
	if err != nil {
		return os.NewSyscallError("bind", err)
	}
	l.inode = inodeOf(path)
	mode := l.spec.UnixMode
	if mode == 0 {
		mode = 0o666
	}
	if err := os.Chmod(path, mode); err != nil {
		return err
	}
	return os.NewSyscallError("listen", unix.Listen(fd, l.spec.Backlog))
}

// removeStale unlinks a socket file that nobody listens on.
func removeStale(path string) error {
	st, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if st.Mode()&os.ModeSocket == 0 {
		return errors.New("the path exists and is not a socket")
	}
	fd, err := socket(unix.AF_UNIX)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	switch err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err {
	case unix.ECONNREFUSED:
		return os.Remove(path)
	case nil, unix.EAGAIN: // EAGAIN: alive, with a full backlog
		return ErrAddrInUse
	default:
		return os.NewSyscallError("connect", err)
	}
}

// inodeOf returns the inode of path, 0 when there is none.
func inodeOf(path string) uint64 {
	var st unix.Stat_t
	if path == "" || unix.Lstat(path, &st) != nil {
		return 0
	}
	return st.Ino
}
