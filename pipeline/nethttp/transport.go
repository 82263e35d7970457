package nethttp

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// transport is a request of net/http as what carries a request of Wheelpit. It is reused.
type transport struct {
	ctx     *pipeline.Ctx
	w       http.ResponseWriter
	r       *http.Request
	control *http.ResponseController
	unwatch []func() bool

	head []byte // the request as HTTP/1.1
	path []byte // normalised
	sent int64  // body bytes of a stream

	begun, hijacked bool
}

var (
	_ pipeline.Transport      = (*transport)(nil)
	_ pipeline.Lifecycle      = (*transport)(nil)
	_ pipeline.Hijacker       = (*transport)(nil)
	_ pipeline.FullDuplexer   = (*transport)(nil)
	_ pipeline.DeadlineSetter = (*transport)(nil)
)

func (t *transport) release() {
	for _, stop := range t.unwatch {
		stop()
	}
	t.ctx.Reset()
	clear(t.unwatch)
	*t = transport{ctx: t.ctx, head: t.head[:0], path: t.path[:0], unwatch: t.unwatch[:0]}
	transports.Put(t)
}

// appendHead appends the head of r as HTTP/1.1 has it, whatever it came by. A field that would end its line is left out.
func appendHead(b []byte, r *http.Request) []byte {
	b = append(append(append(b, r.Method...), ' '), targetOf(r)...)
	if r.ProtoAtLeast(1, 1) {
		b = append(b, " HTTP/1.1\r\n"...)
	} else {
		b = append(b, " HTTP/1.0\r\n"...)
	}
	b = http1.AppendField(b, "Host", r.Host)
	switch {
	case r.ContentLength > 0:
		b = append(b, "Content-Length: "...)
		b = append(http1.AppendUint(b, uint64(r.ContentLength)), "\r\n"...)
	case r.ContentLength < 0:
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if name == "Host" || name == "Content-Length" || name == "Transfer-Encoding" || !http1.ValidFieldName(name) {
			continue
		}
		for _, value := range r.Header[name] {
			if http1.ValidFieldValue(value) {
				b = http1.AppendField(b, name, value)
			}
		}
	}
	return append(b, "\r\n"...)
}

// targetOf returns the target of r in origin form, or "*". A path that lost its slash to http.StripPrefix gets it back: what
// is left may look like an absolute URL, whose host would take the place of the request's.
func targetOf(r *http.Request) string {
	target := r.URL.RequestURI()
	switch {
	case r.RequestURI == "*":
		return "*"
	case r.URL.Opaque == "" && !strings.HasPrefix(target, "/"):
		return "/" + target
	}
	return target
}

// ReadBody reads request content; net/http sends 100 by itself.
func (t *transport) ReadBody(_ *pipeline.Ctx, p []byte) (int, error) {
	if t.r.Body == nil { // of a request that was made by hand
		return 0, io.EOF
	}
	n, err := t.r.Body.Read(p)
	var limit *http.MaxBytesError
	switch {
	case errors.As(err, &limit):
		err = pipeline.ErrBodyTooLarge
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = &pipeline.Error{Status: 400, Message: "request body cut off", Err: pipeline.ErrClientGone}
	case err == io.EOF && n > 0:
		err = nil
	}
	return n, err
}

// WriteBody writes a piece of a streamed body, after the head.
func (t *transport) WriteBody(_ *pipeline.Ctx, p []byte) error {
	length := t.ctx.Res().StreamLength()
	if !t.begun {
		t.writeHead(length)
	}
	if len(p) == 0 {
		return nil
	}
	if t.sent += int64(len(p)); length >= 0 && t.sent > length {
		return http.ErrContentLength
	}
	if _, err := t.w.Write(p); err != nil {
		return pipeline.ErrClientGone
	}
	return nil
}

// FlushBody sends what was written. Where a writer cannot, it is sent at the end.
func (t *transport) FlushBody(c *pipeline.Ctx) error {
	if err := t.WriteBody(c, nil); err != nil {
		return err
	}
	if err := t.control.Flush(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return pipeline.ErrClientGone
	}
	return nil
}

// Interim sends an informational response with the fields set so far.
func (t *transport) Interim(c *pipeline.Ctx, status int) error {
	if t.begun || status < 100 || status > 199 || status == http.StatusSwitchingProtocols {
		return nil
	}
	header := t.w.Header()
	was := header.Clone()
	for _, f := range c.Res().Fields() {
		header.Add(f.Name, keepable(f.Value))
	}
	t.w.WriteHeader(status)
	clear(header)
	maps.Copy(header, was)
	return nil
}

// OnGone has f called when net/http ends the context of the request, which before its handler returns means that the client
// has left.
func (t *transport) OnGone(_ *pipeline.Ctx, f func()) {
	t.unwatch = append(t.unwatch, context.AfterFunc(t.r.Context(), f))
}

// BaseContext has the values of the request's context.
func (t *transport) BaseContext() context.Context { return context.WithoutCancel(t.r.Context()) }

// Draining is never closed: net/http tells its handlers nothing of a shutdown.
func (t *transport) Draining() <-chan struct{} { return nil }

// Hijack takes the connection over, where net/http permits it: not of HTTP/2.
func (t *transport) Hijack(*pipeline.Ctx) (net.Conn, []byte, error) {
	conn, rw, err := t.control.Hijack()
	if err != nil {
		return nil, nil, err
	}
	t.hijacked = true
	unread, _ := rw.Reader.Peek(rw.Reader.Buffered())
	return conn, unread, nil
}

// EnableFullDuplex is http.ResponseController's.
func (t *transport) EnableFullDuplex(*pipeline.Ctx) error { return t.control.EnableFullDuplex() }

// SetReadDeadline is http.ResponseController's.
func (t *transport) SetReadDeadline(_ *pipeline.Ctx, at time.Time) error {
	return t.control.SetReadDeadline(at)
}

// SetWriteDeadline is http.ResponseController's.
func (t *transport) SetWriteDeadline(_ *pipeline.Ctx, at time.Time) error {
	return t.control.SetWriteDeadline(at)
}

// Remote returns the client's address, as far as it is one of IP.
func (t *transport) Remote() netip.AddrPort {
	a, _ := netip.ParseAddrPort(t.r.RemoteAddr)
	return a
}

// Local returns the address the client connected to.
func (t *transport) Local() netip.AddrPort {
	if a, ok := t.r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		return a.AddrPort()
	}
	return netip.AddrPort{}
}

// Secure tells whether the request came by TLS.
func (t *transport) Secure() bool { return t.r.TLS != nil }

// Shard is 0: there are no reactors.
func (t *transport) Shard() int { return 0 }

// started is where Ticks counts from.
var started = time.Now()

// Ticks is the time since the start of the program in ticks of 100 ms, as the loop counts them.
func (t *transport) Ticks() uint32 { return uint32(time.Since(started) / (100 * time.Millisecond)) }

// Date returns the current second.
func (t *transport) Date() (int64, *[29]byte) {
	now, imf := time.Now().Unix(), new([29]byte)
	http1.AppendDate(imf[:0], now)
	return now, imf
}

// Plain is false: net/http writes the head.
func (t *transport) Plain() bool { return false }

// AppendHead is for what is Plain, which nothing is.
func (t *transport) AppendHead(b []byte, _ *pipeline.Ctx) []byte { return b }
