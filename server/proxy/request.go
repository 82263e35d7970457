package proxy

// Hot: writes every request; no allocation once memory is warm, no map, no defer.

import (
	"errors"
	"fmt"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/fastcgi"
	"github.com/wheelpit/wheelpit/server/memcached"
	"github.com/wheelpit/wheelpit/server/scgi"
	"github.com/wheelpit/wheelpit/server/uwsgi"
)

// build writes the bytes of the request, once for all tries.
func (x *call) build(c *pipeline.Ctx) error {
	var err error
	switch x.h.cfg.Protocol {
	case HTTP:
		err = x.buildHTTP(c)
	case Memcached:
		err = x.buildGet(c)
	case FastCGI:
		x.head = fastcgi.AppendBegin(x.head[:0], x.h.cfg.KeepConn)
		at := len(x.head)
		x.head = x.appendParams(c, fastcgi.OpenParams(x.head), openFast)
		x.head, err = fastcgi.CloseParams(x.head, at)
		err = x.tooLong(c, err)
	case UWSGI:
		x.head = uwsgi.Open(x.head[:0], x.h.cfg.Modifier1, x.h.cfg.Modifier2)
		x.head = x.appendParams(c, x.head, openUWSGI)
		x.head, err = uwsgi.Close(append(x.head, x.h.cfg.PacketTail...), 0)
		err = x.tooLong(c, err)
	case SCGI:
		x.head = scgi.Open(x.head[:0], max(x.length(c), 0))
		x.head = x.appendParams(c, x.head, openSCGI)
		x.head = scgi.Close(x.head, 0)
	}
	if err != nil {
		return err
	}
	if x.h.cfg.Body != nil && x.h.cfg.Protocol != HTTP {
		x.body.bytes = x.h.cfg.Body(c, nil)
	}
	return nil
}

// buildGet writes the request to memcached. There is none without a key.
func (x *call) buildGet(c *pipeline.Ctx) error {
	x.text = x.h.cfg.Key(c, x.text[:0])
	if len(x.text) == 0 {
		x.note("error", memcached.NoKey)
		x.tell(c)
		return errNoKey
	}
	x.head = memcached.AppendGet(x.head[:0], x.text)
	return nil
}

// length is that of the body that is sent, in bytes, -1 when it is not known or there is none.
func (x *call) length(c *pipeline.Ctx) int64 {
	switch {
	case x.h.cfg.DropBody && x.h.cfg.Body == nil:
		return -1
	case x.body.file != nil:
		return x.body.size
	case len(x.body.bytes) > 0:
		return int64(len(x.body.bytes))
	case x.body.stream != nil:
		return c.Head.Length
	case c.Head.Has(http1.ContentLength) || c.Head.Has(http1.TransferEncoding):
		return 0
	}
	return -1
}

var (
	errEmptyURI = errors.New("proxy: zero length URI to proxy")
	errNoKey    = errors.New("proxy: empty key")
	errMethod   = errors.New("proxy: the method is no token")
)

// tooLong tells of parameters that do not fit into a request.
func (x *call) tooLong(c *pipeline.Ctx, err error) error {
	if err == nil {
		return nil
	}
	x.note("alert", err.Error())
	x.tell(c)
	return fmt.Errorf("proxy: %w", err)
}

// buildHTTP writes request line and fields.
func (x *call) buildHTTP(c *pipeline.Ctx) error {
	cfg := &x.h.cfg
	b, err := x.appendLine(c, x.head[:0])
	if err != nil {
		return err
	}
	b = x.appendOwn(c, b)
	length := x.length(c)
	if cfg.Body != nil {
		x.text = cfg.Body(c, x.text[:0])
		length = int64(len(x.text))
	}
	switch {
	case length >= 0:
		b = http1.AppendLength(b, uint64(length))
	case x.body.stream != nil:
		x.body.stream.chunked = true
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	}
	if !cfg.DropFields {
		b = x.passFields(c, b)
	}
	if !x.h.hasVia {
		b = append(b, via[c.Head.Minor&1]...)
	}
	b = append(b, "\r\n"...)
	if cfg.Body != nil {
		b = append(b, x.text...)
	}
	x.head = b
	return nil
}

// appendLine appends the request line.
func (x *call) appendLine(c *pipeline.Ctx, b []byte) ([]byte, error) {
	cfg := &x.h.cfg
	switch {
	case x.fill.headToGet():
		b = append(b, "GET"...)
	case cfg.Method != nil:
		if b = cfg.Method(c, b); !http1.IsToken(b) {
			x.note("error", "invalid method to proxy")
			x.tell(c)
			return b, errMethod
		}
		x.method = http1.LookupMethod(b)
	case x.method == http1.MethodOther:
		b = append(b, c.Head.MethodSpan.Of(c.HeadBytes())...)
	default: // which a hook or an error page may have changed
		b = append(b, x.method.String()...)
	}
	b = append(b, ' ')
	at := len(b)
	if cfg.URI != nil {
		b = cfg.URI(c, b)
	} else {
		b = append(b, c.Head.Target.Of(c.HeadBytes())...)
	}
	if len(b) == at {
		x.note("error", "zero length URI to proxy")
		x.tell(c)
		return b, errEmptyURI
	}
	if b = escapeLine(b, at); cfg.HTTP10 {
		return append(b, " HTTP/1.0\r\n"...), nil
	}
	return append(b, " HTTP/1.1\r\n"...), nil
}

// via tells the next server that there is one before it, and what the client speaks (RFC 9110 section 7.6.3: a gateway must). It is
// a line behind those that came; a location that sets Via has it its own way.
var via = [2]string{"Via: 1.0 wheelpit\r\n", "Via: 1.1 wheelpit\r\n"}

// escapeLine percent-encodes what must not stand in a request line, behind at: a value of the configuration or of a decoded path
// could end the line and begin another request.
func escapeLine(b []byte, at int) []byte {
	bad := 0
	for _, c := range b[at:] {
		if c <= ' ' || c == 0x7f {
			bad++
		}
	}
	if bad == 0 {
		return b
	}
	const hex = "0123456789ABCDEF"
	n := len(b)
	b = append(b, make([]byte, 2*bad)...)
	for to, from := len(b), n-1; from >= at; from-- {
		if c := b[from]; c <= ' ' || c == 0x7f {
			to -= 3
			b[to], b[to+1], b[to+2] = '%', hex[c>>4], hex[c&15]
		} else {
			to--
			b[to] = c
		}
	}
	return b
}
