package pipelinetest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Response is what a request was answered with, independent of the Ctx.
type Response struct {
	Status int
	// Header has the fields as they would be sent, Content-Type and Content-Length included; Date, Server and Connection
	// are the server's own.
	Header http.Header
	Body   []byte
	// Err is the error that the response is the page of; BodyErr the one that cut a streamed body, which a client sees as a
	// connection that breaks off.
	Err, BodyErr error
	// Escaped is the error that every error handler failed on; the response is then the server's own.
	Escaped error
	// Aborted tells that the application closed the connection without an answer.
	Aborted bool
	// Route is where the request was dispatched to, nil when it never came so far (Django: resolver_match).
	Route *pipeline.Route
	// Interim are the informational responses that came first.
	Interim []Interim
	// Method and Target are of the request; History the redirects that led to it, the first one first.
	Method, Target string
	History        []*Response

	tb testing.TB
}

// JSON decodes the body into v, or fails the test.
func (r *Response) JSON(v any) {
	r.tb.Helper()
	if err := json.Unmarshal(r.Body, v); err != nil {
		r.tb.Fatalf("%s %s: %v in %.200s", r.Method, r.Target, err, r.Body)
	}
}

// Cookies returns the cookies that the response sets.
func (r *Response) Cookies() []*http.Cookie { return (&http.Response{Header: r.Header}).Cookies() }

// Of returns what a view or a hook answered on the Ctx of NewCtx: deferred responses are rendered, streams run to their end.
// Without an answer it fails the test.
func Of(tb testing.TB, c *pipeline.Ctx) *Response {
	tb.Helper()
	if !c.Answered() {
		tb.Fatalf("pipelinetest: %s %s is not answered", c.Method(), c.Target())
	}
	if err := c.RenderNow(); err != nil {
		tb.Fatalf("pipelinetest: rendering: %v", err)
	}
	res := collect(c, c.Transport().(*wire))
	res.tb = tb
	return res
}

// collect takes the response of c apart and reads its body.
func collect(c *pipeline.Ctx, w *wire) *Response {
	res := c.Res()
	r := &Response{Method: c.Method(), Target: c.Target(), Status: res.Status, Header: headerOf(res),
		Err: c.Err(), Escaped: c.Escaped(), Route: c.Route(), Interim: w.interim}
	w.begin(c)
	if res.Stream() != nil {
		var b bytes.Buffer
		w.out = &b
		r.BodyErr = w.sendStream(c)
		r.Body = b.Bytes()
		return r
	}
	if hasBody(c) {
		r.Body, r.BodyErr = bodyOf(res)
	}
	return r
}

// hasBody tells whether the response has a body on the wire, be it empty.
func hasBody(c *pipeline.Ctx) bool {
	return http1.BodyAllowed(c.Res().Status) && c.Head.Method != http1.MethodHead
}

// headerOf returns the fields of a response with those of its framing, which are the server's.
func headerOf(res *pipeline.Response) http.Header {
	h := fieldsOf(res)
	h.Del("Content-Length")
	h.Del("Transfer-Encoding")
	length := res.Length()
	if res.Stream() != nil {
		length = res.StreamLength()
	}
	if length >= 0 && http1.BodyAllowed(res.Status) {
		h.Set("Content-Length", strconv.FormatInt(length, 10))
	}
	return h
}

// fieldsOf copies the fields of a response, whose texts may be views of the request's memory.
func fieldsOf(res *pipeline.Response) http.Header {
	h := http.Header{}
	if res.ContentType != "" {
		h.Set("Content-Type", strings.Clone(res.ContentType))
	}
	for _, f := range res.Fields() {
		h.Add(strings.Clone(f.Name), strings.Clone(f.Value))
	}
	return h
}

// bodyOf reads the parts of a body, those that are files included.
func bodyOf(res *pipeline.Response) ([]byte, error) {
	b := make([]byte, 0, res.Length())
	for _, p := range res.Parts() {
		if p.File == nil {
			b = append(b, p.Bytes...)
			continue
		}
		piece := make([]byte, p.N)
		n, err := syscall.Pread(p.File.Fd(), piece, p.Off)
		if err != nil {
			return b, err
		}
		if b = append(b, piece[:n]...); int64(n) < p.N {
			return b, io.ErrUnexpectedEOF
		}
	}
	return b, nil
}
