package nethttp

import (
	"bufio"
	"errors"
	"mime/multipart"
	"net/http"
	"sync"

	"github.com/wheelpit/wheelpit/pipeline"
)

// exchange is one request as net/http sees it: the http.ResponseWriter of its handler. It is made for each request and
// never reused, so that a writer that outlives its handler harms nobody; its buffer and its goroutine are.
//
// The worker and the runner take turns: the worker has the Ctx until it sends work, and again from the event on. While
// the handler runs, any goroutine of it may use the exchange, under mu.
type exchange struct {
	c       *pipeline.Ctx
	handler http.Handler
	request *http.Request
	form    *multipart.Form // of request, when a middleware around has parsed it
	runner  *runner
	body    body
	base    requestContext

	mu          sync.Mutex // guards what follows, and the Ctx; taken before body.mu
	header      http.Header
	sent        http.Header // the header as it was when WriteHeader was called
	buf         *bufio.Writer
	stream      *pipeline.Stream
	status      int
	length      int64 // announced by the handler, or -1
	written     int64
	tail        []byte // what the buffer held at the end
	cause       error  // what a Wheelpit handler within returned
	seen        bool   // the handler has asked for the header
	wroteHeader bool   // the status is fixed
	committed   bool   // and the fields are the Ctx's
	gone        bool   // the stream was dropped
	done        bool   // the handler has returned
	hijacked    bool
	duplex      bool // the handler reads the body while it writes

	deadlines sync.Mutex // guards over and the count of inside; a write that waits holds mu
	over      bool       // the request is

	// Of a middleware: its handler within has the Ctx while it holds turn, which is taken behind mu.
	around bool
	turn   sync.Mutex
	inside sync.WaitGroup

	// Set by the runner, read behind its event.
	returned bool
	panicked any
	failure  *pipeline.PanicError // panicked with its stack
	pumped   bool                 // the stream function ran; the worker's own
}

var (
	errOver  = errors.New("nethttp: the handler has returned")
	errShort = errors.New("nethttp: the handler wrote less than the declared Content-Length")
)

// buffers gather what net/http gathers before it decides about Content-Length and chunks.
var buffers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, bufferSize) }}

// bufferSize is the largest body that gets a Content-Length by itself (net/http: bufferBeforeChunkingSize).
const bufferSize = 2048

func newExchange(c *pipeline.Ctx) (*exchange, error) {
	x := &exchange{c: c, length: -1}
	x.base.x = x
	r, err := x.newRequest()
	if err != nil {
		return nil, err
	}
	x.request, x.form = r, r.MultipartForm
	x.header = fieldsOf(c.Res())
	x.buf = buffers.Get().(*bufio.Writer)
	x.buf.Reset((*bodyWriter)(x))
	return x, nil
}
