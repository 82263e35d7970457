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
	Clean      bool  // the path needs no normalising, see CleanPath
	KeepAlive  bool  // the connection may be used again (section 9.3)
	Expect100  bool  // there is content and the client may wait for 100 before it sends it (RFC 9110 section 10.1.1)
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
	emptyLines uint32
	stage      stage
	verdict    Verdict
	connection uint8              // what Connection and Expect said
	seen       uint64             // the set of ids that were seen
	repeated   uint64             // and of those seen more than once
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
	saidExpectOther   // an expectation other than 100-continue
	saidContinue      // 100-continue
	saidEncodingOther // a transfer coding other than chunked
)

// Reset readies r for the next message and keeps its memory.
func (r *Request) Reset() {
	// first stays as it is: seen says which of its entries count.
	r.Method, r.Form, r.Minor = MethodOther, FormOrigin, 0
	r.HasQuery, r.Clean, r.KeepAlive, r.Expect100, r.HasUpgrade = false, false, false, false, false
	r.MethodSpan, r.Target, r.Scheme, r.Path, r.Query, r.Authority = Span{}, Span{}, Span{}, Span{}, Span{}, Span{}
	r.Fields = r.Fields[:0]
	r.Length, r.HeadLen = 0, 0
	r.pos, r.scan, r.emptyLines = 0, 0, 0
	r.stage, r.verdict, r.connection, r.seen, r.repeated = inRequestLine, Partial, 0, 0, 0
}

// Started reports whether any byte of the head was seen.
func (r *Request) Started() bool { return r.scan > 0 }

// Parsed returns how many bytes of the head were read in whole lines, 0 when not even the first is one of a request.
func (r *Request) Parsed() uint32 {
	if r.HeadLen > 0 || !r.Target.Empty() {
		return max(r.HeadLen, r.pos)
	}
	return 0
}

// First returns the value of the first field with that id.
func (r *Request) First(id FieldID) (Span, bool) {
	if r.seen&(1<<id) == 0 {
		return Span{}, false
	}
	return r.Fields[r.first[id]].Value, true
}

// ExpectsContinue reports whether the client asked for 100 Continue (RFC 9110 section 10.1.1), be there content or not.
func (r *Request) ExpectsContinue() bool { return r.connection&saidContinue != 0 && r.Minor > 0 }

// Has reports whether there is a field with that id; with FieldOther, whether there is one that is not known.
func (r *Request) Has(id FieldID) bool { return r.seen&(1<<id) != 0 }

// HasAny reports whether there is a field of the set.
func (r *Request) HasAny(s FieldSet) bool { return r.seen&uint64(s) != 0 }

// A FieldSet is a set of field names.
type FieldSet uint64

// SetOf returns the set of the ids.
func SetOf(ids ...FieldID) (s FieldSet) {
	for _, id := range ids {
		s |= 1 << id
	}
	return s
}

// Repeats reports whether a field of the set is there more than once.
func (r *Request) Repeats(s FieldSet) bool { return r.repeated&uint64(s) != 0 }

// Next returns the index of the first field with that id at or after from, or -1. Next(id, 0) begins.
func (r *Request) Next(id FieldID, from int) int {
	if r.seen&(1<<id) == 0 {
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
// HeadLen. Complete and a refusal are final: later calls repeat them until Reset. However the input is cut, the verdict is
// the same.
func (r *Request) Parse(b []byte, lim *Limits) Verdict {
	if r.verdict == Partial {
		r.verdict = r.parse(b, lim)
	}
	return r.verdict
}

func (r *Request) parse(b []byte, lim *Limits) Verdict {
	short := min(lim.RequestLine, lim.FieldLine) // a line of this length is not too long, whatever it is
	for {
		start := int(r.pos)
		at := bytes.IndexByte(b[r.scan:], '\n')
		if at < 0 {
			return r.partial(b, start, lim)
		}
		lf := int(r.scan) + at
		if v := r.lineStart(b, start); v != Partial {
			return v
		}
		end := lf
		if end > start && b[end-1] == '\r' {
			end--
		}
		if end-start > short || lf > lim.Head-2 {
			if limit, v := r.lineLimit(lim); end-start > limit {
				return v
			}
		}
		if lim.Strict && end == lf {
			// One server's line end that is another's content is how requests are smuggled (section 2.2).
			return BadLineEnd
		}
		r.pos, r.scan = uint32(lf+1), uint32(lf+1)
		if v := r.line(b, start, end, lim); v != Partial {
			return v
		}
	}
}

// line parses b[start:end], a whole line without its line end.
func (r *Request) line(b []byte, start, end int, lim *Limits) Verdict {
	switch {
	case r.stage == inFields && start == end:
		r.HeadLen = r.pos
		return r.finish()
	case r.stage == inFields:
		return r.fieldLine(b, start, end, lim)
	case start == end:
		if r.emptyLines++; int(r.emptyLines) > lim.EmptyLines {
			return TooManyEmptyLines
		}
		return Partial
	}
	r.stage = inFields
	return r.requestLine(b, start, end, lim)
}

// partial is what the bytes of an unfinished line already tell.
func (r *Request) partial(b []byte, start int, lim *Limits) Verdict {
	r.scan = uint32(len(b))
	n := len(b) - start
	if n == 0 {
		return Partial
	}
	if v := r.lineStart(b, start); v != Partial {
		return v
	}
	// One byte above the limit may still turn out to be the CR of the line end.
	if limit, v := r.lineLimit(lim); n > limit+1 || n == limit+1 && b[len(b)-1] != '\r' {
		return v
	}
	return Partial
}

// lineStart is what the first bytes of a line tell, without waiting for its end: that a request does not begin with the
// binary of a TLS ClientHello, and that a CR there has its LF.
func (r *Request) lineStart(b []byte, start int) Verdict {
	switch c := b[start]; {
	case c == '\r':
		if start+1 < len(b) && b[start+1] != '\n' {
			return BadLineEnd
		}
	case r.stage == inRequestLine && c != '\n' && class[c]&isToken == 0:
		return BadFirstByte
	}
	return Partial
}

// lineLimit is how long the current line may be without its CRLF, and the refusal of a longer one.
func (r *Request) lineLimit(lim *Limits) (limit int, v Verdict) {
	limit, v = lim.FieldLine, FieldLineTooLong
	if r.stage == inRequestLine {
		limit, v = lim.RequestLine, RequestLineTooLong
	}
	if room := lim.Head - int(r.pos) - len("\r\n"); room < limit {
		limit = room
		if r.stage == inFields {
			v = HeadTooLarge
		}
	}
	return limit, v
}
