package pipeline

// Hot: Response hooks look at a response and change it through these; no allocation but where it is said.

import (
	"io"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// InMemory tells whether the whole body lies in memory, so that a Response hook may read it: it is no stream and no part
// of it is a file (Django: not response.streaming), and it is not still to be rendered. An empty body lies in memory.
func (r *Response) InMemory() bool {
	if r.stream != nil || r.renderer != nil {
		return false
	}
	for i := range r.parts {
		if r.parts[i].File != nil {
			return false
		}
	}
	return true
}

// ReplaceBody makes a copy of b the body; status and fields stay. It allocates when the Ctx's own buffer is too small.
func (c *Ctx) ReplaceBody(b []byte) {
	r := &c.res
	r.dropBody()
	if len(b) == 0 {
		return
	}
	r.buf = append(r.buf, b...)
	r.parts = append(r.parts, Part{Bytes: r.buf})
	r.length = int64(len(b))
}

// HasResponseHeader tells whether the response has a field of that name, in any case, even an empty one.
func (c *Ctx) HasResponseHeader(name string) bool {
	fields := c.res.fields
	for i := range fields {
		if len(fields[i].Name) == len(name) && strings.EqualFold(fields[i].Name, name) {
			return true
		}
	}
	return c.res.ContentType != "" && strings.EqualFold(name, "Content-Type")
}

// KeepHeaders removes all response fields but those of the names, Content-Type included.
func (c *Ctx) KeepHeaders(names ...string) {
	kept := c.res.fields[:0]
	for _, f := range c.res.fields {
		if named(names, f.Name) {
			kept = append(kept, f)
		}
	}
	clear(c.res.fields[len(kept):])
	c.res.fields, c.res.ready = kept, nil
	if !named(names, "Content-Type") {
		c.res.ContentType = ""
	}
}

func named(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// AddVary has the response depend on a request field (RFC 9110 section 12.5.5; Django: patch_vary_headers): name is added
// to Vary unless it is there, in any case. A Vary that holds "*" becomes just that. It allocates only when the memory of
// the request is too small for the longer value.
func (c *Ctx) AddVary(name string) {
	at := -1
	for i := range c.res.fields {
		f := &c.res.fields[i]
		if !strings.EqualFold(f.Name, "Vary") {
			continue
		}
		elem, rest := http1.NextToken(bytesOf(f.Value))
		for ; len(elem) > 0; elem, rest = http1.NextToken(rest) {
			if string(elem) == "*" {
				_ = c.SetHeader("Vary", "*") // the value is sound
				return
			}
			if strings.EqualFold(view(elem), name) {
				return
			}
		}
		at = i
	}
	if at < 0 || c.res.fields[at].Value == "" {
		_ = c.SetHeader("Vary", name) // names come from programs
		return
	}
	start := len(c.arena)
	elem, rest := http1.NextToken(bytesOf(c.res.fields[at].Value))
	for ; len(elem) > 0; elem, rest = http1.NextToken(rest) {
		c.arena = append(append(c.arena, elem...), ", "...)
	}
	c.arena = append(c.arena, name...)
	c.res.fields[at].Value, c.res.ready = view(c.arena[start:]), nil
}

// A StreamFilter stands between the function of a streamed response and the wire, as a compressor does. One goroutine, the
// worker of the stream, calls it.
type StreamFilter interface {
	// Write takes a piece of the body. It may hold it back.
	io.Writer
	// Flush passes on what is held back.
	Flush() error
	// Close passes on the rest and ends the body. It is not called when the stream failed.
	Close() error
}

// Abandoner is a StreamFilter that has something to end when the stream fails.
type Abandoner interface {
	// Abandon is called in place of Close then, on the same goroutine.
	Abandon()
}

// FilterStream has the streamed body pass through the filter that open makes when the body begins; what the filter writes
// to wire is sent. The length of the body is no longer known. Filters nest, the last added being nearest to the wire. It
// does nothing when the response is no stream, and allocates.
func (c *Ctx) FilterStream(open func(wire io.Writer) StreamFilter) {
	body := c.res.stream
	if body == nil {
		return
	}
	c.res.length, c.res.ready, c.res.changed = -1, nil, true
	c.res.stream = func(s *Stream) error {
		f := open(s)
		if a, ok := f.(Abandoner); ok {
			return withAbandoner(s, body, f, a)
		}
		if err := body(s.c.StreamTo(&filtered{s, f})); err != nil {
			return err
		}
		return f.Close()
	}
}

// withAbandoner runs a filtered stream, and tells its filter when it fails or panics.
func withAbandoner(s *Stream, body func(*Stream) error, f StreamFilter, a Abandoner) error {
	done := false
	defer func() {
		if !done {
			a.Abandon()
		}
	}()
	if err := body(s.c.StreamTo(&filtered{s, f})); err != nil {
		return err
	}
	done = true
	return f.Close()
}

// filtered is where the function of a filtered stream writes to.
type filtered struct {
	wire   *Stream
	filter StreamFilter
}

// WriteBody gives p to the filter.
func (f *filtered) WriteBody(_ *Ctx, p []byte) error {
	_, err := f.filter.Write(p)
	return err
}

// FlushBody has the filter, and what is behind it, send all they gathered.
func (f *filtered) FlushBody(*Ctx) error {
	if err := f.filter.Flush(); err != nil {
		return err
	}
	return f.wire.Flush()
}
