package proxy

// Hot: asked for every field of a head; no allocation, no map, no defer.

import (
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/server/cgi"
)

// fieldSet is a set of field names: those that the parser knows as bits, others by name in lower case.
type fieldSet struct {
	known uint64
	names []string
}

func (s *fieldSet) add(name string) {
	if id := http1.LookupField([]byte(name)); id != http1.FieldOther {
		s.known |= 1 << id
		return
	}
	s.names = append(s.names, strings.ToLower(name))
}

func (s *fieldSet) drop(name string) {
	if id := http1.LookupField([]byte(name)); id != http1.FieldOther {
		s.known &^= 1 << id
		return
	}
	for i, n := range s.names {
		if strings.EqualFold(n, name) {
			s.names = append(s.names[:i:i], s.names[i+1:]...)
			return
		}
	}
}

// has tells whether a field is in the set; name are its bytes.
func (s *fieldSet) has(id http1.FieldID, name []byte) bool {
	if id != http1.FieldOther {
		return s.known&(1<<id) != 0
	}
	for _, n := range s.names {
		if len(n) == len(name) && equalFold(name, n) {
			return true
		}
	}
	return false
}

// equalFold compares with a name in lower case.
func equalFold(b []byte, lower string) bool {
	for i := range b {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// hopByHop are the fields that end here, and those that are written anew (RFC 9110 section 7.6.1).
var hopByHop = [...]string{"Connection", "Keep-Alive", "Proxy-Connection", "TE", "Transfer-Encoding", "Content-Length", "Expect", "Upgrade", "Host"}

// hidden are the fields of an answer that are not passed on unless proxy_pass_header names them.
var hidden = [...]string{
	"Date", "Server", "X-Pad", "X-Accel-Expires", "X-Accel-Redirect", "X-Accel-Limit-Rate", "X-Accel-Buffering", "X-Accel-Charset",
}

// framing are those that nothing passes on.
var framing = [...]string{"Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Proxy-Connection", "Upgrade", "Trailer"}

func (h *Handler) compileFields() {
	var names []string
	h.cfg.Fields = slices.Clone(h.cfg.Fields)
	for i := range h.cfg.Fields {
		h.cfg.Fields[i].known = http1.LookupField([]byte(h.cfg.Fields[i].Name))
	}
	for _, f := range h.cfg.Fields {
		names = append(names, f.Name)
		if h.cfg.Protocol == HTTP {
			h.skip.add(f.Name)
		}
		h.hasHost = h.hasHost || strings.EqualFold(f.Name, "Host")
		h.hasVia = h.hasVia || strings.EqualFold(f.Name, "Via")
		h.hasLength = h.hasLength || f.Name == "CONTENT_LENGTH"
	}
	for _, n := range hopByHop {
		h.skip.add(n)
	}
	h.params = cgi.NewFields(names)
	for _, n := range hidden {
		h.hide.add(n)
	}
	if h.cfg.Protocol == FastCGI || h.cfg.Protocol == UWSGI || h.cfg.Protocol == SCGI {
		h.hide.drop("Date")
		h.hide.drop("Server")
		if h.cfg.Protocol != UWSGI { // as in NGINX's three lists
			h.hide.add("Status")
			h.hide.drop("X-Pad")
		}
	}
	for _, n := range h.cfg.Hide {
		h.hide.add(n)
	}
	for _, n := range h.cfg.Pass {
		h.hide.drop(n)
	}
	for _, n := range framing {
		h.hide.add(n)
	}
	h.server = h.cfg.Protocol == HTTP && !h.hide.has(http1.Server, nil)
	h.date = h.cfg.Protocol == HTTP && !h.hide.has(http1.Date, nil)
}
