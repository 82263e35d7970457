package http1

// Limits bound what one message may cost. All sizes are bytes. A Limits is read-only while a parser uses it and may be
// shared by any number of goroutines. A zero field allows nothing; start from [DefaultLimits].
//
// Each limit is exact: a message that has the value is accepted, one more is refused.
type Limits struct {
	// RequestLine bounds the request line without its line end; more is answered 414.
	// RFC 9112 section 3 recommends at least 8000. NGINX: one of large_client_header_buffers, 8k.
	RequestLine int

	// FieldLine bounds one field line without its line end; more is answered 431.
	// NGINX: one of large_client_header_buffers, 8k (answered 400 there).
	FieldLine int

	// Head bounds the whole head with its line ends, empty lines before the request line included; more is answered 431.
	// NGINX: all of large_client_header_buffers, 4 of 8k.
	Head int

	// Fields bounds the number of field lines (at most 65535 are ever accepted); more is answered 431.
	// Many short lines cost more than their bytes: each has to be looked up, and copied by a gateway.
	// NGINX: max_headers (since 1.29.8), 1000. 100 is what Apache and HAProxy have, and no browser sends half of it.
	Fields int

	// EmptyLines bounds the empty lines before a request line. RFC 9112 section 2.2 asks for at least one, because old
	// clients send a CRLF behind the content. NGINX: no bound but the buffer.
	EmptyLines int

	// Trailer bounds the trailer section of chunked content, all lines together; more is answered 431.
	// NGINX: bounded as header lines are, 4 of 8k. Few senders use trailers at all.
	Trailer int

	// ChunkExt bounds chunk extensions and leading zeros of chunk sizes, all chunks of a message together.
	// It stops the flood of CVE-2023-39326: one byte of content carried by kilobytes of extension.
	// NGINX: no bound but client_max_body_size.
	ChunkExt int

	// Fragment lets a target end with "#" and a fragment, which belong neither to its path nor to its query. Otherwise it is
	// refused: no client sends one (RFC 9112 section 3.2), and servers differ in what they make of it. NGINX: cut off.
	Fragment bool

	// UpperMethod refuses a method with anything but capital letters, "-" and "_". Any token is a method, and case counts (RFC
	// 9110 section 9.1); but no registered one has more, and a server behind us that folds "get" to GET has its rules about
	// methods passed by. NGINX: always.
	UpperMethod bool

	// Strict refuses what is merely tolerated: what UpperMethod refuses, LF alone as a line end in a head (RFC 9112 section 2.2 permits it, and
	// NGINX accepts it), and white space between a chunk size and its CRLF (sent by old Apache versions).
	// Whatever Strict says, chunk framing needs CRLF: bare LF there is request smuggling (CVE-2025-22871).
	Strict bool
}

// DefaultLimits are the limits of a server that has not been told otherwise.
func DefaultLimits() Limits {
	return Limits{
		RequestLine: 8 << 10,
		FieldLine:   8 << 10,
		Head:        32 << 10,
		Fields:      100,
		EmptyLines:  8,
		Trailer:     8 << 10,
		ChunkExt:    4 << 10,
	}
}
