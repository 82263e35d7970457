package pipelinetest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Option changes a request before it is made.
type Option func(*request)

// request is a request that is being put together.
type request struct {
	method, target string
	minor          int
	host           string
	fields         []pipeline.ResponseField
	body           io.Reader
	length         int64 // of the body, -1 for chunks
	remote, local  netip.AddrPort
	secure         bool
	inline         bool
	params         []param
	app            *pipeline.Chain
	onHead         func(*pipeline.Ctx)
}

// Header adds a request field.
func Header(name, value string) Option {
	return func(r *request) { r.fields = append(r.fields, pipeline.ResponseField{Name: name, Value: value}) }
}

// Host sets the Host field; the default is "testserver", as in Django.
func Host(host string) Option { return func(r *request) { r.host = host } }

// Cookie adds a cookie.
func Cookie(name, value string) Option { return Header("Cookie", name+"="+value) }

// BasicAuth adds an Authorization field with user and password.
func BasicAuth(user, password string) Option {
	return Header("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
}

// HTTP10 makes it an HTTP/1.0 request.
func HTTP10() Option { return func(r *request) { r.minor = 0 } }

// Secure makes the connection an encrypted one.
func Secure() Option { return func(r *request) { r.secure = true } }

// Remote sets the client's address, "ip:port"; the default is 127.0.0.1:50000. It panics on anything else.
func Remote(addr string) Option {
	a := netip.MustParseAddrPort(addr)
	return func(r *request) { r.remote = a }
}

// Inline makes NewCtx's request run as on a reactor, where what would wait fails.
func Inline() Option { return func(r *request) { r.inline = true } }

// Param sets a path parameter of NewCtx's request, for a view that is called without dispatch.
func Param(name string, value any) Option {
	return func(r *request) { r.params = append(r.params, param{name, value}) }
}

type param struct {
	name  string
	value any
}

// Within makes NewCtx's request one of a compiled application, for a view that reverses names; no hook runs.
func Within(app *pipeline.Chain) Option { return func(r *request) { r.app = app } }

// OnHead has f called when the head of the response is final, before any of its body is made.
func OnHead(f func(c *pipeline.Ctx)) Option { return func(r *request) { r.onHead = f } }

// Body gives the request content of a media type.
func Body(contentType, content string) Option {
	return func(r *request) {
		r.body, r.length = strings.NewReader(content), int64(len(content))
		if contentType != "" {
			Header("Content-Type", contentType)(r)
		}
	}
}

// Chunks gives the request content of unknown length, read while the application reads.
func Chunks(contentType string, content io.Reader) Option {
	return func(r *request) {
		r.body, r.length = content, -1
		Header("Content-Type", contentType)(r)
	}
}

// JSON gives the request content: v as JSON. It panics when v has no JSON form.
func JSON(v any) Option {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("pipelinetest: JSON: %v", err))
	}
	return Body("application/json", string(b))
}

// Form gives the request a form, URL-encoded.
func Form(values url.Values) Option {
	return Body("application/x-www-form-urlencoded", values.Encode())
}

// File is a file to upload.
type File struct{ Field, Name, ContentType, Content string }

// Upload gives the request a multipart form with values and files.
func Upload(values url.Values, files ...File) Option {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, list := range values {
		for _, v := range list {
			_ = w.WriteField(name, v)
		}
	}
	for _, f := range files {
		h := map[string][]string{"Content-Disposition": {multipart.FileContentDisposition(f.Field, f.Name)}}
		if f.ContentType != "" {
			h["Content-Type"] = []string{f.ContentType}
		}
		p, _ := w.CreatePart(h)
		_, _ = io.WriteString(p, f.Content)
	}
	_ = w.Close()
	return Body(w.FormDataContentType(), b.String())
}

func newRequest(method, target string, opts []Option) *request {
	r := &request{method: method, target: target, minor: 1, host: "testserver",
		remote: netip.MustParseAddrPort("127.0.0.1:50000"), local: netip.MustParseAddrPort("127.0.0.1:80")}
	for _, o := range opts {
		o(r)
	}
	return r
}

// NewCtx makes a request that no middleware and no dispatch has seen, ready to call a view or a hook with. It runs as on a
// worker unless it is Inline. It ends with the test. A request that the parser refuses fails the test.
func NewCtx(tb testing.TB, method, target string, opts ...Option) *pipeline.Ctx {
	tb.Helper()
	r := newRequest(method, target, opts)
	c, err := r.ctx(newWire(r))
	if err != nil {
		tb.Fatal(err)
	}
	c.SetWorker(!r.inline)
	if r.app != nil {
		c.SetChain(r.app)
	}
	for _, p := range r.params {
		c.SetParam(p.name, p.value)
	}
	tb.Cleanup(c.Reset)
	return c
}

// ctx parses the request's bytes and begins a Ctx, as the server does.
func (r *request) ctx(w *wire) (*pipeline.Ctx, error) {
	head := r.head()
	limits := http1.DefaultLimits()
	c := pipeline.NewCtx()
	if v := c.Head.Parse(head, &limits); v != http1.Complete {
		return nil, fmt.Errorf("pipelinetest: %s %s: %d %s", r.method, r.target, v.Status(), v)
	}
	raw := c.Head.Path.Of(head)
	path, v := raw, http1.Complete
	switch {
	case c.Head.Form == http1.FormAsterisk:
		path = []byte("*")
	case len(raw) == 0:
		path = []byte("/")
	case !http1.CleanPath(raw):
		path, v = http1.AppendPath(nil, raw, true)
	}
	if v.Failed() {
		return nil, fmt.Errorf("pipelinetest: path %s: %s", raw, v)
	}
	c.Begin(w, head, path)
	return c, nil
}

// head is the request's head as it would be sent.
func (r *request) head() []byte {
	b := fmt.Appendf(nil, "%s %s HTTP/1.%d\r\n", r.method, r.target, r.minor)
	if r.host != "" {
		b = http1.AppendField(b, "Host", r.host)
	}
	for _, f := range r.fields {
		b = http1.AppendField(b, f.Name, f.Value)
	}
	switch {
	case r.body != nil && r.length < 0:
		b = http1.AppendField(b, "Transfer-Encoding", "chunked")
	case r.body != nil:
		b = fmt.Appendf(b, "Content-Length: %d\r\n", r.length)
	}
	return append(b, "\r\n"...)
}
