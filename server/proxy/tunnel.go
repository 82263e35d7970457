package proxy

import (
	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// tunnel moves bytes between a client and a peer that have agreed on another protocol (WebSocket). Nothing of the request is
// kept but this: the exchange is over, and its memory back.
//
//	client ─▶ fromClient ─▶ peer's queue          each side that does not keep up pauses the other
//	client's queue ◀─ fromPeer ◀─ peer
//
// One side that ends its bytes ends the other's; the tunnel is over when both have, or a connection is lost, or nothing moved for
// the read time-out.
type tunnel struct {
	client, peer *loop.Conn
	link         *link
	idle         uint32 // ticks
	up           *Upstream
	pick         upstream.Request
	at           *upstream.Peer
	clientEnded  bool
	peerEnded    bool
	over         bool
	sent         int64 // to the client, in bytes
	onEnd        func(sent int64)
}

// openTunnel answers 101 and joins the two connections.
func (x *call) openTunnel(c *pipeline.Ctx) error {
	x.passAnswer(c, false)
	for i := range x.res.Fields {
		if f := &x.res.Fields[i]; f.ID == http1.Upgrade {
			_ = c.AddHeaderBytes("Upgrade", f.Value.Of(x.raw))
		}
	}
	sw, ok := c.Transport().(server.Switcher)
	if !ok || x.done.Load() || !sw.Switch(x) {
		x.stop()
		return &pipeline.Error{Status: 502, Err: errInvalid}
	}
	return c.NoContent(101)
}

// Switched gives the client's connection, whose next bytes are of the other protocol; see server.Switched. The head of the
// response is queued on it.
func (x *call) Switched(client *loop.Conn, onEnd func(sent int64)) loop.Protocol {
	if x.link == nil { // the peer was lost while a worker had the request
		client.CloseWhenSent(loop.Linger{})
		return &tunnelClient{client: client, over: true, onEnd: onEnd}
	}
	t := &tunnel{client: client, peer: x.link.conn, link: x.link, idle: x.h.read, up: x.up, at: x.peer, onEnd: onEnd}
	t.pick, x.pick = x.pick, upstream.Request{}
	x.link.call, x.link.tunnel = nil, t
	x.link, x.peer = nil, nil
	x.noteEnd()
	x.finish()
	t.touch()
	t.peer.Resume() // what came along with the 101 is still to be read
	return (*tunnelClient)(t)
}

// touch begins the idle time anew.
func (t *tunnel) touch() {
	t.peer.SetTimeout(timeTunnel, t.idle)
}

// fromPeer passes bytes of the peer on.
func (t *tunnel) fromPeer(in []byte) int {
	t.touch()
	t.sent += int64(len(in))
	t.pass(t.client, t.peer, in)
	return len(in)
}

// pass queues in on a connection, and pauses the other when it does not keep up.
func (t *tunnel) pass(to, from *loop.Conn, in []byte) {
	if t.over {
		return
	}
	if len(in) <= copyMax {
		to.Write(in)
	} else {
		to.WriteBorrowed(in)
		to.SendNow() // in lies in the read buffer, which is read into again before the event is over
	}
	if !t.over && !to.Closed() && to.Queued() > loop.HighWater {
		from.Pause()
	}
}

// peerDone ends the peer's direction.
func (t *tunnel) peerDone() {
	t.peerEnded = true
	t.client.CloseWrite()
	if t.clientEnded {
		t.end(nil)
	}
}

// peerDrained reads the client on.
func (t *tunnel) peerDrained() {
	t.touch()
	if !t.over {
		t.client.Resume()
	}
}

// peerLost ends the tunnel after the peer's connection is gone. What is queued for the client is still sent.
func (t *tunnel) peerLost() {
	if t.over {
		return
	}
	t.over = true
	t.settle()
	t.client.CloseWhenSent(loop.Linger{})
}

// end closes both connections when what is queued was sent.
func (t *tunnel) end(err error) {
	if t.over {
		return
	}
	t.over = true
	t.settle()
	t.link.tunnel = nil
	if err != nil {
		t.peer.Abort(err)
		t.client.Abort(err)
		return
	}
	t.peer.CloseWhenSent(loop.Linger{})
	t.client.CloseWhenSent(loop.Linger{})
}

// settle gives the peer back to its group.
func (t *tunnel) settle() {
	if t.at != nil {
		t.up.group.Done(&t.pick, t.at, upstream.Outcome{Status: 101}, now())
		t.at = nil
	}
}

// tunnelClient is the client's side (loop.Protocol).
type tunnelClient tunnel

// Data passes bytes of the client on.
func (s *tunnelClient) Data(_ *loop.Conn, in []byte) int {
	t := (*tunnel)(s)
	if !t.over {
		t.touch()
		t.pass(t.peer, t.client, in)
	}
	return len(in)
}

// EOF ends the client's direction.
func (s *tunnelClient) EOF(*loop.Conn) {
	t := (*tunnel)(s)
	if t.over {
		return
	}
	t.clientEnded = true
	t.peer.CloseWrite()
	if t.peerEnded {
		t.end(nil)
	}
}

// Drained reads the peer on.
func (s *tunnelClient) Drained(c *loop.Conn) {
	c.ClearTimeout()
	if t := (*tunnel)(s); !t.over {
		t.touch()
		t.peer.Resume()
	}
}

// Timeout is the send time-out of the client.
func (s *tunnelClient) Timeout(*loop.Conn, uint8) { (*tunnel)(s).end(loop.ErrTimeout) }

// Idle tells that a tunnel is never idle: a server that shuts down waits for it, up to its bound.
func (s *tunnelClient) Idle(*loop.Conn) bool { return false }

// Reclaimed is never called.
func (s *tunnelClient) Reclaimed(*loop.Conn) {}

// Closed ends the tunnel after the client is gone.
func (s *tunnelClient) Closed(*loop.Conn, error) {
	t := (*tunnel)(s)
	if !t.over {
		t.over = true
		t.settle()
		t.link.tunnel = nil
		t.peer.CloseWhenSent(loop.Linger{})
	}
	t.onEnd(t.sent)
}
