package pipeline

import (
	"bytes"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// Trailer writes fields of the trailer section of a response (RFC 9112 section 7.1.2).
type Trailer interface {
	// WriteTrailer calls AddTrailerField for each of its fields. It is called when the body has been written.
	WriteTrailer(c *Ctx)
}

// trailers are those of a response, and the lines that they came to, kept for the log. A response with trailers allocates them.
type trailers struct {
	list  []Trailer
	lines []byte
}

type trailersKey struct{}

func (c *Ctx) trailers() *trailers {
	t, _ := c.Get(trailersKey{}).(*trailers)
	return t
}

// AddTrailer has t write trailer fields, behind those that were added before, if the response is sent in chunks: a stream of unknown
// length to a client of HTTP/1.1.
func (c *Ctx) AddTrailer(t Trailer) {
	all := c.trailers()
	if all == nil {
		all = new(trailers)
		c.Set(trailersKey{}, all)
	}
	all.list = append(all.list, t)
}

// AddTrailerField adds a line to the trailer section, unless the value would end it. Only a Trailer may call it.
func (c *Ctx) AddTrailerField(name string, value []byte) {
	t := c.trailers()
	if t == nil || bytes.ContainsAny(value, "\r\n\x00") {
		return
	}
	t.lines = append(append(t.lines, name...), ": "...)
	t.lines = append(append(t.lines, value...), "\r\n"...)
}

// TrailerLines returns the fields of the trailer section as far as they were written, as lines with their CRLF. They are valid until
// the next is added.
func (c *Ctx) TrailerLines() []byte {
	if t := c.trailers(); t != nil {
		return t.lines
	}
	return nil
}

// AppendLastChunk appends what ends a body in chunks: the last chunk, the trailer section, an empty line.
func (c *Ctx) AppendLastChunk(b []byte) []byte {
	t := c.trailers()
	if t == nil {
		return append(b, http1.LastChunk...)
	}
	for _, w := range t.list {
		w.WriteTrailer(c)
	}
	return append(append(append(b, "0\r\n"...), t.lines...), "\r\n"...)
}
