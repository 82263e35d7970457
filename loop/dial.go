package loop

import (
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// DialSpec says where a connection to another server goes. It is not changed, so it may be shared.
type DialSpec struct {
	// Addr is a TCP address; Unix, when it is set, the path of a unix socket instead. A path that begins with "@" is an
	// abstract one.
	Addr netip.AddrPort
	Unix string
	// Local is the address to connect from, without a port or with port 0 one that the kernel picks (NGINX proxy_bind).
	Local netip.AddrPort
	// Transparent lets Local be an address that is not the machine's own (IP_TRANSPARENT). It takes privileges.
	Transparent bool
	// KeepAlive sets SO_KEEPALIVE (NGINX proxy_socket_keepalive).
	KeepAlive bool
	// ReceiveBuffer and SendBuffer are the sizes of the kernel's buffers in bytes, 0 for the kernel's own choice (SO_RCVBUF, SO_SNDBUF).
	ReceiveBuffer, SendBuffer int
	// OneWrite tells that all that is sent is sent at once, so that Nagle's algorithm has nothing to delay: one system call less.
	OneWrite bool
}

// Connector is a Protocol that wants to know when its connection is made; one that is at once is told as well.
type Connector interface{ Connected(c *Conn) }

// Dial begins to connect to a server and has the connection speak p; it belongs to r, on whose goroutine Dial must be
// called. What is queued before the connection is made is sent then. A connection that cannot be made ends like any
// other: Protocol.Closed is told. An error is one that is known at once, and p then hears nothing.
func (r *Reactor) Dial(spec *DialSpec, p Protocol) (*Conn, error) {
	if r.stopped { // nobody would hear of the connection
		return nil, fmt.Errorf("loop: %w", ErrDraining)
	}
	family := spec.family()
	fd, err := socket(family)
	if err != nil {
		return nil, fmt.Errorf("loop: %w", err)
	}
	if err := spec.prepare(fd, family); err != nil {
		closeFd(fd)
		return nil, fmt.Errorf("loop: %w", err)
	}
	errno := connectTo(fd, spec)
	if errno != 0 && errno != unix.EINPROGRESS {
		closeFd(fd)
		return nil, fmt.Errorf("loop: %w", os.NewSyscallError("connect", errno))
	}
	c := r.open(fd, nil)
	c.proto, c.unix = p, family == unix.AF_UNIX
	c.connecting = errno != 0
	c.outEdges = c.connecting // whose end is one
	c.peer = peerAt(spec.Addr)
	if err := r.poller.addConn(fd, c.outEdges); err != nil {
		c.closed = true
		r.forget(c)
		closeFd(fd)
		r.free = append(r.free, c)
		return nil, fmt.Errorf("loop: %w", err)
	}
	if !c.connecting {
		c.connected()
	}
	return c, nil
}

// family is the address family of the socket.
func (s *DialSpec) family() int {
	switch addr := s.Addr.Addr(); {
	case s.Unix != "":
		return unix.AF_UNIX
	case addr.Is4() || addr.Is4In6():
		return unix.AF_INET
	default:
		return unix.AF_INET6
	}
}

// sockaddr converts the address.
func (s *DialSpec) sockaddr() unix.Sockaddr {
	port := int(s.Addr.Port())
	switch s.family() {
	case unix.AF_UNIX:
		return &unix.SockaddrUnix{Name: s.Unix}
	case unix.AF_INET:
		return &unix.SockaddrInet4{Port: port, Addr: s.Addr.Addr().Unmap().As4()}
	default:
		return &unix.SockaddrInet6{Port: port, Addr: s.Addr.Addr().As16()}
	}
}

// prepare sets the options of the socket, and its own address.
func (s *DialSpec) prepare(fd, family int) error {
	if s.ReceiveBuffer > 0 { // before connecting: the window of TCP is agreed on then
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, s.ReceiveBuffer)
	}
	if s.SendBuffer > 0 {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, s.SendBuffer)
	}
	if family == unix.AF_UNIX {
		return nil
	}
	if !s.OneWrite { // what is sent in two pieces must not wait for the acknowledgement of the first
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	if s.KeepAlive {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	}
	if !s.Local.Addr().IsValid() {
		return nil
	}
	if s.Transparent {
		if err := setTransparent(fd, family); err != nil {
			return err
		}
	}
	local := DialSpec{Addr: s.Local}
	return os.NewSyscallError("bind", unix.Bind(fd, local.sockaddr()))
}

// finishConnect learns how connecting ended, at the first event that tells anything. A connection that failed is told as an error.
func (c *Conn) finishConnect(ev readiness) {
	if ev&isError == 0 {
		c.connecting = false
		c.connected()
		return
	}
	if errno, err := unix.GetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_ERROR); err == nil && errno != 0 {
		c.fail(unix.Errno(errno))
		return
	}
	c.connecting = false
	c.connected()
}

// connected tells the protocol and has sent what was queued meanwhile.
func (c *Conn) connected() {
	if p, ok := c.proto.(Connector); ok {
		p.Connected(c)
	}
}

// SetSendTimeout has the time-out of kind begin again, with that many ticks, each time the other side takes less than was
// queued. It is for a dialled connection; an accepted one has that of its listener.
func (c *Conn) SetSendTimeout(kind uint8, ticks uint32) { c.sendKind, c.sendTicks = kind, ticks }

// Connected tells whether a dialled connection has been made.
func (c *Conn) Connected() bool { return !c.connecting }

// WatchHangup has Protocol.EOF called, once, when the other side hangs up while c is paused: who waits for something
// else on its behalf may stop. A hang-up that was seen before is not told again: see ClientDone.
func (c *Conn) WatchHangup(on bool) { c.watching = on }

// hungUp is a hang-up, or an error, that came while the protocol did not want input.
func (c *Conn) hungUp(ev readiness) {
	if ev&isError != 0 {
		c.fail(ErrClosed)
		return
	}
	c.watching = false
	c.proto.EOF(c)
}

// Reset closes c at once so that the other side sees an error and no orderly end: what is queued is dropped.
func (c *Conn) Reset(err error) {
	_ = unix.SetsockoptLinger(int(c.fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	c.resets = true
	c.fail(err)
}

// Alive looks whether an idle connection is still good: nothing to read, and not closed by the other side. It costs a system
// call.
func (c *Conn) Alive() bool {
	if c.closed || c.peerShut || c.readable || len(c.in) > 0 {
		return false
	}
	return quiet(int(c.fd))
}

// CloseWrite ends the sending side when everything queued was sent; c is read on.
func (c *Conn) CloseWrite() {
	if c.q == nil {
		_ = unix.Shutdown(int(c.fd), unix.SHUT_WR)
		return
	}
	c.shutWrite = true
}

// Speak has another protocol take c over, from within a callback of the one it had: what follows in the input is the new
// one's.
func (c *Conn) Speak(p Protocol) { c.proto = p }

// DupFile returns a descriptor of an open file that lives on when the file is closed.
func DupFile(f *os.File) (int, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	return fd, os.NewSyscallError("fcntl", err)
}
