package proxy

// Hot: picks a peer and sends the request; no allocation on a connection that was kept.

import (
	"errors"
	"fmt"
	"time"

	"github.com/wheelpit/wheelpit/server/upstream"
)

var (
	errNoLive  = errors.New("proxy: no live upstreams")
	errTimeout = errors.New("proxy: upstream timed out")
	errClosed  = errors.New("proxy: upstream prematurely closed connection")
	errInvalid = errors.New("proxy: upstream sent an invalid response")
	errUnasked = errors.New("proxy: upstream switched to another protocol unasked")
	errRefused = errors.New("proxy: upstream answered with an error")
)

// start begins the first try.
func (x *call) start() {
	x.began = x.r.Ticks()
	if x.starting { // by the request itself
		x.connect()
		return
	}
	if x.pipe.gone() { // the worker has given up before: dropHere follows
		return
	}
	x.hold(x.connect)
}

// connect asks for a peer.
func (x *call) connect() {
	x.at = x.r.Now()
	switch p, v := x.up.group.Pick(&x.pick, x.at.UnixMilli()); v {
	case upstream.Picked:
		x.use(p)
	case upstream.Queued:
		x.queue()
	default:
		x.note("error", "no live upstreams while connecting to upstream")
		x.states = append(x.states, state{peer: x.up.Name, status: 502, connect: -1, header: -1})
		x.fail(502, errNoLive)
	}
}

// now is the time as packages upstream and cache count it, on any goroutine.
func now() int64 { return time.Now().UnixMilli() }

// use sends the request to a peer: over a connection that was kept, or a new one.
func (x *call) use(p *upstream.Peer) {
	x.peer, x.last, x.stage, x.tries = p, p, connecting, x.tries+1
	x.sent, x.reused, x.heard, x.hinted = false, false, false, 0
	x.states = append(x.states, state{peer: p.Name(), connect: -1, header: -1, time: -1, began: x.at})
	if !x.own {
		for l := x.up.shard(x.r).take(p, x.h); l != nil; l = x.up.shard(x.r).take(p, x.h) {
			if p.Removed() || !x.repeatable() && !l.conn.Alive() {
				l.shut()
				continue
			}
			x.reuse(l)
			return
		}
		if x.steal(p) {
			return
		}
	}
	x.dialAnew(p)
}

// reuse sends the request over a connection that was kept.
func (x *call) reuse(l *link) {
	x.link, l.call, x.reused = l, x, true
	x.state().connect = 0
	x.send()
}

// dialAnew sends the request over a new connection.
func (x *call) dialAnew(p *upstream.Peer) {
	x.up.makeRoom(p)
	x.dial(p)
}

// state is that of the try in progress.
func (x *call) state() *state { return &x.states[len(x.states)-1] }

// dial begins to connect.
func (x *call) dial(p *upstream.Peer) {
	spec := x.local
	spec.KeepAlive, spec.ReceiveBuffer, spec.SendBuffer = x.h.cfg.SocketKeepAlive, x.h.cfg.ReceiveBuffer, x.h.cfg.SendBuffer
	spec.OneWrite = x.up.keep.Max == 0 && x.body.stream == nil && x.body.file == nil && x.preface == nil
	if p.Network() == "unix" {
		spec.Unix = p.Addr()
	} else {
		spec.Addr = p.AddrPort()
	}
	l := &link{call: x, peer: p, by: x.h, began: x.r.Ticks()}
	x.link = l
	c, err := x.r.Dial(&spec, l)
	if err != nil {
		l.call, x.link = nil, nil
		x.note("error", fmt.Sprintf("connect() failed (%s) while connecting to upstream", errnoText(err)))
		x.next(OnError, 502, errClosed)
		return
	}
	l.conn = c
	c.SetSendTimeout(timeSend, x.h.send)
	if !c.Connected() {
		c.SetTimeout(timeConnect, x.h.connect)
	}
}

// connected goes on when the connection was made.
func (x *call) connected() {
	x.at = x.r.Now()
	x.state().connect = x.at.Sub(x.state().began)
	if x.preface != nil {
		x.link.conn.Write(x.preface)
	}
	x.send()
}

// send queues the request.
func (x *call) send() {
	l := x.link
	l.requests++
	x.stage, x.sent = atHead, true
	x.res.Reset()
	x.res.CGI = x.h.cgi
	x.raw, x.trailers = x.raw[:0], x.trailers[:0]
	x.chunks.Reset()
	x.fcgi.Reset()
	x.mem.Reset()
	l.conn.SetTimeout(timeRead, x.h.read)
	l.conn.WriteBorrowed(x.head)
	x.state().sent.Store(int64(len(x.head)) + x.body.queue(l.conn, x.h.cfg.Protocol))
	if f := x.body.stream; f != nil && len(f.first) > 0 {
		x.offer(f.first, false)
	}
	x.body.drained()
}

// requestSent tells that the peer has taken all that was queued.
func (x *call) requestSent() {
	if !x.rate.rests {
		x.link.conn.SetTimeout(timeRead, x.h.read)
	}
	x.body.drained()
}
