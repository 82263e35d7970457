// Hot: runs for every piece of a FastCGI answer; no allocation, no map, no defer.

package fastcgi

// A Reader takes the record stream of one answer apart, where it lies. It is a plain value: its zero value is ready, and it
// holds no memory. Input may be cut anywhere. It is used by one goroutine at a time.
type Reader struct {
	state   state
	kind    byte
	bad     byte // what a refused header byte was
	refusal Event
	length  int // of the content that has not come yet
	padding int // likewise
	body    int // bytes of END_REQUEST's content that came
	app     uint32
	proto   byte
}

// The states are the header's bytes by number, then content, padding and the end.
type state uint8

const (
	inVersion state = iota
	inType
	inIDHigh
	inIDLow
	inLengthHigh
	inLengthLow
	inPadding
	inReserved
	inContent
	inPad
	ended
)

// An Event is what Reader.Next found.
type Event uint8

const (
	// Partial: all input was consumed and there is no more to say.
	Partial Event = iota
	// Stdout: a piece of the standard output.
	Stdout
	// Stderr: a piece of the standard error.
	Stderr
	// StdoutEnd: the standard output is complete. END_REQUEST follows; NGINX does not wait for it unless the connection is
	// to be kept.
	StdoutEnd
	// End: the request has ended (END_REQUEST was read with its padding).
	End
	// Extra: there are bytes behind the end. The connection cannot be used again.
	Extra
	// BadVersion and the following are refusals. The connection cannot be used any further.
	BadVersion
	BadType
	BadIDHigh
	BadIDLow
)

// Refused reports whether e means that the peer does not speak FastCGI; NGINX answers 502.
func (e Event) Refused() bool { return e >= BadVersion }

// Reset readies r for the next answer.
func (r *Reader) Reset() { *r = Reader{} }

// Next consumes the first n bytes of b, the bytes that follow what was consumed before. For Stdout and Stderr data is the
// payload, a view of b that ends at b[n]; it is never empty. Call again with b[n:] until that is empty; every event comes
// with the byte that completes it. Refusals and Extra repeat themselves and consume nothing.
func (r *Reader) Next(b []byte) (data []byte, n int, e Event) {
	if r.refusal != Partial {
		return nil, 0, r.refusal
	}
	for n < len(b) {
		switch {
		case r.state == ended:
			r.refusal = Extra
			return nil, n, Extra
		case r.state == inContent:
			data, e = r.content(b[n:])
			n += len(data)
			switch e {
			case Stdout, Stderr:
				return data, n, e
			case End:
				return nil, n, e
			}
		case r.state == inPad:
			n += r.pad(len(b) - n)
			if r.state == ended {
				return nil, n, End
			}
		default:
			if e = r.header(b[n]); e.Refused() {
				r.refusal, r.bad = e, b[n]
				return nil, n, e
			}
			if n++; e != Partial {
				return nil, n, e
			}
		}
	}
	return nil, n, Partial
}

// header takes one byte of a record's header.
func (r *Reader) header(c byte) Event {
	switch r.state {
	case inVersion:
		if c != version {
			return BadVersion
		}
	case inType:
		if c != typeStdout && c != typeStderr && c != typeEnd {
			return BadType
		}
		r.kind = c
	case inIDHigh:
		if c != RequestID>>8 {
			return BadIDHigh
		}
	case inIDLow:
		if c != RequestID {
			return BadIDLow
		}
	case inLengthHigh:
		r.length = int(c) << 8
	case inLengthLow:
		r.length |= int(c)
	case inPadding:
		r.padding = int(c)
	case inReserved:
		return r.begin()
	}
	r.state++
	return Partial
}

// begin starts the content of a record whose header is complete.
func (r *Reader) begin() Event {
	r.state = inContent
	if r.length > 0 {
		return Partial
	}
	r.behind()
	switch {
	case r.kind == typeStdout:
		return StdoutEnd
	case r.state == ended:
		return End
	}
	return Partial
}

// behind goes on behind the content of a record.
func (r *Reader) behind() {
	switch {
	case r.padding > 0:
		r.state = inPad
	case r.kind == typeEnd:
		r.state = ended
	default:
		r.state = inVersion
	}
}

// content takes what b has of the record's content.
func (r *Reader) content(b []byte) (data []byte, e Event) {
	data = b[:min(len(b), r.length)]
	if r.kind == typeEnd {
		r.status(data)
	}
	if r.length -= len(data); r.length == 0 {
		r.behind()
	}
	switch {
	case r.kind == typeStdout:
		return data, Stdout
	case r.kind == typeStderr:
		return data, Stderr
	case r.state == ended:
		return data, End
	}
	return data, Partial // of END_REQUEST, or followed by padding
}

// status reads the content of END_REQUEST: four bytes of the application's status, one of the protocol's, three reserved.
// Like NGINX it does not mind another length.
func (r *Reader) status(b []byte) {
	for _, c := range b {
		if r.body < 4 {
			r.app = r.app<<8 | uint32(c)
		} else if r.body == 4 {
			r.proto = c
		}
		r.body++
	}
}

func (r *Reader) pad(have int) int {
	n := min(have, r.padding)
	if r.padding -= n; r.padding == 0 {
		r.behind()
	}
	return n
}
