// Hot: runs for every request; no allocation, no map, no defer.

package http1

import "bytes"

// TargetForm is the form of a request target (RFC 9112 section 3.2).
type TargetForm uint8

// The forms.
const (
	FormOrigin    TargetForm = iota // /path?query
	FormAbsolute                    // http://host/path?query
	FormAuthority                   // host:port, with CONNECT only
	FormAsterisk                    // *, with OPTIONS only
)

// Field is one field line of a head. Value has no white space around it.
type Field struct {
	Name, Value Span
	ID          FieldID
}

// Request is the head of a request, as spans of the bytes given to Parse. It is reused: Reset, then Parse until Complete.
type Request struct {
	Method     Method
	Form       TargetForm
	Minor      uint8 // the minor version that counts: 0 for HTTP/1.0, 1 for everything above
	HasQuery   bool  // the target has a "?", perhaps with nothing behind it
	KeepAlive  bool  // the connection may be used again (section 9.3)
	Expect100  bool  // the client waits for 100 (RFC 9110 section 10.1.1)
	HasUpgrade bool  // Connection and Upgrade ask for another protocol

	MethodSpan Span
	Target     Span // as it was sent
	Scheme     Span // of an absolute target
	Path       Span // without the query; empty when an absolute target has none
	Query      Span // behind the "?"
	Authority  Span // host[:port] of the target, or else the value of Host
	Fields     []Field

	Length  int64  // of the content in bytes, -1 when it is chunked
	HeadLen uint32 // bytes of the head with its empty line; content begins there

	pos, scan  uint32 // where the current line begins, and how far a line end was looked for
	stage      stage
	emptyLines uint8
	connection uint8 // what Connection said
	seen       uint64
	first      [fieldCount]uint16 // index of the first field of an id; valid where seen has its bit
}

type stage uint8

const (
	inRequestLine stage = iota
	inFields
)

const (
	saidClose = 1 << iota
	saidKeepAlive
	saidUpgrade
)

// Reset readies r for the next message and keeps its memory.
func (r *Request) Reset() {
	// first stays as it is: seen says which of its entries count.
	r.Method, r.Form, r.Minor = MethodOther, FormOrigin, 0
	r.HasQuery, r.KeepAlive, r.Expect100, r.HasUpgrade = false, false, false, false
	r.MethodSpan, r.Target, r.Scheme, r.Path, r.Query, r.Authority = Span{}, Span{}, Span{}, Span{}, Span{}, Span{}
	r.Fields = r.Fields[:0]
	r.Length, r.HeadLen = 0, 0
	r.pos, r.scan, r.stage, r.emptyLines, r.connection, r.seen = 0, 0, inRequestLine, 0, 0, 0
}

// Started reports whether any byte of the head was seen.
func (r *Request) Started() bool { return r.scan > 0 }

// First returns the value of the first field with that id.
func (r *Request) First(id FieldID) (Span, bool) {
	if r.seen&(1<<id) == 0 {
		return Span{}, false
	}
	return r.Fields[r.first[id]].Value, true
}

// Has reports whether there is a field with that id.
func (r *Request) Has(id FieldID) bool { return r.seen&(1<<id) != 0 }

// Next returns the index of the first field with that id at or after from, or -1. Next(id, 0) begins.
func (r *Request) Next(id FieldID, from int) int {
	if r.seen&(1<<id) == 0 && id != FieldOther {
		return -1
	}
	for i := from; i < len(r.Fields); i++ {
		if r.Fields[i].ID == id {
			return i
		}
	}
	return -1
}

// Lookup returns the value of the first field of that name, in any case. b is what Parse was given.
func (r *Request) Lookup(b []byte, name string) (Span, bool) {
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Name.Len() == len(name) && sameName(f.Name.Of(b), name) {
			return f.Value, true
		}
	}
	return Span{}, false
}

// sameName compares two names of the same length without regard to case.
func sameName(b []byte, name string) bool {
	for i := range b {
		if lower[b[i]] != lower[name[i]] {
			return false
		}
	}
	return true
}

// Parse takes all input from the first byte of the message on, the same bytes as before and more behind them; they may
// have moved. It goes on where it stopped, line by line, and looks at no byte twice. After Complete, content begins at
// HeadLen.
func (r *Request) Parse(b []byte, lim *Limits) Verdict {
	for {
		at := bytes.IndexByte(b[r.scan:], '\n')
		if at < 0 {
			return r.partial(b, lim)
		}
		start, lf := int(r.pos), int(r.scan)+at
		end := lf
		if end > start && b[end-1] == '\r' {
			end--
		} else if lim.Strict {
			// One server's line end that is another's content is how requests are smuggled (section 2.2).
			return BadLineEnd
		}
		if lf+1 > lim.Head {
			return r.tooLong(end-start, lim)
		}
		r.pos, r.scan = uint32(lf+1), uint32(lf+1)
		var v Verdict
		switch {
		case r.stage == inFields && start == end:
			r.HeadLen = r.pos
			return r.finish(b)
		case r.stage == inFields:
			v = r.fieldLine(b, start, end, lim)
		case start == end:
			if r.emptyLines++; int(r.emptyLines) > lim.EmptyLines {
				v = TooManyEmptyLines
			}
		default:
			v = r.requestLine(b, start, end, lim)
			r.stage = inFields
		}
		if v != Partial {
			return v
		}
	}
}

// partial is what the bytes of an unfinished line already tell.
func (r *Request) partial(b []byte, lim *Limits) Verdict {
	start := int(r.pos)
	r.scan = uint32(len(b))
	rest := len(b) - start
	if rest == 0 {
		return Partial
	}
	if r.stage == inRequestLine && class[b[start]]&isToken == 0 && !(b[start] == '\r' && rest == 1) {
		return BadFirstByte
	}
	limit := lim.FieldLine
	if r.stage == inRequestLine {
		limit = lim.RequestLine
	}
	if rest > limit+1 || len(b) > lim.Head { // +1: the CR of a line that is as long as it may be
		return r.tooLong(rest-1, lim)
	}
	return Partial
}

// tooLong names which limit a line of n bytes broke.
func (r *Request) tooLong(n int, lim *Limits) Verdict {
	switch {
	case r.stage == inRequestLine:
		return RequestLineTooLong
	case n > lim.FieldLine:
		return FieldLineTooLong
	}
	return HeadTooLarge
}

// requestLine parses "method SP request-target SP HTTP-version" (section 3). Single spaces only: a lenient split reads
// "GET /a HTTP/1.1 HTTP/1.1" differently from the next server.
func (r *Request) requestLine(b []byte, start, end int, lim *Limits) Verdict {
	if end-start > lim.RequestLine {
		return RequestLineTooLong
	}
	i := start
	for i < end && class[b[i]]&isToken != 0 {
		i++
	}
	if i == start {
		return BadFirstByte
	}
	if i == end || b[i] != ' ' {
		return BadMethod
	}
	r.MethodSpan = span(start, i)
	r.Method = LookupMethod(b[start:i])
	target := i + 1
	sp := bytes.IndexByte(b[target:end], ' ')
	if sp <= 0 {
		return BadRequestLine
	}
	r.Target = span(target, target+sp)
	if v := r.version(b[target+sp+1 : end]); v != Partial {
		return v
	}
	return r.target(b, target, target+sp)
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

// fieldLine parses "name: value" (section 5). No space before the colon: Content-Length with one is a length to one
// server and an unknown field to the other (section 5.1). No folding (section 5.2), for the same reason.
func (r *Request) fieldLine(b []byte, start, end int, lim *Limits) Verdict {
	if end-start > lim.FieldLine {
		return FieldLineTooLong
	}
	if len(r.Fields) >= min(lim.Fields, 1<<16-1) {
		return TooManyFields
	}
	i := start
	for i < end && class[b[i]]&isToken != 0 {
		i++
	}
	if i == start || i == end || b[i] != ':' {
		if b[start] == ' ' || b[start] == '\t' {
			return FoldedField
		}
		return BadFieldName
	}
	from, to := trim(b, i+1, end)
	if !validValue(b[from:to]) {
		return BadFieldValue
	}
	f := Field{Name: span(start, i), Value: span(from, to), ID: LookupField(b[start:i])}
	if f.ID != FieldOther {
		if v := r.known(b, &f); v != Partial {
			return v
		}
	}
	r.Fields = append(r.Fields, f)
	return Partial
}
