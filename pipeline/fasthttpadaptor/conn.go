package fasthttpadaptor

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// conn is the connection of a RequestCtx (RequestCtx.Conn). It has addresses and deadlines; reading and writing are the
// server's, but for the one thing that fasthttp writes itself while a handler runs, early hints. What TimeoutHandler leaves
// running may use it for ever: the addresses stay, the rest fails.
type conn struct {
	local, remote netip.AddrPort

	mu sync.Mutex
	c  *pipeline.Ctx // nil when the request is over, or has timed out
}

var (
	errConn = errors.New("fasthttpadaptor: the connection is the server's")
	errOver = errors.New("fasthttpadaptor: the request is over")
)

// use calls f with the request unless it is over.
func (cn *conn) use(f func(c *pipeline.Ctx) error) error {
	cn.mu.Lock()
	defer cn.mu.Unlock()
	if cn.c == nil {
		return errOver
	}
	return f(cn.c)
}

// end takes the request away from who still has the connection.
func (cn *conn) end() {
	cn.mu.Lock()
	defer cn.mu.Unlock()
	cn.c = nil
}

// Read fails: the body is in the RequestCtx.
func (*conn) Read([]byte) (int, error) { return 0, errConn }

// Write takes RequestCtx.EarlyHints, and nothing else.
func (cn *conn) Write(p []byte) (int, error) {
	lines := bytes.Split(bytes.TrimSuffix(p, []byte("\r\n\r\n")), []byte("\r\n"))
	if !bytes.HasPrefix(lines[0], []byte("HTTP/1.1 103 ")) {
		return 0, errConn
	}
	return len(p), cn.use(func(c *pipeline.Ctx) error {
		for _, line := range lines[1:] {
			name, value, _ := bytes.Cut(line, []byte(": "))
			_ = c.AddHeader(string(name), string(value))
		}
		err := c.Transport().Interim(c, 103)
		c.DelHeader("Link") // those of the response are set again behind the handler
		return err
	})
}

// Close does nothing.
func (*conn) Close() error { return nil }

// LocalAddr returns the address that the client connected to.
func (cn *conn) LocalAddr() net.Addr { return tcpAddr(cn.local) }

// RemoteAddr returns the client's address.
func (cn *conn) RemoteAddr() net.Addr { return tcpAddr(cn.remote) }

func tcpAddr(a netip.AddrPort) net.Addr {
	if !a.IsValid() {
		return &net.TCPAddr{IP: net.IPv4zero} // fasthttp's own for an unknown one
	}
	return net.TCPAddrFromAddrPort(a)
}

// SetDeadline sets both deadlines.
func (cn *conn) SetDeadline(t time.Time) error {
	return errors.Join(cn.SetReadDeadline(t), cn.SetWriteDeadline(t))
}

// SetReadDeadline is the Ctx's.
func (cn *conn) SetReadDeadline(t time.Time) error {
	return cn.use(func(c *pipeline.Ctx) error { return c.SetReadDeadline(t) })
}

// SetWriteDeadline is the Ctx's.
func (cn *conn) SetWriteDeadline(t time.Time) error {
	return cn.use(func(c *pipeline.Ctx) error { return c.SetWriteDeadline(t) })
}

// tlsConn is a conn that RequestCtx.IsTLS is true for.
type tlsConn struct{ *conn }

// Handshake is over.
func (*tlsConn) Handshake() error { return nil }

// ConnectionState tells that the connection is encrypted, and no more.
func (*tlsConn) ConnectionState() tls.ConnectionState {
	return tls.ConnectionState{HandshakeComplete: true}
}

// discard drops what handlers log through their RequestCtx, which is fasthttp's server's to log.
type discard struct{}

// Printf drops it.
func (discard) Printf(string, ...any) {}
