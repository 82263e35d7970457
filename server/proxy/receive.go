package proxy

// Hot: reads every answer; no allocation, no map, no defer.

import (
	"fmt"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// received takes what the peer sent and returns how much of it is done with.
func (x *call) received(in []byte) int {
	x.refs.Add(1)
	x.heard, x.at = true, x.r.Now()
	l := x.link
	if x.stage == atBody {
		l.conn.SetTimeout(timeRead, x.h.read)
	}
	var n int
	switch x.h.cfg.Protocol {
	case FastCGI:
		n = x.receiveRecords(in)
	case Memcached:
		n = x.receiveValue(in)
	default:
		n = x.receiveStream(in)
	}
	switch {
	case l.tunnel != nil: // what came behind a 101 is of the other protocol
		n += l.tunnel.fromPeer(in[n:])
	case x.stage == finished:
		n = len(in)
	}
	x.release()
	return n
}

// receiveStream reads head and body as they come.
func (x *call) receiveStream(in []byte) int {
	n := 0
	for x.stage == atHead {
		k := x.readHead(in[n:])
		if n += k; k == 0 || x.stage == finished {
			return n
		}
	}
	if x.stage == atBody && !x.res.Upgraded {
		n += x.readBody(in[n:])
	}
	return n
}

// readHead parses the head and has the request go on. It returns how many bytes it took: 0 when the head is not whole, or
// there is another try.
func (x *call) readHead(in []byte) int {
	link := x.link
	switch v := x.res.Parse(in, &x.h.limits); {
	case v == http1.Partial:
		return 0
	case v == http1.HeadTooLarge:
		x.invalid("upstream sent too big header while reading response header from upstream")
		return 0
	case v != http1.Complete:
		x.invalid(fmt.Sprintf("upstream sent invalid header (%s) while reading response header from upstream", v))
		return 0
	}
	head := int(x.res.HeadLen)
	if x.res.Status < 200 && !x.res.Upgraded && !x.res.CGI {
		return x.interim(in[:head])
	}
	if x.res.Upgraded {
		return x.switchProtocols(in[:head])
	}
	st := x.state()
	st.status, st.header = x.res.Status, x.at.Sub(st.began)
	if x.tryNext() {
		return 0
	}
	x.up.group.Header(&x.pick, x.peer, st.header, nil, x.at.UnixMilli())
	x.left = x.res.Length
	if x.method == http1.MethodHead && !x.fill.headToGet() || !http1.BodyAllowed(x.res.Status) {
		x.left = 0
	}
	st.received.Store(int64(head))
	if x.left >= 0 && x.left <= wholeMax && int64(len(in)-head) >= x.left && x.h.cfg.LimitRate == nil {
		return x.wholeAnswer(in, head, link)
	}
	x.raw = append(x.raw[:0], in[:head]...)
	x.beginBody()
	x.keep()
	x.wakeUp()
	return head
}

// beginBody is the end of the head. All of that had one read time-out, however many pieces it came in, as in NGINX: nobody shall
// wait for a head that comes byte by byte. From here on each piece has one.
func (x *call) beginBody() {
	x.stage = atBody
	x.link.conn.SetTimeout(timeRead, x.h.read)
}

// switchProtocols takes a 101. What follows it is of the other protocol, and read by the tunnel.
func (x *call) switchProtocols(head []byte) int {
	if !x.upgrade {
		x.note("error", "upstream sent 101 to a request without Upgrade while reading response header from upstream")
		x.letGo(false, true)
		x.fail(502, errUnasked)
		return 0
	}
	st := x.state()
	st.status, st.header = 101, x.at.Sub(st.began)
	st.received.Store(int64(len(head)))
	x.raw = append(x.raw[:0], head...)
	x.beginBody()
	x.link.conn.Pause()
	x.wakeUp()
	return len(head)
}

// wholeAnswer takes an answer that is all here. Its connection is free before the request goes on.
func (x *call) wholeAnswer(in []byte, head int, link *link) int {
	end := head + int(x.left)
	x.raw = append(x.raw[:0], in[:end]...)
	x.bodyAt, x.out = head, whole
	st := x.state()
	st.received.Store(int64(end))
	st.length.Store(x.left)
	x.noteEnd()
	x.letGo(x.reusable() && end == len(in) && x.body.complete() && link.conn.Queued() == 0, false)
	x.stage = atBody
	x.left = 0
	x.keep()
	x.finish()
	x.wakeUp()
	return len(in)
}

// tryNext asks another peer when the status is one of those that say so.
func (x *call) tryNext() bool {
	var why Condition
	switch x.res.Status {
	case 500:
		why = On500
	case 502:
		why = On502
	case 503:
		why = On503
	case 504:
		why = On504
	case 403:
		why = On403
	case 404:
		why = On404
	case 429:
		why = On429
	default:
		return false
	}
	cfg := &x.h.cfg
	if cfg.Next&why == 0 || x.pick.Tries() <= 1 || !x.mayTry(why) {
		return x.serveStale(why)
	}
	x.next(why, x.res.Status, errRefused)
	return true
}

// invalid is an answer that is none.
func (x *call) invalid(text string) {
	x.note("error", text)
	x.next(OnInvalidHeader, 502, errInvalid)
}

// readBody hands the body on, piece by piece.
func (x *call) readBody(all []byte) int {
	in, n := x.piece(all), 0
	for n < len(in) && x.stage == atBody && x.left != 0 {
		switch {
		case x.left > 0:
			k := int(min(int64(len(in)-n), x.left))
			x.left -= int64(k)
			x.deliver(in[n : n+k])
			n += k
		case x.left == http1.UntilClose:
			x.deliver(in[n:])
			n = len(in)
		default:
			data, k, v := x.chunks.Next(in[n:], &x.h.limits)
			if v.Failed() {
				x.note("error", fmt.Sprintf("upstream sent invalid chunked response (%s) while reading upstream", v))
				x.broken(errInvalid)
				return len(all)
			}
			if !data.Empty() {
				x.deliver(data.Of(in[n:]))
			} else if x.h.cfg.PassTrailers {
				x.trailers = append(x.trailers, x.chunks.Trailer(k).Of(in[n:])...)
			}
			if n += k; v == http1.Complete {
				x.left = 0
			}
		}
	}
	if x.stage == atBody && x.left == 0 {
		extra := n < len(all)
		if extra {
			x.note("warn", "upstream sent more data than specified in \"Content-Length\" header while reading upstream")
		}
		x.bodyDone(!extra)
		return len(all)
	}
	x.pace(n, len(all)-len(in))
	return n
}

// bodyDone is the end of the body. clean tells that nothing follows it.
func (x *call) bodyDone(clean bool) {
	x.noteEnd()
	queued := int64(1)
	if l := x.link; l != nil && l.conn != nil {
		queued = l.conn.Queued()
	}
	x.letGo(clean && x.reusable() && x.body.complete() && queued == 0, false)
	x.body.stop()
	x.endBody(nil)
}

// reusable tells whether the protocol leaves the connection open behind the answer.
func (x *call) reusable() bool {
	if x.h.cfg.Protocol == HTTP {
		return x.res.KeepAlive
	}
	return x.h.keepsConn
}

// broken is the end of a body that is not whole.
func (x *call) broken(err error) {
	x.noteEnd()
	x.settlePeer(upstream.Outcome{Status: x.res.Status})
	x.letGo(false, false)
	x.body.stop()
	x.err = err
	x.refs.Add(1)
	x.endBody(err)
	x.release()
}
