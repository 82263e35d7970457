package fastcgi

import "strconv"

// Clean reports whether the answer ended where the input did: END_REQUEST was read whole and nothing came behind it. Only
// then may the connection serve another request.
func (r *Reader) Clean() bool { return r.state == ended && r.refusal == Partial }

// Ended reports whether END_REQUEST was read whole.
func (r *Reader) Ended() bool { return r.state == ended }

// AppStatus is the exit status that END_REQUEST reports, 0 before it. NGINX ignores it.
func (r *Reader) AppStatus() uint32 { return r.app }

// A ProtocolStatus says why a request ended (section 5.5). NGINX ignores it.
type ProtocolStatus byte

const (
	// RequestComplete is the normal end.
	RequestComplete ProtocolStatus = iota
	// CannotMultiplex refuses a second request on a connection.
	CannotMultiplex
	// Overloaded refuses a request because the server is out of a resource.
	Overloaded
	// UnknownRole refuses a request because the server is no responder.
	UnknownRole
)

// ProtocolStatus is what END_REQUEST reports, RequestComplete before it.
func (r *Reader) ProtocolStatus() ProtocolStatus { return ProtocolStatus(r.proto) }

// AppendRefusal appends NGINX's words for the refusal that Next returned, and nothing when there was none.
func (r *Reader) AppendRefusal(dst []byte) []byte {
	switch r.refusal {
	case BadVersion:
		dst = append(dst, "upstream sent unsupported FastCGI protocol version: "...)
	case BadType:
		dst = append(dst, "upstream sent invalid FastCGI record type: "...)
	case BadIDHigh:
		dst = append(dst, "upstream sent unexpected FastCGI request id high byte: "...)
	case BadIDLow:
		dst = append(dst, "upstream sent unexpected FastCGI request id low byte: "...)
	default:
		return dst
	}
	return strconv.AppendUint(dst, uint64(r.bad), 10)
}

// What NGINX says when an answer ends too early. Which of them it is depends on the head and the length of the content,
// which a Reader does not know.
const (
	// StdoutClosed: StdoutEnd came before the head or the content was complete.
	StdoutClosed = "upstream prematurely closed FastCGI stdout"
	// RequestClosed: End came before the content was complete.
	RequestClosed = "upstream prematurely closed FastCGI request"
	// UnexpectedEnd: End came before the head was complete.
	UnexpectedEnd = "upstream sent unexpected FastCGI record: 3"
)

// TrimStderr cuts what NGINX cuts off the end of a piece of standard error before it is logged: line ends, spaces and full
// stops. The first byte stays.
func TrimStderr(b []byte) []byte {
	for len(b) > 1 {
		switch b[len(b)-1] {
		case '\n', '\r', '.', ' ':
			b = b[:len(b)-1]
			continue
		}
		break
	}
	return b
}
