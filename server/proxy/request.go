package proxy

// Hot: writes every request; no allocation once memory is warm, no map, no defer.

import (
	"errors"
	"fmt"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/cgi"
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
	cfg, b := &x.h.cfg, x.head[:0]
	switch {
	case x.fill.headToGet():
		b = append(b, "GET"...)
	case cfg.Method != nil:
		if b = cfg.Method(c, b); !http1.IsToken(b) {
			x.note("error", "invalid method to proxy")
			x.tell(c)
			return errMethod
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
		return errEmptyURI
	}
	if b = escapeLine(b, at); cfg.HTTP10 {
		b = append(b, " HTTP/1.0\r\n"...)
	} else {
		b = append(b, " HTTP/1.1\r\n"...)
	}
	b = x.appendHost(c, b)
	b = x.appendFields(c, b)
	length := x.length(c)
	if cfg.Body != nil {
		x.text = cfg.Body(c, x.text[:0])
		length = int64(len(x.text))
	}
	switch {
	case length >= 0:
		b = http1.AppendUint(append(b, "Content-Length: "...), uint64(length))
		b = append(b, "\r\n"...)
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

// appendHost appends the Host field.
func (x *call) appendHost(c *pipeline.Ctx, b []byte) []byte {
	cfg := &x.h.cfg
	at := len(b)
	b = append(b, "Host: "...)
	from := len(b)
	if x.h.hasHost {
		for i := range cfg.Fields {
			if f := &cfg.Fields[i]; len(f.Name) == 4 && equalFold([]byte(f.Name), "host") {
				b = f.append(c, b)
				break
			}
		}
		if len(b) == from && cfg.HTTP10 {
			return b[:at]
		}
	}
	if len(b) == from && cfg.Host != nil {
		b = cfg.Host(c, b)
	}
	if len(b) == from {
		b = append(b, x.up.Host...)
	}
	return append(clean(b, from), "\r\n"...)
}

// clean cuts a value that was appended behind at before a byte that would end the line.
func clean(b []byte, at int) []byte {
	for i := at; i < len(b); i++ {
		if c := b[i]; c == '\r' || c == '\n' || c == 0 {
			return b[:i]
		}
	}
	return b
}

func (f *Field) append(c *pipeline.Ctx, b []byte) []byte {
	if f.Value != nil {
		return f.Value(c, b)
	}
	return append(b, f.Text...)
}

// appendFields appends the fields that the location sets.
func (x *call) appendFields(c *pipeline.Ctx, b []byte) []byte {
	cfg := &x.h.cfg
	connection := false
	for i := range cfg.Fields {
		f := &cfg.Fields[i]
		switch f.known {
		case http1.Host, http1.ContentLength, http1.TransferEncoding:
			continue // the framing is ours alone
		case http1.Connection:
			connection = true
		}
		at := len(b)
		b = append(append(b, f.Name...), ": "...)
		from := len(b)
		b = clean(f.append(c, b), from)
		if len(b) == from {
			b = b[:at]
			continue
		}
		b = append(b, "\r\n"...)
	}
	if cfg.HTTP10 && !connection {
		b = append(b, "Connection: close\r\n"...)
	}
	return x.fill.appendFields(b)
}

// passFields appends the fields of the client but those that end here.
func (x *call) passFields(c *pipeline.Ctx, b []byte) []byte {
	head := c.HeadBytes()
	fields := c.Head.Fields
	listed := c.Head.Has(http1.Connection)
	for i := range fields {
		f := &fields[i]
		name := f.Name.Of(head)
		if x.h.skip.has(f.ID, name) || x.fill.skips(f.ID) || listed && nominated(fields, head, name) {
			continue
		}
		b = append(b, name...)
		b = append(b, ": "...)
		b = append(b, f.Value.Of(head)...)
		b = append(b, "\r\n"...)
	}
	return b
}

// nominated tells whether a Connection field of a message names a field of it: then that is of the connection, and ends here (RFC 9110
// section 7.6.1). What the location sets is not the client's to take away: it is not among fields.
func nominated(fields []http1.Field, head, name []byte) bool {
	for i := range fields {
		if fields[i].ID != http1.Connection {
			continue
		}
		for elem, rest := http1.NextToken(fields[i].Value.Of(head)); len(elem) > 0; elem, rest = http1.NextToken(rest) {
			if len(elem) == len(name) && sameFold(elem, name) {
				return true
			}
		}
	}
	return false
}

func sameFold(a, b []byte) bool {
	for i := range a {
		x, y := a[i], b[i]
		if x >= 'A' && x <= 'Z' {
			x += 'a' - 'A'
		}
		if y >= 'A' && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}

// opener is how a protocol writes a parameter.
type opener struct {
	open  func(dst []byte, name string) []byte
	field func(dst, name []byte) []byte
	close func(dst []byte, at int) []byte
}

var (
	openFast  = &opener{fastcgi.OpenParam, fastcgi.OpenField, fastcgi.CloseParam}
	openUWSGI = &opener{uwsgi.OpenParam, uwsgi.OpenField, uwsgi.CloseParam}
	openSCGI  = &opener{scgi.OpenParam, scgi.OpenField, scgi.CloseParam}
)

// appendParams appends the parameters of the location, and the client's fields.
func (x *call) appendParams(c *pipeline.Ctx, b []byte, o *opener) []byte {
	cfg := &x.h.cfg
	for i := range cfg.Fields {
		f := &cfg.Fields[i]
		at := len(b)
		b = o.open(b, f.Name)
		from := len(b)
		b = f.append(c, b)
		if f.IfNotEmpty && len(b) == from {
			b = b[:at]
			continue
		}
		b = o.close(b, at)
	}
	if cfg.DropFields {
		return b
	}
	head, fields := c.HeadBytes(), c.Head.Fields
	for i := range fields {
		f := &fields[i]
		name := f.Name.Of(head)
		if x.h.params.Skips(name) || x.fill.skips(f.ID) || repeated(c, head, i) {
			continue
		}
		at := len(b)
		b = append(o.field(b, name), f.Value.Of(head)...)
		for k := i + 1; k < len(fields); k++ {
			if n := fields[k].Name.Of(head); len(n) == len(name) && sameFold(n, name) {
				b = append(append(b, cgi.Separator(name)...), fields[k].Value.Of(head)...)
			}
		}
		b = o.close(b, at)
	}
	return b
}

// repeated tells whether a field of that name came before field i.
func repeated(c *pipeline.Ctx, head []byte, i int) bool {
	f := &c.Head.Fields[i]
	if f.ID != http1.FieldOther {
		return c.Head.Next(f.ID, 0) < i
	}
	name := f.Name.Of(head)
	for k := range i {
		if n := c.Head.Fields[k].Name.Of(head); len(n) == len(name) && sameFold(n, name) {
			return true
		}
	}
	return false
}
