// Hot: runs for every request; no allocation, no map, no defer.

package http1

import "bytes"

// target parses b[start:end], which holds no space, by the four forms of RFC 9112 section 3.2.
func (r *Request) target(b []byte, start, end int) Verdict {
	t := b[start:end]
	switch {
	case r.Method == MethodConnect:
		if !validAuthority(t, false) || bytes.IndexByte(t, ':') < 0 {
			return BadTarget
		}
		r.Form, r.Authority = FormAuthority, span(start, end)
		return Partial
	case t[0] == '/':
		r.Form = FormOrigin
		return r.pathAndQuery(b, start, end)
	case len(t) == 1 && t[0] == '*':
		if r.Method != MethodOptions {
			return BadTarget
		}
		r.Form = FormAsterisk
		return Partial
	}
	return r.absolute(b, start, end)
}

// pathAndQuery splits at the first "?" and refuses control bytes, space and "#".
func (r *Request) pathAndQuery(b []byte, start, end int) Verdict {
	split := end
	for i := start; i < end; i++ {
		c := b[i]
		if class[c]&isTarget == 0 {
			return BadTarget
		}
		if c == '?' && split == end && !r.HasQuery {
			split, r.HasQuery = i, true
		}
	}
	r.Path = span(start, split)
	if r.HasQuery {
		r.Query = span(split+1, end)
	}
	return Partial
}

// absolute parses "scheme://authority[/path][?query]". The authority overrules Host (section 3.2.2). Userinfo is refused:
// it is there to make one host look like another (RFC 9110 section 4.2.4).
func (r *Request) absolute(b []byte, start, end int) Verdict {
	t := b[start:end]
	colon := bytes.Index(t, []byte("://"))
	if colon <= 0 || class[t[0]]&isAlpha == 0 {
		return BadTarget
	}
	if scheme := t[:colon]; !equalFold(scheme, "http") && !equalFold(scheme, "https") {
		return BadTarget
	}
	r.Scheme = span(start, start+colon)
	host := start + colon + 3
	stop := host
	for stop < end && b[stop] != '/' && b[stop] != '?' {
		stop++
	}
	if !validAuthority(b[host:stop], false) {
		return BadAuthority
	}
	r.Form, r.Authority = FormAbsolute, span(host, stop)
	return r.pathAndQuery(b, stop, end)
}

// validAuthority reports whether b is host [":" port] by RFC 3986 section 3.2: a registered name or IPv4 address, or an
// address in brackets; the port is digits, perhaps none. Only Host may be empty.
func validAuthority(b []byte, emptyHost bool) bool {
	var rest []byte
	if len(b) > 0 && b[0] == '[' {
		close := bytes.IndexByte(b, ']')
		if close < 0 || !validIPLiteral(b[1:close]) {
			return false
		}
		rest = b[close+1:]
	} else {
		n := 0
		for n < len(b) && b[n] != ':' {
			switch {
			case class[b[n]]&isHost != 0:
				n++
			case b[n] == '%' && n+2 < len(b) && class[b[n+1]]&class[b[n+2]]&isHex != 0:
				n += 3
			default:
				return false
			}
		}
		if n == 0 && !(emptyHost && len(b) == 0) {
			return false
		}
		rest = b[n:]
	}
	if len(rest) == 0 {
		return true
	}
	return rest[0] == ':' && len(rest) <= 6 && allIn(rest[1:], isDigit)
}

// validIPLiteral reports whether b may stand in brackets: an IPv6 address in its letters and shape. Whether every group is
// well formed does not matter to anybody who does not connect to it.
func validIPLiteral(b []byte) bool {
	colons := 0
	for _, c := range b {
		switch {
		case c == ':':
			colons++
		case class[c]&isHex == 0 && c != '.':
			return false
		}
	}
	return colons >= 2 && colons <= 7 && len(b) <= 45
}
