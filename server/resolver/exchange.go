package resolver

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"
)

const (
	udpSize    = 4096
	tcpTimeout = 5 * time.Second
)

// An exchange asks name servers until all its queries are answered. It belongs to one goroutine; its sockets are read by
// goroutines that post to received.
type exchange struct {
	r        *Resolver
	ctx      context.Context
	queries  []*query
	server   int        // index of the server that is asked now
	refused  int        // servers that failed at once since the last wait
	udp      []net.Conn // by server; nil is none yet
	received chan packet
}

// A packet is a message from a name server, or the end of its socket.
type packet struct {
	message []byte
	udp     net.Conn // nil is TCP
	server  int
	err     error
}

// exchange sends queries and returns when all are answered; false when ctx ended before.
func (r *Resolver) exchange(ctx context.Context, queries []*query) bool {
	ctx, cancel := context.WithCancel(ctx)
	e := exchange{
		r: r, ctx: ctx, queries: queries, server: int(r.turn.Add(1)-1) % len(r.cfg.Servers),
		udp: make([]net.Conn, len(r.cfg.Servers)), received: make(chan packet, 4),
	}
	defer e.close(cancel)
	resend := time.NewTimer(r.cfg.Resend)
	defer resend.Stop()
	e.send()
	for e.open() {
		select {
		case <-ctx.Done():
			return false
		case p := <-e.received:
			if e.take(p) {
				resend.Reset(r.cfg.Resend)
			}
		case <-resend.C:
			e.refused = 0
			e.next()
			resend.Reset(r.cfg.Resend)
		}
	}
	return true
}

func (e *exchange) close(cancel context.CancelFunc) {
	cancel()
	for _, c := range e.udp {
		if c != nil {
			_ = c.Close()
		}
	}
}

func (e *exchange) open() bool {
	for _, q := range e.queries {
		if !q.answered {
			return true
		}
	}
	return false
}

// next asks the next server.
func (e *exchange) next() {
	e.server = (e.server + 1) % len(e.udp)
	e.send()
}

// send sends what is not answered to the server whose turn it is.
func (e *exchange) send() {
	for _, q := range e.queries {
		switch {
		case q.answered:
		case q.tcp:
			go e.askTCP(e.server, q.wire)
		case !e.sendUDP(q.wire):
			return
		}
	}
}

// sendUDP sends a message; false means that it asked the next server instead.
func (e *exchange) sendUDP(wire []byte) bool {
	conn := e.udp[e.server]
	if conn == nil {
		var err error
		if conn, err = net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(e.r.cfg.Servers[e.server])); err != nil {
			e.failed(e.server, err)
			return false
		}
		e.udp[e.server] = conn
		go e.readUDP(e.server, conn)
	}
	if _, err := conn.Write(wire); err != nil {
		e.drop(conn, e.server)
		e.failed(e.server, err)
		return false
	}
	return true
}

// drop closes a socket of a server; false means that it was done before.
func (e *exchange) drop(conn net.Conn, server int) bool {
	if e.udp[server] != conn {
		return false
	}
	e.udp[server] = nil
	_ = conn.Close()
	return true
}

// failed handles a server that cannot be reached: the next one is asked at once, unless all have failed by now, in which
// case they get the usual time to come back.
func (e *exchange) failed(server int, err error) {
	e.r.cfg.Log(fmt.Sprintf("%s failed (%s) while resolving, resolver: %s", call(err), reason(err), e.r.cfg.Servers[server]))
	if server != e.server {
		return
	}
	if e.refused++; e.refused < len(e.udp) {
		e.next()
	}
}

// call is the system call that failed, as NGINX names it.
func call(err error) string {
	var op *net.OpError
	errors.As(err, &op)
	switch {
	case op != nil && op.Op == "dial":
		return "connect()"
	case op != nil && op.Op == "write":
		return "send()"
	}
	return "recv()"
}

// reason is an error as NGINX writes it: "111: Connection refused", as far as Go knows the words.
func reason(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		text := errno.Error()
		return fmt.Sprintf("%d: %s", int(errno), strings.ToUpper(text[:1])+text[1:])
	}
	return err.Error()
}

// take handles what came; true means that the server has to be given time for TCP.
func (e *exchange) take(p packet) bool {
	if p.err != nil {
		if p.udp == nil || e.drop(p.udp, p.server) {
			e.failed(p.server, p.err)
		}
		return false
	}
	m, err := match(p.message, p.udp == nil, e.queries)
	e.r.counts.response(m.code, err)
	switch {
	case err != nil:
	case m.cut && m.query.tcp:
		return false // again, over UDP
	case m.cut:
		m.query.tcp = true
		go e.askTCP(p.server, m.query.wire)
		return true
	default:
		err = m.read()
	}
	if err != nil {
		e.r.cfg.Log(err.Error())
	}
	return false
}

func (e *exchange) post(p packet) bool {
	select {
	case e.received <- p:
		return p.err == nil
	case <-e.ctx.Done():
		return false
	}
}

// readUDP runs on its own goroutine until the socket is closed.
func (e *exchange) readUDP(server int, conn net.Conn) {
	for {
		b := make([]byte, udpSize)
		n, err := conn.Read(b)
		if errors.Is(err, net.ErrClosed) || !e.post(packet{message: b[:n], udp: conn, server: server, err: err}) {
			return
		}
	}
}

// askTCP runs on its own goroutine: one query over a connection of its own (RFC 7766).
func (e *exchange) askTCP(server int, wire []byte) {
	ctx, cancel := context.WithTimeout(e.ctx, tcpTimeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", e.r.cfg.Servers[server].String())
	if err != nil {
		e.post(packet{server: server, err: err})
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer func() { stop(); _ = conn.Close() }()
	message, err := roundTrip(conn, wire)
	e.post(packet{message: message, server: server, err: err})
}

// roundTrip sends one message and reads one, with their lengths before them (RFC 1035 section 4.2.2).
func roundTrip(conn io.ReadWriter, wire []byte) ([]byte, error) {
	if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(wire))), wire...)); err != nil {
		return nil, err
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, err
	}
	message := make([]byte, binary.BigEndian.Uint16(size[:]))
	_, err := io.ReadFull(conn, message)
	return message, err
}
