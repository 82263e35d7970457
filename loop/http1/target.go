// Hot: runs for every request; no allocation, no map, no defer.

package http1

import "bytes"

// target parses b[start:end], which holds no space, by the four forms of RFC 9112 section 3.2.
func (r *Request) target(b []byte, start, end int, lim *Limits) Verdict {
	t := b[start:end]
	switch {
	case r.Method == MethodConnect:
		// The port is not optional here (RFC 9110 section 9.3.6).
		if !validAuthority(t, false) || bytes.IndexByte(t, ':') < 0 || class[t[len(t)-1]]&isDigit == 0 {
			return BadTarget
		}
		r.Form, r.Authority = FormAuthority, span(start, end)
		return Partial
	case t[0] == '/':
		r.Form = FormOrigin
		return r.pathAndQuery(b, start, end, lim)
	case len(t) == 1 && t[0] == '*':
		if r.Method != MethodOptions {
			return BadTarget
		}
		r.Form = FormAsterisk
		return Partial
	}
	return r.absolute(b, start, end, lim)
}

// pathAndQuery splits at the first "?" and refuses control bytes, space and, but for Limits.Fragment, "#". It sees in passing
// whether the path is what CleanPath calls clean.
func (r *Request) pathAndQuery(b []byte, start, end int, lim *Limits) Verdict {
	i, clean, slash := start, true, false
	for ; i < end; i++ {
		c := b[i]
		if class[c]&isTricky != 0 {
			if c != '%' {
				break
			}
			clean = false
		}
		clean = clean && (!slash || c != '/' && c != '.')
		slash = c == '/'
	}
	if i < end {
		if v := r.query(b, i, end, lim); v != Partial {
			return v
		}
	}
	r.Path, r.Clean = span(start, i), clean && i > start && b[start] == '/'
	return Partial
}

// query parses what follows the path.
func (r *Request) query(b []byte, i, end int, lim *Limits) Verdict {
	if b[i] == '?' {
		n := countIn(b[i+1:end], isTarget)
		r.HasQuery, r.Query = true, span(i+1, i+1+n)
		i += 1 + n
	}
	for ; i < end; i += countIn(b[i:end], isTarget) { // the fragment
		if b[i] != '#' || !lim.Fragment {
			return BadTarget
		}
		i++
	}
	return Partial
}

// absolute parses "scheme://authority[/path][?query]". The authority overrules Host (section 3.2.2). Userinfo is refused:
// it is there to make one host look like another (RFC 9110 section 4.2.4).
func (r *Request) absolute(b []byte, start, end int, lim *Limits) Verdict {
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
	for stop < end && b[stop] != '/' && b[stop] != '?' && b[stop] != '#' {
		stop++
	}
	if !validAuthority(b[host:stop], false) || stop < end && b[stop] == '#' { // Limits.Fragment is about paths and queries
		return BadAuthority
	}
	r.Form, r.Authority = FormAbsolute, span(host, stop)
	return r.pathAndQuery(b, stop, end, lim)
}
