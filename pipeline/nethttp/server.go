package nethttp

import (
	"net/http"
	"sync"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// NewServer makes an application an http.Handler, for net/http's server, its HTTP/2 and its TLS, or a mux beside other
// handlers. The path that it routes is r.URL's, so http.StripPrefix may stand before it. Handlers run on net/http's goroutine
// of the connection, as on a worker. What a middleware before it put into the context of the request is in that of the Ctx.
func NewServer(chain *pipeline.Chain) http.Handler { return &application{chain} }

type application struct{ chain *pipeline.Chain }

var transports = sync.Pool{New: func() any { return &transport{ctx: pipeline.NewCtx()} }}

// ServeHTTP takes the request through the application and writes the response.
func (a *application) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t := transports.Get().(*transport)
	t.w, t.r, t.control = w, r, http.NewResponseController(w)
	defer t.release()
	if status := t.parse(); status != 0 {
		pipeline.RefuseWith(t.ctx, t, status)
		t.send()
		return
	}
	t.ctx.SetWorker(true)
	if a.chain.Run(t.ctx) != pipeline.Done {
		panic(http.ErrAbortHandler)
	}
	t.send()
}

// limits bound the head that is made of a request. net/http has bounded it before (Server.MaxHeaderBytes: 1 MiB); what
// counts here is the grammar, which for HTTP/2 nobody has checked.
var limits = http1.Limits{
	RequestLine: 2 << 20, FieldLine: 2 << 20, Head: 4 << 20, Fields: 1 << 14, Trailer: 8 << 10, ChunkExt: 4 << 10,
}

// parse makes a head of the request and reads it as one that came from a client: all that the pipeline knows of a request
// are its bytes. It returns the status that refuses it, or 0.
func (t *transport) parse() (status int) {
	t.head = appendHead(t.head[:0], t.r)
	h := &t.ctx.Head
	if v := h.Parse(t.head, &limits); v == http1.Partial {
		return http.StatusBadRequest
	} else if v.Failed() {
		return v.Status()
	}
	switch {
	case h.Form == http1.FormAuthority, h.Method == http1.MethodTrace:
		return http.StatusMethodNotAllowed // as on Wheelpit's own server
	case h.Form == http1.FormAsterisk:
		t.path = append(t.path[:0], '*')
	default:
		var v http1.Verdict
		if t.path, v = http1.AppendPath(t.path[:0], h.Path.Of(t.head), true); v.Failed() {
			return v.Status()
		}
	}
	t.ctx.Begin(t, t.head, t.path)
	return 0
}

// send writes the response.
func (t *transport) send() {
	res := t.ctx.Res()
	if t.hijacked {
		return
	}
	if f := res.Stream(); f != nil && bodied(t.ctx, res.Status) {
		t.stream(res)
		return
	}
	t.writeHead(res.StreamLength())
	if bodied(t.ctx, res.Status) && writeParts(t.w, res) != nil {
		panic(http.ErrAbortHandler)
	}
}

// stream sends a streamed body. When it fails, or is not as long as announced, the connection is cut.
func (t *transport) stream(res *pipeline.Response) {
	length := res.StreamLength()
	err := t.ctx.SendStream()
	if t.hijacked {
		return
	}
	if err == nil && !t.begun {
		t.writeHead(length)
	}
	if err != nil || length >= 0 && t.sent != length {
		panic(http.ErrAbortHandler)
	}
}

// writeHead writes status and fields. length is of the body, -1 when it is not known.
func (t *transport) writeHead(length int64) {
	t.begun = true
	res := t.ctx.Res()
	header := t.w.Header()
	setHeader(header, res)
	if length >= 0 && http1.BodyAllowed(res.Status) {
		setLength(header, length)
	}
	t.w.WriteHeader(res.Status)
}
