package master

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// defaultBacklog is the queue of a listening socket (NGINX: 511).
const defaultBacklog = 511

// callError is a system call that failed, in NGINX's words.
type callError struct {
	what string
	err  error
}

func (e *callError) Error() string { return e.what + " failed " + errlog.Errno(e.err) }

func (e *callError) Unwrap() error { return e.err }

// bind opens one listening socket of l.
func bind(l *Listen) (fd int, err error) {
	sa, family, err := l.sockaddr()
	if err != nil {
		return -1, err
	}
	if fd, err = newSocket(family); err != nil {
		return -1, &callError{"socket() " + l.Address, err}
	}
	if err := l.bindTo(fd, family, sa); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func (l *Listen) bindTo(fd, family int, sa unix.Sockaddr) error {
	for _, o := range l.before(family) {
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			return &callError{"setsockopt(" + o.text + ") " + l.Address, err}
		}
	}
	err := unix.Bind(fd, sa)
	if u, ok := sa.(*unix.SockaddrUnix); ok && err == unix.EADDRINUSE && abandoned(u.Name) {
		if os.Remove(u.Name) == nil {
			err = unix.Bind(fd, sa)
		}
	}
	if err != nil {
		return &callError{"bind() to " + l.Address, err}
	}
	if u, ok := sa.(*unix.SockaddrUnix); ok {
		if err := os.Chmod(u.Name, 0o666); err != nil {
			return &callError{fmt.Sprintf(`chmod() "%s"`, u.Name), err}
		}
	}
	if err := unix.Listen(fd, l.backlog()); err != nil {
		return &callError{fmt.Sprintf("listen() to %s, backlog %d", l.Address, l.backlog()), err}
	}
	return nil
}

func (l *Listen) backlog() int {
	if l.Backlog == 0 {
		return defaultBacklog
	}
	return l.Backlog
}

// sockaddr translates the address.
func (l *Listen) sockaddr() (unix.Sockaddr, int, error) {
	if path, ok := strings.CutPrefix(l.Address, "unix:"); ok {
		return &unix.SockaddrUnix{Name: path}, unix.AF_UNIX, nil
	}
	a, err := netip.ParseAddrPort(l.Address)
	if err != nil {
		return nil, 0, fmt.Errorf("master: listen %q: %w", l.Address, err)
	}
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Addr: a.Addr().As4(), Port: int(a.Port())}, unix.AF_INET, nil
	}
	sa := &unix.SockaddrInet6{Addr: a.Addr().As16(), Port: int(a.Port())}
	if zone := a.Addr().Zone(); zone != "" {
		ifi, err := net.InterfaceByName(zone)
		if err != nil {
			return nil, 0, fmt.Errorf("master: listen %q: %w", l.Address, err)
		}
		sa.ZoneId = uint32(ifi.Index)
	}
	return sa, unix.AF_INET6, nil
}

// option is one setsockopt of an integer.
type option struct {
	level, name, value int
	text               string
}

// before lists the options that must be set before bind.
func (l *Listen) before(family int) []option {
	if family == unix.AF_UNIX {
		return nil
	}
	list := []option{{unix.SOL_SOCKET, unix.SO_REUSEADDR, 1, "SO_REUSEADDR"}}
	if l.ReusePort > 0 {
		list = append(list, option{unix.SOL_SOCKET, unix.SO_REUSEPORT, 1, "SO_REUSEPORT"})
	}
	if family == unix.AF_INET6 {
		list = append(list, option{unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, number(!l.DualStack), "IPV6_V6ONLY"})
	}
	return list
}

// configure sets the options that may change while a socket is in use. As in NGINX a failure is told and ignored.
func (l *Listen) configure(fd int, log *errlog.Log) {
	if strings.HasPrefix(l.Address, "unix:") {
		return
	}
	for _, o := range append(l.buffers(), l.tcp()...) {
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			log.Printf(errlog.Alert, "setsockopt(%s) %s failed, ignored %s", o.text, l.Address, errlog.Errno(err))
		}
	}
}

func (l *Listen) buffers() (list []option) {
	if l.RcvBuf > 0 {
		list = append(list, option{unix.SOL_SOCKET, unix.SO_RCVBUF, l.RcvBuf, fmt.Sprintf("SO_RCVBUF, %d", l.RcvBuf)})
	}
	if l.SndBuf > 0 {
		list = append(list, option{unix.SOL_SOCKET, unix.SO_SNDBUF, l.SndBuf, fmt.Sprintf("SO_SNDBUF, %d", l.SndBuf)})
	}
	if l.KeepAlive.On || l.KeepAlive.Off {
		list = append(list, option{unix.SOL_SOCKET, unix.SO_KEEPALIVE, number(l.KeepAlive.On), "SO_KEEPALIVE"})
	}
	return list
}

// tcp lists the options of TCP. Accepted sockets inherit TCP_NODELAY, so it costs nothing per connection.
func (l *Listen) tcp() []option {
	list := []option{{unix.IPPROTO_TCP, unix.TCP_NODELAY, 1, "TCP_NODELAY"}}
	return append(list, l.tcpOptions()...)
}

// abandoned says that nobody listens on a unix socket: its server died without removing it.
func abandoned(path string) bool {
	st, err := os.Lstat(path)
	if err != nil || st.Mode()&os.ModeSocket == 0 {
		return false
	}
	fd, err := newSocket(unix.AF_UNIX)
	if err != nil {
		return false
	}
	defer func() { _ = unix.Close(fd) }()
	return errors.Is(unix.Connect(fd, &unix.SockaddrUnix{Name: path}), unix.ECONNREFUSED)
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// tryBind opens a socket and closes it again. An address in use is no failure.
func tryBind(l Listen) error {
	l.ReusePort = 0
	path, isUnix := strings.CutPrefix(l.Address, "unix:")
	if isUnix {
		if _, err := os.Lstat(path); err == nil {
			return nil
		}
	}
	fd, err := bind(&l)
	if err == nil {
		_ = unix.Close(fd)
		if isUnix {
			return os.Remove(path)
		}
	}
	if errors.Is(err, unix.EADDRINUSE) {
		return nil
	}
	return err
}
