// Hot: runs for every request; no allocation, no map, no defer.

package http1

import "bytes"

// requestLine parses "method SP request-target SP HTTP-version" (section 3). Single spaces only: a lenient split reads
// "GET /a HTTP/1.1 HTTP/1.1" differently from the next server.
func (r *Request) requestLine(b []byte, start, end int, lim *Limits) Verdict {
	i := start + countIn(b[start:end], isToken)
	if i == end || b[i] != ' ' {
		return BadMethod
	}
	r.MethodSpan = span(start, i)
	r.Method = LookupMethod(b[start:i])
	if r.Method == MethodOther && (lim.UpperMethod || lim.Strict) && !upperMethod(b[start:i]) {
		return BadMethod
	}
	target := i + 1
	sp := bytes.IndexByte(b[target:end], ' ')
	if sp <= 0 {
		return BadRequestLine
	}
	r.Target = span(target, target+sp)
	if v := r.version(b[target+sp+1 : end]); v != Partial {
		return v
	}
	return r.target(b, target, target+sp, lim)
}

// upperMethod tells whether a method has only what Limits.UpperMethod allows.
func upperMethod(name []byte) bool {
	for _, c := range name {
		if (c < 'A' || c > 'Z') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// version parses "HTTP/" DIGIT "." DIGIT, case-sensitive (section 2.3).
func (r *Request) version(b []byte) Verdict {
	if len(b) != 8 || string(b[:5]) != "HTTP/" || class[b[5]]&isDigit == 0 || b[6] != '.' || class[b[7]]&isDigit == 0 {
		return BadVersion
	}
	if b[5] != '1' {
		return VersionUnsupported
	}
	if b[7] != '0' { // a higher minor version is answered as 1.1 (RFC 9110 section 2.5)
		r.Minor = 1
	}
	return Partial
}

// fieldLine takes a line of the head.
func (r *Request) fieldLine(b []byte, start, end int, lim *Limits) Verdict {
	if len(r.Fields) >= min(lim.Fields, 1<<16-1) {
		return TooManyFields
	}
	f := nextField(&r.Fields)
	if v := f.parse(b, start, end); v != Partial {
		return v
	}
	if f.ID == FieldOther {
		r.seen |= 1 << FieldOther
	} else if v := r.known(b, f); v != Partial {
		return v
	}
	r.Fields = r.Fields[:len(r.Fields)+1]
	return Partial
}

// nextField returns the place behind the last of the fields, with room for one.
func nextField(fields *[]Field) *Field {
	n := len(*fields)
	if n == cap(*fields) {
		*fields = append(*fields, Field{})[:n]
	}
	return &(*fields)[:n+1][n]
}

// parse parses "name: value" (section 5). No space before the colon: Content-Length with one is a length to one
// server and an unknown field to the other (section 5.1). No folding (section 5.2), for the same reason.
//
// A name that is known has the bytes of a token only, so it is looked up before its bytes are looked at.
func (f *Field) parse(b []byte, start, end int) Verdict {
	n := bytes.IndexByte(b[start:end], ':')
	if n > 0 {
		f.ID = LookupField(b[start : start+n])
	}
	if n <= 0 || f.ID == FieldOther && !allIn(b[start:start+n], isToken) {
		if b[start] == ' ' || b[start] == '\t' {
			return FoldedField
		}
		return BadFieldName
	}
	from, to := trim(b, start+n+1, end)
	if !validValue(b[from:to]) {
		return BadFieldValue
	}
	f.Name, f.Value = span(start, start+n), span(from, to)
	return Partial
}
