package http1

// A Span is a piece of the input as two offsets, Start ≤ End. The spans of a [Request] count from the first byte of its
// head, so a head may be moved (from the reactor's read buffer to a buffer of its own) by one copy and they stay valid.
type Span struct{ Start, End uint32 }

// Of returns the bytes of s in b, which must begin where the spans count from. It shares b's memory.
func (s Span) Of(b []byte) []byte { return b[s.Start:s.End:s.End] }

// Len is the number of bytes.
func (s Span) Len() int { return int(s.End - s.Start) }

// Empty reports whether the span has no bytes.
func (s Span) Empty() bool { return s.Start == s.End }

// span makes a Span of two offsets that a limit has already bounded far below 2^32.
func span(start, end int) Span { return Span{uint32(start), uint32(end)} }
