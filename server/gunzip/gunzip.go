// Package gunzip decompresses responses in gzip for clients that do not take it, as NGINX's gunzip filter does: an upstream
// or a store may then hold compressed bodies only. It belongs inside of every filter that reads bodies (filter.Order).
//
// A body is decompressed as it comes, on a worker, and never held as a whole, so that a small body that becomes a huge one
// costs time and no memory. A body that is damaged or ends early cuts the connection.
package gunzip

import (
	"io"
	"iter"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter"
)

// Config are the directives. gunzip_buffers has no meaning here.
type Config struct {
	// Vary adds "Vary: Accept-Encoding" (gzip_vary).
	Vary bool
	// Clients says who takes gzip; the conditions of gzip_http_version, gzip_proxied and gzip_disable count here, too.
	Clients filter.Clients
}

// Filter is the Response hook.
type Filter struct{ cfg Config }

// New returns the filter.
func New(cfg Config) *Filter { return &Filter{cfg} }

// ProcessResponse decompresses the body.
func (f *Filter) ProcessResponse(c *pipeline.Ctx) error {
	if !strings.EqualFold(c.ResponseHeader("Content-Encoding"), "gzip") {
		return nil
	}
	if f.cfg.Vary {
		c.AddVary("Accept-Encoding")
	}
	if f.cfg.Clients.Accept(c) {
		return nil
	}
	c.DelHeader("Content-Encoding")
	filter.Changed(c)
	filter.Streamed(c)
	c.FilterStream(func(wire io.Writer) pipeline.StreamFilter {
		d := newDecoder(wire)
		c.OnClose(d.stop) // Close is not called for a stream that fails
		return d
	})
	return nil
}

// decoder turns a reader, which asks for its input, into a filter, which is given it: the reader runs as a coroutine that is
// left where it needs more. Only one of the two runs at a time.
type decoder struct {
	wire   io.Writer
	next   func() (error, bool)
	cancel func()
	input  []byte
	ended  bool // there is no more input
	done   bool // the coroutine has returned
	err    error
	yield  func(error) bool
}

// newDecoder returns a decoder in front of wire.
func newDecoder(wire io.Writer) *decoder {
	d := &decoder{wire: wire}
	d.next, d.cancel = iter.Pull(d.run)
	return d
}

// stop ends the coroutine, wherever it is.
func (d *decoder) stop() {
	if !d.done {
		d.done = true
		d.cancel()
	}
}

// run is the coroutine. What it yields is nil: more input is needed.
func (d *decoder) run(yield func(error) bool) {
	d.yield = yield
	r, err := gzip.NewReader((*source)(d))
	if err == nil {
		_, err = io.Copy(struct{ io.Writer }{d.wire}, r)
	}
	d.err = err
}

// source is a decoder as the input of its coroutine.
type source decoder

// Read gives what Write got, and leaves the coroutine when that is used up.
func (s *source) Read(p []byte) (int, error) {
	for len(s.input) == 0 {
		if s.ended {
			return 0, io.EOF
		}
		if !s.yield(nil) {
			return 0, io.ErrClosedPipe
		}
	}
	n := copy(p, s.input)
	s.input = s.input[n:]
	return n, nil
}

// Write decompresses p.
func (d *decoder) Write(p []byte) (int, error) {
	if d.input = p; len(p) > 0 {
		d.resume()
	}
	if d.err != nil {
		return 0, d.err
	}
	return len(p), nil
}

func (d *decoder) resume() {
	if d.done {
		return
	}
	if _, more := d.next(); !more {
		d.done = true
	}
}

// Flush has nothing to pass on: Write does at once.
func (d *decoder) Flush() error { return d.err }

// Close checks that the body was whole.
func (d *decoder) Close() error {
	d.ended = true
	d.resume()
	return d.err
}
