package load

// Hot: runs for every request and answer; no allocation, no map, no defer.

import (
	"time"

	"golang.org/x/sys/unix"
)

// conn is one client connection. It is idle (no request, open loop only), awaiting answers, or, with Plan.Close,
// awaiting the end of the stream.
type conn struct {
	fd         int
	index      int32 // in generator.conns
	generation int32 // of the socket; tells stale events apart
	awaiting   int   // answers still to come
	idle       bool  // in generator.idle
	began      int64 // when the request was sent, or should have been
	request    *Request
	unsent     []byte // what the socket did not take yet
	parser     parser
}

// connect opens the connection and sends its first request without waiting for the handshake: on loopback that has
// happened when connect returns. now is when the request begins.
func (g *generator) connect(c *conn, now int64) {
	fd, err := g.socket(c)
	if err != nil {
		g.result.Errors.note(&g.result.Errors.Connect, "connect to %v: %v", g.plan.Addr, err)
		return
	}
	c.fd, c.awaiting, c.unsent = fd, 0, nil
	c.parser = parser{line: c.parser.line[:0]}
	if !c.idle {
		g.free(c, now)
	}
}

// socket makes a socket that connects, registered once for all its life. SO_LINGER of 0 makes close send a reset.
func (g *generator) socket(c *conn) (fd int, err error) {
	fd, err = unix.Socket(g.family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	err = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	if err == nil && !g.plan.Close {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	if err == nil {
		c.generation++
		event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET, Fd: c.index, Pad: c.generation}
		err = unix.EpollCtl(g.epoll, unix.EPOLL_CTL_ADD, fd, &event)
	}
	if err == nil {
		err = unix.Connect(fd, g.server)
	}
	if err != nil && err != unix.EINPROGRESS {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// hangUp closes the connection for good.
func (g *generator) hangUp(c *conn) {
	if c.fd >= 0 {
		_ = unix.Close(c.fd)
	}
	c.fd, c.unsent = -1, nil
	c.generation++
}

func (g *generator) reconnect(c *conn) {
	now := g.now()
	g.hangUp(c)
	g.connect(c, now)
}

// free gives a connection its next request, now or when one is due.
func (g *generator) free(c *conn, now int64) {
	if g.due.rate > 0 {
		c.idle = true
		g.idle.push(c.index)
		return
	}
	g.request(c, now)
}

// request sends the next request of the plan; its latency counts from began.
func (g *generator) request(c *conn, began int64) {
	r := &g.plan.Requests[g.cursor]
	if g.cursor++; g.cursor == len(g.plan.Requests) {
		g.cursor = 0
	}
	c.request, c.awaiting, c.began, c.unsent, c.idle = r, r.Count, began, r.Wire, false
	g.flush(c)
}

// flush sends what is unsent. A full or not yet connected socket reports when it can take the rest.
func (g *generator) flush(c *conn) {
	n, errno := send(c.fd, c.unsent)
	switch errno {
	case 0:
		c.unsent = c.unsent[n:]
	case unix.EAGAIN:
	case unix.ECONNREFUSED:
		g.result.Errors.note(&g.result.Errors.Connect, "connect to %v: %v", g.plan.Addr, errno)
		g.hangUp(c)
	default:
		g.result.Errors.note(&g.result.Errors.Broken, "send: %v", errno)
		g.hangUp(c)
	}
}

// read takes what has arrived. A short read means that the socket is empty, so it is not asked once more, unless the
// end of the stream was already announced: edge-triggered, that comes only once.
func (g *generator) read(c *conn, ended bool) {
	for generation := c.generation; c.generation == generation; {
		n, errno := recv(c.fd, g.input)
		switch {
		case errno == unix.EAGAIN:
			return
		case errno != 0:
			g.result.Errors.note(&g.result.Errors.Broken, "recv: %v", errno)
			g.reconnect(c)
			return
		case n == 0:
			g.ended(c)
			return
		}
		g.result.Bytes += int64(n)
		g.received(c, g.input[:n])
		if n < len(g.input) && !ended {
			return
		}
	}
}

// received parses input, which may hold several answers.
func (g *generator) received(c *conn, input []byte) {
	now := g.now()
	for len(input) > 0 {
		if c.awaiting == 0 {
			g.result.Errors.note(&g.result.Errors.Malformed, "%d bytes that were not asked for", len(input))
			g.reconnect(c)
			return
		}
		n, complete, err := c.parser.feed(input)
		if err != nil {
			g.result.Errors.note(&g.result.Errors.Malformed, "%v: %.40q", err, input)
			g.reconnect(c)
			return
		}
		input = input[n:]
		if complete {
			g.answered(c, now)
		}
	}
	g.advance(c, now)
}

// answered checks one complete answer and counts it.
func (g *generator) answered(c *conn, now int64) {
	c.awaiting--
	p, r, failed := &c.parser, c.request, &g.result.Errors
	switch {
	case p.status != r.Status:
		failed.note(&failed.Status, "status %d, expected %d", p.status, r.Status)
	case r.Length != AnyLength && p.length != r.Length:
		failed.note(&failed.Length, "content of %d bytes, expected %d", p.length, r.Length)
	default:
		g.result.Requests++
		g.latency.Record(time.Duration(now - c.began))
	}
}

// advance goes on after the last answer: a connection that the server will close is left to it.
func (g *generator) advance(c *conn, now int64) {
	if c.awaiting == 0 && !c.idle && !g.plan.Close && !c.parser.last {
		g.free(c, now)
	}
}

// ended handles the server's end of the stream.
func (g *generator) ended(c *conn) {
	switch {
	case c.awaiting == 1 && c.parser.eof():
		g.answered(c, g.now())
	case c.awaiting > 0:
		g.result.Errors.note(&g.result.Errors.Broken, "the server closed a connection with %d answers due", c.awaiting)
	}
	g.reconnect(c)
}
