package front

// Hot: variables are read from here; no allocation, no map, no defer.

import (
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/headers"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/script"
)

var _ script.Env = (*request)(nil)

// ServerName is the first name of the server; see script.Env.
func (r *request) ServerName() string { return r.srv.name }

// AppendRoot appends the root or alias of the location.
func (r *request) AppendRoot(c *pipeline.Ctx, dst []byte) []byte { return r.loc.dir.appendRoot(c, dst) }

// AppendFilename appends the file that the URI means.
func (r *request) AppendFilename(c *pipeline.Ctx, dst []byte) []byte {
	return r.loc.dir.appendFile(c, dst, c.PathView())
}

// EnterIf has the request belong to the block of a condition.
func (r *request) EnterIf(n int) {
	if n < len(r.loc.outer().ifs) {
		r.enter(r.loc.outer().ifs[n])
	}
}

// Began is when the first byte of the request was read.
func (r *request) Began() time.Time { return r.carrier.Began() }

// Status is what an error has made of the status, before its page is the response.
func (r *request) Status() int { return r.status }

// RequestLength is how many bytes of the request were read.
func (r *request) RequestLength() int64 {
	n := int64(r.c.Head.Parsed())
	if body := r.c.Head.Length; body > 0 {
		n += body - r.carrier.Unread()
	}
	return n
}

// BytesSent and BodyBytesSent are how much of the response was sent. As in NGINX the framing of chunks counts, too.
func (r *request) BytesSent() int64 {
	n, _ := r.carrier.Left()
	return n
}

// BodyBytesSent is how much was sent behind the head; see BytesSent.
func (r *request) BodyBytesSent() int64 { return max(r.BytesSent()-r.carrier.SentHead(), 0) }

// Complete tells whether the whole response was sent.
func (r *request) Complete() bool {
	_, whole := r.carrier.Left()
	return whole && r.phase == atEnd && !r.aborted
}

// BodyRead tells whether the body was asked for.
func (r *request) BodyRead() bool { return r.bodyRead }

// BodyFile is the file that it was written to.
func (r *request) BodyFile() string { return proxy.BodyFile(r.c) }

// Connection describes the connection.
func (r *request) Connection() script.Connection {
	return script.Connection{Number: r.carrier.Number(), Requests: uint64(r.carrier.Requests()), Pipelined: r.carrier.Pipelined(), Began: r.carrier.Connected()}
}

// TCPInfo reads the kernel's counters of the connection.
func (r *request) TCPInfo() (script.TCPInfo, bool) {
	info, ok := r.carrier.TCPInfo()
	return script.TCPInfo(info), ok
}

// KeepAlive tells whether the connection stays open.
func (r *request) KeepAlive() (on bool, seconds int64) { return r.carrier.KeepAlive(), 0 }

// Trailer returns a trailer field of the response that was sent before.
func (r *request) Trailer(name string) (string, bool) {
	value, found := headers.AppendSentTrailer(r.c, nil, name)
	return string(value), found
}

// BodyLength is the length of a body that is in a temporary file.
func (r *request) BodyLength() (n int64, ok bool) { return proxy.BodyLength(r.c) }

// WarnUninitialized is uninitialized_variable_warn.
func (r *request) WarnUninitialized() bool { return r.loc.warnUninitialized }

// Log writes to the error log of the location.
func (r *request) Log(level, text string) { r.loc.log.write(r, level, text) }
