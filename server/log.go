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
	Bytes          int64 // of the response body, as far as it was queued
	Took           time.Duration
	Remote         netip.AddrPort
	Reason         string // why the request was refused, when the server did
}

// logAborted logs a request that gets no response, if it has come to a status nevertheless (NGINX: return 444).
func (x *exchange) logAborted() {
	if status := x.ctx.Res().Status; status != 0 {
		x.log(status, "aborted")
	}
}

// log tells the access log.
func (x *exchange) log(status int, reason string) {
	if x.rt.accessLog == nil {
		return
	}
	defer x.r.srv.recovered("panic in the access log")
	h, head := &x.ctx.Head, x.ctx.HeadBytes()
	x.entry = Entry{Ctx: &x.ctx, Status: status, Bytes: x.sent, Took: time.Since(x.began), Remote: x.conn.Remote(), Reason: reason}
	x.entry.Method, x.entry.Target = h.MethodSpan.Of(head), h.Target.Of(head)
	x.rt.accessLog(&x.entry)
	x.entry = Entry{}
}
