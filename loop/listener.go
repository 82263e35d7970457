package loop

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// ListenSpec says where and how to listen, in the words of NGINX's listen directive.
type ListenSpec struct {
	// Addr is "host:port", ":port", "[::1]:port" or "unix:/path". A host name must resolve to one address.
	Addr string
	// Open makes the protocol of an accepted connection. It runs on the reactor that owns it.
	Open func(*Conn) Protocol
	// File is an inherited listening socket (an upgrade, systemd). It is duplicated; Addr is then taken from it.
	File *os.File
	// Backlog is the queue of connections the kernel has completed; default DefaultBacklog.
	Backlog int
	// ReusePort gives every reactor a socket of its own (SO_REUSEPORT): more accepts per second, but a busy reactor
	// does not pass its share on. Not for unix sockets.
	ReusePort bool
	// Nagle switches TCP_NODELAY off, which is on by default.
	Nagle bool
	// DeferAccept wakes the server only when a request has arrived, or after this time (TCP_DEFER_ACCEPT, Linux).
	DeferAccept time.Duration
	// DualStack lets an IPv6 wildcard serve IPv4 clients as well (NGINX ipv6only=off, which is not the default).
	DualStack bool
	// UnixMode is the permission of a unix socket; default 0666, as NGINX's.
	UnixMode os.FileMode
	// SendTimeout closes a connection whose client takes nothing for so long (NGINX send_timeout); 0 means never.
	SendTimeout time.Duration
	// ResetTimedOut has such a connection end with a reset (NGINX reset_timedout_connection): what its client has not taken is
	// dropped, and the kernel keeps nothing of it.
	ResetTimedOut bool
	// SendChunk is how many bytes of files are sent for one connection before the others get their turn (NGINX sendfile_max_chunk);
	// 0 means DefaultSendChunk, less than 0 no bound.
	SendChunk int64
	// Shed is sent to a connection refused because of MaxConns, for instance a complete 503 response.
	Shed []byte
}

// Listener is one listening address. It holds one socket, or one for each reactor with ReusePort.
type Listener struct {
	spec  ListenSpec
	fds   []int
	users atomic.Int32 // acceptors still open
	send  uint32       // ticks of SendTimeout
	chunk int64        // bytes of SendChunk
	unix  bool
	path  string // of a unix socket that this listener made
	inode uint64 // of path, so that another server's socket is never unlinked
	addr  netip.AddrPort
}

// String returns the address as a user would write it, with the port that was really bound.
func (l *Listener) String() string {
	if l.unix {
		return "unix:" + l.path
	}
	return l.addr.String()
}

// Name returns the address as it was asked for: ListenSpec.Addr.
func (l *Listener) Name() string { return l.spec.Addr }

// Addr returns the bound address, the zero value for a unix socket.
func (l *Listener) Addr() netip.AddrPort { return l.addr }

// Fds returns the listening sockets, to be handed to a successor process. They stay the Listener's.
func (l *Listener) Fds() []int { return l.fds }

func (l *Listener) fdFor(reactor int) int {
	l.users.Add(1)
	return l.fds[reactor%len(l.fds)]
}

// leave is called by each acceptor; the last one closes the sockets, so that clients are refused at once and not left
// waiting in a backlog that nobody serves.
func (l *Listener) leave(int) {
	if l.users.Add(-1) == 0 {
		l.close()
	}
}

// desert has the kernel give no connections to a socket that only one reactor accepts on, and reset those that it has: a socket of
// ReusePort, whose fellows go on. The descriptor stays.
func (l *Listener) desert(fd int) {
	if len(l.fds) > 1 {
		_ = unix.Shutdown(fd, unix.SHUT_RDWR) // which does so on Linux
	}
}

func (l *Listener) close() {
	for _, fd := range l.fds {
		_ = unix.Close(fd)
	}
	l.fds = nil
	if l.inode != 0 && inodeOf(l.path) == l.inode {
		_ = os.Remove(l.path)
	}
	l.inode = 0
}

func openListener(spec ListenSpec, reactors int) (*Listener, error) {
	if spec.Open == nil {
		return nil, errors.New("loop: ListenSpec without Open")
	}
	if spec.Backlog <= 0 {
		spec.Backlog = DefaultBacklog
	}
	l := &Listener{spec: spec, send: Ticks(spec.SendTimeout), chunk: cmp.Or(spec.SendChunk, DefaultSendChunk)}
	if l.chunk < 0 {
		l.chunk = math.MaxInt64
	}
	var err error
	switch path, isUnix := strings.CutPrefix(spec.Addr, "unix:"); {
	case spec.File != nil:
		err = l.inherit(spec.File)
	case isUnix:
		err = l.listenUnix(path)
	default:
		err = l.listenTCP(reactors)
	}
	if err != nil {
		l.close()
		return nil, fmt.Errorf("loop: listen %s: %w", spec.Addr, err)
	}
	return l, nil
}

// inherit takes over a socket that another process made.
func (l *Listener) inherit(f *os.File) error {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	l.fds = []int{fd}
	if err := unix.SetNonblock(fd, true); err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	if on, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err != nil || on == 0 {
		return errors.New("the inherited descriptor is not a listening socket")
	}
	return l.learnAddr()
}

func (l *Listener) learnAddr() error {
	sa, err := unix.Getsockname(l.fds[0])
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	if u, ok := sa.(*unix.SockaddrUnix); ok {
		l.unix, l.path = true, u.Name
		return nil
	}
	p := peerOf(sa)
	l.addr = p.addrPort()
	return nil
}

func (l *Listener) listenTCP(reactors int) error {
	addr, err := resolve(l.spec.Addr)
	if err != nil {
		return err
	}
	sockets := 1
	if l.spec.ReusePort {
		sockets = reactors
	}
	for range sockets {
		fd, err := l.tcpSocket(addr)
		if err != nil {
			return err
		}
		l.fds = append(l.fds, fd)
		if addr.Port() == 0 { // the further sockets share the port the first one was given
			if err := l.learnAddr(); err != nil {
				return err
			}
			addr = netip.AddrPortFrom(addr.Addr(), l.addr.Port())
		}
	}
	return l.learnAddr()
}

// resolve turns "host:port" into an address; a missing host is the IPv4 wildcard, as in NGINX.
func resolve(s string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return netip.AddrPort{}, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("invalid port %q", port)
	}
	if host == "" || host == "*" {
		return netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(n)), nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return netip.AddrPortFrom(ip, uint16(n)), nil
	}
	ips, err := net.LookupIP(host)
	if err != nil || len(ips) == 0 {
		return netip.AddrPort{}, fmt.Errorf("host not found: %w", err)
	}
	ip, _ := netip.AddrFromSlice(ips[0])
	return netip.AddrPortFrom(ip.Unmap(), uint16(n)), nil
}

func (l *Listener) tcpSocket(addr netip.AddrPort) (fd int, err error) {
	family := unix.AF_INET
	if addr.Addr().Is6() {
		family = unix.AF_INET6
	}
	if fd, err = socket(family); err != nil {
		return -1, err
	}
	defer func() {
		if err != nil {
			_ = unix.Close(fd)
		}
	}()
	set := func(level, opt, value int, name string) {
		if err == nil {
			err = os.NewSyscallError("setsockopt("+name+")", unix.SetsockoptInt(fd, level, opt, value))
		}
	}
	set(unix.SOL_SOCKET, unix.SO_REUSEADDR, 1, "SO_REUSEADDR")
	if l.spec.ReusePort {
		set(unix.SOL_SOCKET, unix.SO_REUSEPORT, 1, "SO_REUSEPORT")
	}
	if family == unix.AF_INET6 {
		set(unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, boolInt(!l.spec.DualStack), "IPV6_V6ONLY")
	}
	if !l.spec.Nagle { // accepted sockets inherit it, so it costs nothing per connection
		set(unix.IPPROTO_TCP, unix.TCP_NODELAY, 1, "TCP_NODELAY")
	}
	if l.spec.DeferAccept > 0 {
		if e := setDeferAccept(fd, l.spec.DeferAccept); err == nil {
			err = e
		}
	}
	if err != nil {
		return -1, err
	}
	if err = unix.Bind(fd, sockaddr(addr)); err != nil {
		return -1, os.NewSyscallError("bind", err)
	}
	if err = unix.Listen(fd, l.spec.Backlog); err != nil {
		return -1, os.NewSyscallError("listen", err)
	}
	return fd, nil
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is6() {
		sa := &unix.SockaddrInet6{Addr: a.Addr().As16(), Port: int(a.Port())}
		if zone := a.Addr().Zone(); zone != "" {
			if ifi, err := net.InterfaceByName(zone); err == nil {
				sa.ZoneId = uint32(ifi.Index)
			}
		}
		return sa
	}
	return &unix.SockaddrInet4{Addr: a.Addr().As4(), Port: int(a.Port())}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
