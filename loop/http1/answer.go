// Hot: runs for every response of an upstream; no allocation, no map, no defer.

package http1

import "bytes"

// UntilClose is the Length of content that ends with its connection (RFC 9112 section 6.3, rule 8).
const UntilClose = -2

// Response is the head of a response that another server sent, as spans of the bytes given to Parse: what a gateway reads.
// It is reused: Reset, then Parse until Complete. All that is said of hostile input holds for it as well: who is behind a
// gateway must not choose where the next response begins.
type Response struct {
	// CGI reads what gateways of the CGI family send (RFC 3875 section 6): fields alone, a Status among them perhaps. A status
	// line may stand before them all the same.
	CGI bool

	Status    int
	Minor     uint8 // 0 for HTTP/1.0, 1 for everything above
	KeepAlive bool  // the connection may be used again behind this response (section 9.3)
	Upgraded  bool  // status 101: what follows is another protocol

	StatusText Span // what follows the code and a space, as it was sent, in a status line or a Status field
	Fields     []Field

	Length  int64  // of the content in bytes, -1 when it is chunked, UntilClose
	HeadLen uint32 // bytes of the head with its empty line; content begins there

	pos, scan  uint32
	stage      stage
	lined      bool // there was a status line
	verdict    Verdict
	connection uint8
	seen       uint64
	repeated   uint64
	first      [fieldCount]uint16
}

// Reset readies r for the next message and keeps its memory.
func (r *Response) Reset() {
	r.Status, r.Minor, r.KeepAlive, r.Upgraded, r.StatusText = 0, 0, false, false, Span{}
	r.Fields = r.Fields[:0]
	r.Length, r.HeadLen, r.pos, r.scan = 0, 0, 0, 0
	r.stage, r.lined, r.verdict, r.connection, r.seen, r.repeated = inRequestLine, false, Partial, 0, 0, 0
}

// First returns the value of the first field with that id.
func (r *Response) First(id FieldID) (Span, bool) {
	if r.seen&(1<<id) == 0 {
		return Span{}, false
	}
	return r.Fields[r.first[id]].Value, true
}

// Has reports whether there is a field with that id; with FieldOther, whether there is one that is not known.
func (r *Response) Has(id FieldID) bool { return r.seen&(1<<id) != 0 }

// Repeats reports whether a field of the set is there more than once.
func (r *Response) Repeats(s FieldSet) bool { return r.repeated&uint64(s) != 0 }

// Lookup returns the value of the first field of that name, in any case. b is what Parse was given.
func (r *Response) Lookup(b []byte, name string) (Span, bool) {
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Name.Len() == len(name) && sameName(f.Name.Of(b), name) {
			return f.Value, true
		}
	}
	return Span{}, false
}

// Parse takes all input from the first byte of the message on; see Request.Parse. Of lim it heeds Head and Fields: a line may
// be as long as the head.
func (r *Response) Parse(b []byte, lim *Limits) Verdict {
	if r.verdict == Partial {
		r.verdict = r.parse(b, lim)
	}
	return r.verdict
}

func (r *Response) parse(b []byte, lim *Limits) Verdict {
	for {
		start := int(r.pos)
		at := bytes.IndexByte(b[r.scan:], '\n')
		if at < 0 {
			r.scan = uint32(len(b))
			if len(b) > lim.Head {
				return HeadTooLarge
			}
			return r.early(b)
		}
		end := int(r.scan) + at
		r.pos, r.scan = uint32(end+1), uint32(end+1)
		if end+1 > lim.Head {
			return HeadTooLarge
		}
		if end > start && b[end-1] == '\r' {
			end--
		}
		if v := r.line(b, start, end, lim); v != Partial {
			return v
		}
	}
}

// early refuses what will never become a status line without waiting for its end: a server that speaks another protocol.
func (r *Response) early(b []byte) Verdict {
	if r.stage == inRequestLine && !r.CGI && len(b) >= 5 && string(b[:5]) != "HTTP/" {
		return BadStatusLine
	}
	return Partial
}

func (r *Response) line(b []byte, start, end int, lim *Limits) Verdict {
	if r.stage == inRequestLine {
		r.stage = inFields
		if !r.CGI || bytes.HasPrefix(b[start:end], []byte("HTTP/")) {
			return r.statusLine(b, start, end)
		}
	}
	if start == end {
		r.HeadLen = r.pos
		return r.finish(b)
	}
	return r.fieldLine(b, start, end, lim)
}

// statusLine parses "HTTP/" DIGIT "." DIGIT SP 3DIGIT [SP text] (section 4).
func (r *Response) statusLine(b []byte, start, end int) Verdict {
	line := b[start:end]
	if len(line) < 12 || string(line[:5]) != "HTTP/" || class[line[5]]&isDigit == 0 || line[6] != '.' || class[line[7]]&isDigit == 0 ||
		line[8] != ' ' || line[5] != '1' {
		return BadStatusLine
	}
	if line[7] != '0' {
		r.Minor = 1
	}
	status, ok := statusCode(line[9:12])
	if !ok || len(line) > 12 && line[12] != ' ' {
		return BadStatusLine
	}
	if !validValue(line[12:]) {
		return BadStatusLine
	}
	r.Status, r.lined, r.StatusText = status, true, span(min(start+13, end), end)
	return Partial
}

// statusCode reads the three digits of a status, 100 to 999.
func statusCode(b []byte) (int, bool) {
	if len(b) < 3 || class[b[0]]&isDigit == 0 || class[b[1]]&isDigit == 0 || class[b[2]]&isDigit == 0 || b[0] == '0' {
		return 0, false
	}
	return int(b[0]-'0')*100 + int(b[1]-'0')*10 + int(b[2]-'0'), true
}

// fieldLine is Request.fieldLine for a response.
func (r *Response) fieldLine(b []byte, start, end int, lim *Limits) Verdict {
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

// known notes a field that frames, or that must not be there twice.
func (r *Response) known(b []byte, f *Field) Verdict {
	bit := uint64(1) << f.ID
	again := r.seen&bit != 0
	if !again {
		r.seen |= bit
		r.first[f.ID] = uint16(len(r.Fields))
	} else {
		r.repeated |= bit
	}
	switch f.ID {
	case ContentLength:
		if again {
			return DuplicateLength
		}
		n, ok := parseLength(f.Value.Of(b))
		if !ok {
			return BadContentLength
		}
		r.Length = n
	case TransferEncoding:
		if again {
			return DuplicateEncoding
		}
		if !equalFold(f.Value.Of(b), "chunked") {
			return UnknownEncoding
		}
	case Connection:
		r.connection |= connectionOptions(f.Value.Of(b))
	}
	return Partial
}

// statusField finds the status of a head without a status line: that of its Status field, which is a code and perhaps a text.
func (r *Response) statusField(b []byte) (ok bool) {
	r.Status = 200
	v, there := r.Lookup(b, "Status")
	if !there {
		if r.Has(Location) {
			r.Status = 302
		}
		return true
	}
	text := v.Of(b)
	if r.Status, ok = statusCode(text); !ok || len(text) > 3 && class[text[3]]&isDigit != 0 {
		return false
	}
	r.StatusText = Span{v.End, v.End}
	if len(text) > 3 {
		r.StatusText.Start = v.Start + 3
		if text[3] == ' ' {
			r.StatusText.Start++
		}
	}
	return true
}

// finish finds the framing (section 6.3) as far as the head tells; that the answer to HEAD has no content is the caller's to know.
func (r *Response) finish(b []byte) Verdict {
	if !r.lined && !r.statusField(b) || r.CGI && r.Status < 200 && r.Status != 101 {
		return BadStatusLine // a gateway of the CGI family has one answer: nothing may come before it
	}
	r.KeepAlive = r.connection&saidClose == 0 && (r.Minor > 0 || r.connection&saidKeepAlive != 0)
	switch {
	case r.Has(TransferEncoding) && r.Has(ContentLength):
		return LengthAndEncoding
	case r.Has(TransferEncoding) && r.Minor == 0:
		return EncodingOnHTTP10
	case r.Status == 101:
		r.Upgraded, r.KeepAlive, r.Length = true, false, UntilClose
	case r.Status == 204 && (r.Length > 0 || r.Has(TransferEncoding)):
		r.Length, r.KeepAlive = 0, false // there is none, but who says otherwise may send it
	case r.Status < 200 || r.Status == 204 || r.Status == 304:
		r.Length = 0
	case r.Has(TransferEncoding):
		r.Length = -1
	case !r.Has(ContentLength):
		r.Length, r.KeepAlive = UntilClose, false
	}
	return Complete
}
