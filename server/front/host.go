package front

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/server/script"
)

// names chooses a virtual server by the host of a request, in NGINX's order: the exact name, the longest wildcard at the
// front, the longest at the end, the first regular expression.
type names struct {
	exact map[string]*virtual
	heads []wildName // ".example.com", the longest first
	tails []wildName // "www.example.", the longest first
	regex []regexName
}

type wildName struct {
	text string
	bare bool // the name without the wildcard is meant as well: ".example.com"
	srv  *virtual
}

type regexName struct {
	regex *script.Regex
	srv   *virtual
}

// add gives srv a name as server_name has it, in lower case. A name that is taken stays with its first server.
func (n *names) add(name string, srv *virtual) {
	switch {
	case strings.HasPrefix(name, "*."):
		n.wild(&n.heads, name[1:], false, srv)
	case strings.HasPrefix(name, ".") && len(name) > 1:
		n.wild(&n.heads, name, true, srv)
	case strings.HasSuffix(name, ".*"):
		n.wild(&n.tails, name[:len(name)-1], false, srv)
	default:
		if n.exact == nil {
			n.exact = map[string]*virtual{}
		}
		if n.exact[name] == nil {
			n.exact[name] = srv
		}
	}
}

func (n *names) wild(list *[]wildName, text string, bare bool, srv *virtual) {
	for _, w := range *list {
		if w.text == text && (w.bare || !bare) {
			return
		}
	}
	*list = append(*list, wildName{text, bare, srv})
	slices.SortStableFunc(*list, func(a, b wildName) int { return cmp.Compare(len(b.text), len(a.text)) })
}

// find returns the server for host, nil when no name matches. Expressions are left to the caller.
func (n *names) find(host []byte) *virtual {
	if srv := n.exact[string(host)]; srv != nil {
		return srv
	}
	for i := range n.heads {
		w := &n.heads[i]
		if len(host) >= len(w.text) && string(host[len(host)-len(w.text):]) == w.text || w.bare && string(host) == w.text[1:] {
			return w.srv
		}
	}
	for i := range n.tails {
		if w := &n.tails[i]; len(host) > len(w.text) && string(host[:len(w.text)]) == w.text {
			return w.srv
		}
	}
	return nil
}

// find returns the server for the authority of a request: host and perhaps port.
func (a *address) find(r *request, authority []byte) *virtual {
	if a.only {
		return a.def
	}
	host := r.host(authority)
	if len(host) == 0 {
		if srv := a.names.exact[""]; srv != nil {
			return srv
		}
		return a.def
	}
	if srv := a.names.find(host); srv != nil {
		return srv
	}
	for i := range a.names.regex {
		if x := &a.names.regex[i]; matches(r, x.regex, host) {
			return x.srv
		}
	}
	return a.def
}

// host returns the authority without port and final dot, in lower case. What needs a change is made in r.name.
func (r *request) host(authority []byte) []byte {
	host := authority
	if len(host) > 0 && host[0] == '[' {
		if end := bytes.IndexByte(host, ']'); end > 0 {
			host = host[:end+1]
		}
	} else if colon := bytes.IndexByte(host, ':'); colon >= 0 {
		host = host[:colon]
	}
	host = bytes.TrimSuffix(host, []byte("."))
	for _, c := range host {
		if c >= 'A' && c <= 'Z' {
			return r.lower(host)
		}
	}
	return host
}

// validHost tells whether NGINX takes a host, which the parser has let through: neither an empty one nor one with "..".
func validHost(authority []byte) bool {
	if len(authority) == 0 || authority[0] == ':' {
		return false
	}
	dot := false
	for _, c := range authority {
		if c == '.' && dot {
			return false
		}
		dot = c == '.'
	}
	return authority[0] != '.' || len(authority) > 1 && authority[1] != ':'
}

// unique are the fields that NGINX takes once only, beside those that the parser does (ngx_http_process_unique_header_line).
var unique = http1.SetOf(http1.IfModifiedSince, http1.IfUnmodifiedSince, http1.IfMatch, http1.IfNoneMatch, http1.ContentRange,
	http1.IfRange, http1.Expect, http1.Authorization)

func (r *request) lower(b []byte) []byte {
	r.name = append(r.name[:0], b...)
	for i, c := range r.name {
		if c >= 'A' && c <= 'Z' {
			r.name[i] = c | 0x20
		}
	}
	return r.name
}

// matches runs an expression and keeps its captures. One that takes too long does not match; it is logged.
func matches(r *request, re *script.Regex, host []byte) bool {
	found, err := re.Exec(r.c, host)
	return found && err == nil
}
