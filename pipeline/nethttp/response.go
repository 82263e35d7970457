package nethttp

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/wheelpit/wheelpit/loop/http1"
)

var (
	_ http.Flusher    = (*exchange)(nil)
	_ http.Hijacker   = (*exchange)(nil)
	_ io.ReaderFrom   = (*exchange)(nil)
	_ io.StringWriter = (*exchange)(nil)
)

// Header returns the fields to be sent: at first those that hooks have set already. Changes after WriteHeader have no
// effect; there are no trailers.
func (x *exchange) Header() http.Header {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.seen && x.wroteHeader {
		x.header = x.header.Clone() // what is sent is fixed
	}
	x.seen = true
	return x.header
}

// WriteHeader fixes the status and the fields. A status from 100 to 199, besides 101, is sent at once as an interim
// response. A second call is ignored. It panics, as net/http's does, when code has not three digits.
func (x *exchange) WriteHeader(code int) {
	if code < 100 || code > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", code))
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.hijacked, x.done, x.wroteHeader:
	case code <= 199 && code != http.StatusSwitchingProtocols:
		x.interim(code)
	default:
		x.writeHeader(code)
	}
}

func (x *exchange) writeHeader(code int) {
	x.wroteHeader, x.status = true, code
	if x.sent = x.header; x.seen { // its handler may hold on to it
		x.sent = x.header.Clone()
	}
	if cl := x.sent.Get("Content-Length"); cl != "" {
		if v, err := strconv.ParseInt(cl, 10, 64); err == nil && v >= 0 {
			x.length = v
		}
	}
}

// interim sends an informational response with the fields set so far.
func (x *exchange) interim(code int) {
	x.turn.Lock()
	defer x.turn.Unlock()
	x.setFields(x.header, code)
	_ = x.c.Transport().Interim(x.c, code) // a client that left is seen by the next write
	x.clearFields()
}

// Write sends or gathers p; see http.ResponseWriter.
func (x *exchange) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.admit(len(p)); err != nil || len(p) == 0 {
		return 0, err
	}
	return x.buf.Write(p)
}

// WriteString is Write of a string.
func (x *exchange) WriteString(s string) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.admit(len(s)); err != nil || s == "" {
		return 0, err
	}
	return x.buf.WriteString(s)
}

// admit tells whether n more bytes may be written, and fixes the status if that is still to be done.
func (x *exchange) admit(n int) error {
	switch {
	case x.hijacked:
		return http.ErrHijacked
	case x.done:
		return errOver
	case !x.wroteHeader:
		x.writeHeader(http.StatusOK)
	}
	if n == 0 {
		return nil
	}
	if !http1.BodyAllowed(x.status) {
		return http.ErrBodyNotAllowed
	}
	if x.written += int64(n); x.length >= 0 && x.written > x.length {
		return http.ErrContentLength
	}
	return nil
}

// ReadFrom writes what src holds, in pieces of 32 KiB (io.ReaderFrom).
func (x *exchange) ReadFrom(src io.Reader) (int64, error) {
	b := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(b)
	return io.CopyBuffer(struct{ io.Writer }{x}, src, *b)
}

var copyBuffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

// Flush sends what was written so far; see http.Flusher.
func (x *exchange) Flush() { _ = x.FlushError() }

// FlushError is Flush for http.ResponseController.
func (x *exchange) FlushError() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.flush()
}

func (x *exchange) flush() error {
	if err := x.admit(0); err != nil {
		return err
	}
	if err := x.buf.Flush(); err != nil {
		return err
	}
	if x.commit(nil); x.bodiless() {
		return nil
	}
	if err := x.open(); err != nil {
		return err
	}
	return x.stream.Flush()
}
