package pipeline

import "io"

// RangeStream has the bytes from start up to end of a streamed body sent, and no others. Its length is then known. It does
// nothing when the response is no stream, and allocates.
func (c *Ctx) RangeStream(start, end int64) {
	if c.res.stream == nil {
		return
	}
	c.FilterStream(func(wire io.Writer) StreamFilter { return &streamRange{wire: wire, skip: start, left: end - start} })
	c.res.length = end - start
}

// streamRange passes a part of a body on.
type streamRange struct {
	wire       io.Writer
	skip, left int64
}

// Write passes on what lies in the range, and takes the rest.
func (r *streamRange) Write(p []byte) (int, error) {
	n := len(p)
	from := min(r.skip, int64(n))
	r.skip -= from
	p = p[from:]
	p = p[:min(r.left, int64(len(p)))]
	r.left -= int64(len(p))
	if len(p) > 0 {
		if _, err := r.wire.Write(p); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// Flush and Close have nothing to pass on.
func (r *streamRange) Flush() error { return nil }

// Close ends the body.
func (r *streamRange) Close() error { return nil }
