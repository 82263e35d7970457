package pipeline

import "github.com/wheelpit/wheelpit/loop/http1"

// Trailer writes the trailer section of a response (RFC 9112 section 7.1.2).
type Trailer interface {
	// AppendTrailer appends field lines, each with its CR and LF, when the body has been written.
	AppendTrailer(c *Ctx, b []byte) []byte
}

type trailerKey struct{}

// SetTrailer has t write the trailer section, if the response is sent in chunks: a stream of unknown length to a client of
// HTTP/1.1.
func (c *Ctx) SetTrailer(t Trailer) { c.Set(trailerKey{}, t) }

// AppendLastChunk appends what ends a body in chunks: the last chunk, the trailer section, an empty line.
func (c *Ctx) AppendLastChunk(b []byte) []byte {
	t, ok := c.Get(trailerKey{}).(Trailer)
	if !ok {
		return append(b, http1.LastChunk...)
	}
	return append(t.AppendTrailer(c, append(b, "0\r\n"...)), "\r\n"...)
}
