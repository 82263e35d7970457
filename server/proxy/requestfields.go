package proxy

// Hot: writes the fields of every request; no allocation once memory is warm, no map, no defer.

import (
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// appendOwn appends what is not the client's: Host and the fields that the location sets.
func (x *call) appendOwn(c *pipeline.Ctx, b []byte) []byte {
	if len(x.h.fixed) > 0 {
		return x.fill.appendFields(append(b, x.h.fixed...))
	}
	return x.appendFields(c, x.appendHost(c, b))
}

// fix writes Host and the fields in advance, when none of them has a variable.
func (h *Handler) fix() {
	cfg := &h.cfg
	if cfg.Host != nil || cfg.Choose != nil || cfg.Upstream == nil {
		return
	}
	for i := range cfg.Fields {
		if f := &cfg.Fields[i]; f.Value != nil || f.known == http1.Upgrade {
			return
		}
	}
	x := &call{progress: progress{h: h, up: cfg.Upstream}}
	c := pipeline.NewCtx()
	h.fixed = x.appendFields(c, x.appendHost(c, nil))
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
	connection, asked := false, false
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
		asked = asked || f.known == http1.Upgrade
	}
	x.upgrade = asked && c.Head.HasUpgrade
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
