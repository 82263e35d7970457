package proxy

// Hot: every event of an upstream's connection passes here.

import (
	"errors"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// link is a connection to a peer (loop.Protocol): busy with a call, or idle in the pool of its upstream. It belongs to its
// reactor.
type link struct {
	conn     *loop.Conn
	call     *call
	home     *shard // where it rests
	peer     *upstream.Peer
	by       *Handler // that made the connection
	requests int
	began    uint32  // tick
	rests    uint32  // tick at which it came to rest
	asked    *asking // while it moves to another reactor
	tunnel   *tunnel
	linger   bool // what the peer still sends is read and dropped
}

var (
	_ loop.Protocol  = (*link)(nil)
	_ loop.Connector = (*link)(nil)
	_ loop.Mover     = (*link)(nil)
)

// The kinds of time-outs.
const (
	timeConnect = iota + 1
	timeSend
	timeRead
	timeIdle
	timeTunnel
)

// Connected tells that the connection was made.
func (l *link) Connected(c *loop.Conn) {
	l.conn = c
	if l.call != nil {
		l.call.connected()
	}
}

// Data takes what the peer sent.
func (l *link) Data(c *loop.Conn, in []byte) int {
	switch {
	case l.tunnel != nil:
		return l.tunnel.fromPeer(in)
	case l.call == nil: // an idle connection has nothing to say: it is out of step
		l.leave()
		c.Abort(nil)
		return len(in)
	}
	return l.call.received(in)
}

// EOF tells that the peer will send no more.
func (l *link) EOF(c *loop.Conn) {
	switch {
	case l.tunnel != nil:
		l.tunnel.peerDone()
	case l.call != nil:
		l.call.peerClosed(nil)
	default:
		l.leave()
		c.Abort(nil)
	}
}

// Drained tells that the peer has taken what was queued.
func (l *link) Drained(c *loop.Conn) {
	switch {
	case l.tunnel != nil:
		l.tunnel.peerDrained()
	case l.call != nil:
		l.call.requestSent()
	default:
		c.ClearTimeout()
	}
}

// Timeout tells that the peer is too slow, or that the connection has been idle for long.
func (l *link) Timeout(c *loop.Conn, _ uint8) {
	switch {
	case l.tunnel != nil:
		l.tunnel.end(loop.ErrTimeout)
	case l.call != nil:
		l.call.timedOut()
	default:
		l.leave()
		c.Abort(nil)
	}
}

// Idle tells whether a server that shuts down may close the connection.
func (l *link) Idle(*loop.Conn) bool { return l.call == nil && l.tunnel == nil }

// Reclaimed is never called: a link is not lent.
func (l *link) Reclaimed(*loop.Conn) {}

// Closed tells that the connection is gone.
func (l *link) Closed(_ *loop.Conn, err error) {
	switch {
	case l.tunnel != nil:
		l.tunnel.peerLost()
	case l.call != nil:
		if err == nil {
			err = errors.New("connection closed")
		}
		l.call.peerClosed(err)
	case l.asked != nil: // it could not move
		if err != loop.ErrDraining {
			l.asked.refused()
		}
	default:
		l.leave()
	}
	l.conn = nil
}

// leave takes an idle link out of its pool.
func (l *link) leave() {
	if l.home != nil {
		l.home.remove(l)
	}
}

// shut closes the connection of a link that is in nobody's hands any more.
func (l *link) shut() {
	l.call, l.tunnel = nil, nil
	if c := l.conn; c != nil && !c.Closed() {
		c.Abort(nil)
	}
}
