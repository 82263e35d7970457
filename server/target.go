package server

// Hot: runs for every request.

import "github.com/wheelpit/wheelpit/loop/http1"

// cleanPath returns the normalised path of the request whose head lies at the start of in, or the status that refuses it.
// The one value is used for routing, access rules and files alike. The common path is a view of the head.
func (x *exchange) cleanPath(in []byte) (path []byte, status int) {
	h := &x.ctx.Head
	switch {
	case h.Form == http1.FormAuthority, h.Method == http1.MethodTrace:
		return nil, 405 // a tunnel or an echo is nothing we offer (RFC 9110 sections 9.3.6 and 9.3.8)
	case h.Form == http1.FormAbsolute && h.Scheme.Len() == len("https") && !x.Secure():
		return nil, 421
	case h.Form == http1.FormAsterisk:
		return asterisk, 0
	}
	raw := h.Path.Of(in)
	if len(raw) == 0 {
		return root, 0
	}
	if h.Clean {
		return raw, 0
	}
	var v http1.Verdict
	x.path, v = http1.AppendPath(x.path[:0], raw, !x.policy.keepSlashes)
	if v.Failed() {
		return nil, v.Status()
	}
	return x.path, 0
}

var (
	root     = []byte("/")
	asterisk = []byte("*")
)
