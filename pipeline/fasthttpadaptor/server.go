package fasthttpadaptor

import (
	"net"
	"sync"

	"github.com/valyala/fasthttp"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// NewServer makes an application of Wheelpit a fasthttp handler, for fasthttp's server or beside other handlers in a router.
// Handlers run on fasthttp's goroutine of the connection, as on a worker; streams on one of their own.
func NewServer(chain *pipeline.Chain) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		t := transports.Get().(*transport)
		t.ctx = ctx
		if status := t.parse(); status != 0 {
			pipeline.RefuseWith(t.c, t, status)
			t.send()
			return
		}
		t.c.SetWorker(true)
		if chain.Run(t.c) != pipeline.Done {
			t.cut()
			return
		}
		t.send()
	}
}

var transports = sync.Pool{New: func() any { return &transport{c: pipeline.NewCtx()} }}

// limits bound the head that is made of a request; fasthttp has bounded it before (Server.ReadBufferSize: 4 KiB).
var limits = http1.Limits{
	RequestLine: 2 << 20, FieldLine: 2 << 20, Head: 4 << 20, Fields: 1 << 14, Trailer: 8 << 10, ChunkExt: 4 << 10,
}

// parse makes a head of the request and reads it as one that came from a client: all that the pipeline knows of a request
// are its bytes. It returns the status that refuses it, or 0.
func (t *transport) parse() (status int) {
	t.head = t.appendHead(t.head[:0])
	h := &t.c.Head
	if v := h.Parse(t.head, &limits); v == http1.Partial {
		return fasthttp.StatusBadRequest
	} else if v.Failed() {
		return v.Status()
	}
	switch {
	case h.Form == http1.FormAuthority, h.Method == http1.MethodTrace:
		return fasthttp.StatusMethodNotAllowed // as on Wheelpit's own server
	case h.Form == http1.FormAsterisk:
		t.path = append(t.path[:0], '*')
	default:
		var v http1.Verdict
		if t.path, v = http1.AppendPath(t.path[:0], h.Path.Of(t.head), true); v.Failed() {
			return v.Status()
		}
	}
	t.c.Begin(t, t.head, t.path)
	if !t.ctx.IsBodyStream() {
		t.c.SetBody(t.ctx.Request.Body())
	}
	return 0
}

// appendHead appends the head of the request. A field that would end its line is left out.
func (t *transport) appendHead(b []byte) []byte {
	req := &t.ctx.Request
	b = append(append(append(b, req.Header.Method()...), ' '), req.Header.RequestURI()...)
	if req.Header.IsHTTP11() {
		b = append(b, " HTTP/1.1\r\n"...)
	} else {
		b = append(b, " HTTP/1.0\r\n"...)
	}
	b = http1.AppendField(b, "Host", string(req.Header.Host()))
	length := int64(req.Header.ContentLength())
	if !t.ctx.IsBodyStream() {
		length = int64(len(req.Body()))
	}
	switch {
	case length > 0:
		b = append(b, "Content-Length: "...)
		b = append(http1.AppendUint(b, uint64(length)), "\r\n"...)
	case length < 0:
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	}
	for name, value := range req.Header.All() {
		switch http1.LookupField(name) {
		case http1.Host, http1.ContentLength, http1.TransferEncoding:
			continue
		}
		if http1.ValidFieldName(string(name)) && http1.ValidFieldValue(string(value)) {
			b = http1.AppendField(b, string(name), string(value))
		}
	}
	return append(b, "\r\n"...)
}

// cut closes the connection without a response. fasthttp can do that only for a connection that was hijacked.
func (t *transport) cut() {
	t.ctx.HijackSetNoResponse(true)
	t.ctx.Hijack(func(net.Conn) {})
	t.release()
}
