package realip

// Hot: runs for every request; no allocation for what is an address, no map, no defer.

import (
	"bytes"
	"net/netip"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// ProcessRequest finds the client.
func (h *Hook) ProcessRequest(c *pipeline.Ctx) error {
	if c.IsSubrequest() || c.ClientSet() || !h.trusts(c.Remote().Addr()) {
		return nil
	}
	var found netip.AddrPort
	var ok bool
	switch {
	case h.proxy != nil:
		found, ok = h.proxy(c)
	case h.lines:
		found, ok = h.searchLines(c)
	default:
		if value, is := h.first(c); is {
			found, ok, _ = h.search(value)
		}
	}
	if ok {
		c.SetClient(found)
	}
	return nil
}

// first returns the value of the first line of the field.
func (h *Hook) first(c *pipeline.Ctx) ([]byte, bool) {
	head := c.HeadBytes()
	for i := range c.Head.Fields {
		if h.is(&c.Head.Fields[i], head) {
			return c.Head.Fields[i].Value.Of(head), true
		}
	}
	return nil, false
}

func (h *Hook) is(f *http1.Field, head []byte) bool {
	return f.ID == h.id && (h.id != http1.FieldOther || bytes.EqualFold(f.Name.Of(head), h.name))
}

// searchLines reads all lines of the field, the last first.
func (h *Hook) searchLines(c *pipeline.Ctx) (found netip.AddrPort, ok bool) {
	head := c.HeadBytes()
	for i := len(c.Head.Fields) - 1; i >= 0; i-- {
		if !h.is(&c.Head.Fields[i], head) {
			continue
		}
		a, is, more := h.search(c.Head.Fields[i].Value.Of(head))
		if is {
			found, ok = a, true
		}
		if !more {
			return found, ok
		}
	}
	return found, ok
}

// search reads one line from its end (ngx_http_get_forwarded_addr_internal). more tells that all of it was trusted, so that
// the line before may say more.
func (h *Hook) search(list []byte) (found netip.AddrPort, ok, more bool) {
	for {
		end := len(list)
		for end > 0 && separates(list[end-1]) {
			end--
		}
		start := end
		for start > 0 && !separates(list[start-1]) {
			start--
		}
		a, is := parseAddrPort(list[start:end])
		if !is {
			return found, ok, false
		}
		if found, ok = a, true; !h.recursive || !h.trusts(a.Addr()) {
			return found, true, false
		}
		if start == 0 {
			return found, true, true
		}
		list = list[:start-1]
	}
}

func separates(b byte) bool { return b == ' ' || b == ',' }

// trusts tells whether a is in From. The zero Addr is that of a unix socket.
func (h *Hook) trusts(a netip.Addr) bool {
	if !a.IsValid() {
		return h.unix
	}
	a = a.Unmap().WithZone("")
	for i := range h.from {
		if h.from[i].Contains(a) {
			return true
		}
	}
	return false
}
