package server

import (
	"net/netip"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Entry is what the access log is told of a request. It is valid during the call only; so is what its slices and its Ctx
// give. Method and Target are what the client sent, unescaped, and empty when the head could not be parsed so far.
type Entry struct {
	Ctx            *pipeline.Ctx
	Method, Target []byte
	Status         int
	Bytes          int64     // of the response body with its framing, as far as the kernel has taken it
	Began          time.Time // when the events were found that the request came with
	Remote         netip.AddrPort
	Reason         string // why the request was refused, when the server did
}

// Took returns how long the request has taken until now. It reads the clock.
func (e *Entry) Took() time.Duration { return time.Since(e.Began) }

// logAborted notes a request that gets no response, if it has come to a status nevertheless (NGINX: return 444).
func (x *exchange) logAborted() {
	x.broken = true
	if status := x.ctx.Res().Status; status != 0 {
		x.owe(status, "aborted")
	}
}

// logs tells whether the access log is to be told of the request.
func (x *exchange) logs() bool { return x.rt.accessLog != nil && (!x.policy.quiet || x.reason != "") }

// tell tells the access log of a request that is over.
func (x *exchange) tell() {
	if !x.owed || !x.logs() {
		return
	}
	defer x.r.srv.recovered("panic in the access log")
	h, head := &x.ctx.Head, x.ctx.HeadBytes()
	n, _ := x.Left()
	x.entry = Entry{
		Ctx: &x.ctx, Status: x.status, Bytes: max(n-x.sentHead, 0), Began: x.began, Remote: x.conn.Remote(), Reason: x.reason,
	}
	x.entry.Method, x.entry.Target = h.MethodSpan.Of(head), h.Target.Of(head)
	x.rt.accessLog(&x.entry)
	x.entry = Entry{}
}

// Left returns how much of the response has left, and whether that is all; see Carrier.
func (x *exchange) Left() (n int64, whole bool) {
	if x.gone != nil {
		return x.gone.sent, x.gone.whole
	}
	sent := x.conn.Sent()
	if !x.owed {
		return sent - x.start, false
	}
	return min(sent, x.end) - x.start, sent >= x.end && !x.broken
}
