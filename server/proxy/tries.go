package proxy

// Hot: every try ends here; no allocation when it ends well.

import (
	"fmt"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// idempotent tells whether the request may be sent twice (NGINX: not POST, LOCK and PATCH).
func (x *call) idempotent() bool { return !x.once }

// repeatable tells whether the request is sent again when the connection turns out to be closed: by what the method and the
// configuration allow, and as long as the body can be had again.
func (x *call) repeatable() bool {
	return x.idempotent() && x.h.cfg.Next&(OnError|Never) == OnError && x.body.stream == nil
}

// next tries another peer because of one condition, or fails with status.
func (x *call) next(why Condition, status int, err error) {
	stale := x.reused && !x.heard && why == OnError
	x.states[len(x.states)-1].status = status
	x.noteEnd()
	o := upstream.Outcome{Failed: why != On403 && why != On404, Next: why == On403 || why == On404, Cached: stale}
	if err == errRefused { // otherwise the status is ours
		o.Status = status
	}
	x.settlePeer(o)
	x.letGo(false, true)
	if stale {
		x.tries-- // as for the group, see upstream.Outcome
	}
	if x.mayTry(why) {
		x.connect()
		return
	}
	if x.serveStale(why) {
		return
	}
	x.fail(status, err)
}

// mayTry tells whether another peer is asked.
func (x *call) mayTry(why Condition) bool {
	cfg := &x.h.cfg
	if x.sent && !x.idempotent() {
		why |= NonIdempotent
	}
	switch {
	case x.pick.Tries() == 0, cfg.Next&Never != 0, cfg.Next&why != why:
		return false
	case cfg.Tries > 0 && x.tries >= cfg.Tries:
		return false
	case x.sent && x.body.begun(): // it was read from the client while it was sent
		return false
	}
	return cfg.NextTimeout == 0 || x.r.Ticks()-x.began < loop.Ticks(cfg.NextTimeout)
}

// settlePeer gives the peer back to its group.
func (x *call) settlePeer(o upstream.Outcome) {
	if x.peer == nil {
		return
	}
	st := x.state()
	o.Connect, o.Header, o.Total = max(st.connect, 0), max(st.header, 0), max(st.time, 0)
	o.Sent, o.Received = st.sent.Load(), st.received.Load()
	x.up.group.Done(&x.pick, x.peer, o, x.at.UnixMilli())
	if x.learns && !o.Failed {
		x.up.group.Learn(&x.pick, x.peer, x.session, x.at.UnixMilli())
	}
	x.peer = nil
}

// letGo parts with the link: it rests when it may be used again, and is closed otherwise.
func (x *call) letGo(reuse, failed bool) {
	if x.peer != nil {
		x.settlePeer(upstream.Outcome{Failed: failed, Status: x.res.Status})
	}
	l := x.link
	if l == nil {
		return
	}
	x.link, l.call = nil, nil
	if c := l.conn; c == nil || c.Closed() {
		return
	}
	if reuse && !x.own && !l.peer.Removed() && !l.conn.ClientDone() && x.up.shard(x.r).put(l, x.r.Ticks()) {
		return
	}
	if l.linger {
		l.conn.CloseWhenSent(loop.DefaultLinger)
		return
	}
	l.shut()
}

// noteEnd completes what is known of a try.
func (x *call) noteEnd() {
	if len(x.states) == 0 {
		return
	}
	if st := x.state(); st.time < 0 {
		st.time = x.at.Sub(st.began)
	}
}

// fail ends the call without an answer. One that was refused is forgotten: its bytes were not taken, and its spans are of nothing.
func (x *call) fail(status int, err error) {
	x.fault, x.err = status, err
	x.res.Reset()
	x.fill.abort()
	x.saved.abort()
	x.keepFailure(status)
	x.finish()
	x.wakeUp()
}

// timedOut is a peer that is too slow.
func (x *call) timedOut() {
	x.at = x.r.Now()
	switch x.stage {
	case connecting:
		x.note("error", "upstream timed out (110: Connection timed out) while connecting to upstream")
	case atHead:
		if x.body.awaited() && x.link.conn.Queued() == 0 { // the client is slow, and has a time-out of its own
			x.link.conn.SetTimeout(timeRead, x.h.read)
			return
		}
		doing := "reading response header from upstream"
		if x.link.conn.Queued() > 0 {
			doing = "sending request to upstream"
		}
		x.note("error", "upstream timed out (110: Connection timed out) while "+doing)
	default:
		if x.rate.waits(x) || x.waitsForClient() {
			return
		}
		x.note("error", "upstream timed out (110: Connection timed out) while reading upstream")
		x.broken(errTimeout)
		return
	}
	x.hold(func() { x.next(OnTimeout, 504, errTimeout) })
}

// peerClosed is the end of the peer's bytes, orderly when err is nil.
func (x *call) peerClosed(err error) {
	x.at = x.r.Now()
	x.refs.Add(1)
	defer x.release()
	switch x.stage {
	case connecting:
		x.note("error", fmt.Sprintf("connect() failed (%s) while connecting to upstream", errnoText(err)))
		x.next(OnError, 502, errClosed)
	case atHead:
		if err != nil {
			x.note("error", fmt.Sprintf("recv() failed (%s) while reading response header from upstream", errnoText(err)))
		} else {
			x.note("error", "upstream prematurely closed connection while reading response header from upstream")
		}
		x.next(OnError, 502, errClosed)
	case atBody:
		if err == nil && x.left == http1.UntilClose && x.h.cfg.Protocol != FastCGI {
			x.bodyDone(false)
			return
		}
		if err != nil {
			x.note("error", fmt.Sprintf("recv() failed (%s) while reading upstream", errnoText(err)))
		} else {
			x.note("error", "upstream prematurely closed connection while reading upstream")
		}
		x.broken(errClosed)
	}
}

// hold runs f while the call cannot be given back under it.
func (x *call) hold(f func()) {
	x.refs.Add(1)
	f()
	x.release()
}
