package proxy

// Hot: writes the parameters of every request; no allocation once memory is warm, no map, no defer.

import (
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/cgi"
	"github.com/wheelpit/wheelpit/server/fastcgi"
	"github.com/wheelpit/wheelpit/server/scgi"
	"github.com/wheelpit/wheelpit/server/uwsgi"
)

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
