package slice

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter"
)

// Head is what the filter must know of an answer.
type Head struct {
	Status             int
	ETag, ContentRange string
}

// Fetch asks what c asked for again, by a request within c for the bytes of a Range value; SetRange tells that request. It calls
// head before the first byte of the body goes to w, and gives up when that is an error. It is called on a worker, where it may
// wait.
type Fetch func(c *pipeline.Ctx, byteRange string, head func(Head) error, w io.Writer) error

// Config are the directives.
type Config struct {
	// Size of a slice in bytes (slice); at least 1.
	Size int64
	// Fetch asks for a slice.
	Fetch Fetch
}

// Filter is the Response hook.
type Filter struct{ cfg Config }

// New checks the configuration.
func New(cfg Config) (*Filter, error) {
	if cfg.Size < 1 {
		return nil, errors.New("slice: the size is not positive")
	}
	if cfg.Fetch == nil {
		return nil, errors.New("slice: nobody to ask")
	}
	return &Filter{cfg}, nil
}

// slices is the state of a request that asked for its range.
type slices struct {
	text   string // of Range
	start  int64
	nested bool
}

type slicesKey struct{}

// SetRange makes byteRange the value of $slice_range in a request that fetches a slice.
func SetRange(nested *pipeline.Ctx, byteRange string) {
	nested.Set(slicesKey{}, &slices{text: byteRange, nested: true})
}

// AppendRange appends the value of $slice_range and tells whether it has one. The first time that a request asks it is decided
// that its answer consists of slices.
func (f *Filter) AppendRange(c *pipeline.Ctx, dst []byte) (value []byte, found bool) {
	s, ok := c.Get(slicesKey{}).(*slices)
	if !ok {
		if filter.Nested(c) || c.Answered() {
			return dst, false
		}
		start := f.first(c)
		s = &slices{text: f.rangeAt(start), start: start}
		c.Set(slicesKey{}, s)
	}
	return append(dst, s.text...), true
}

// first returns where the first slice begins that the client needs.
func (f *Filter) first(c *pipeline.Ctx) int64 {
	if c.Head.Has(http1.IfRange) {
		return 0
	}
	r, v := parseRange(c.HeaderBytes(http1.Range))
	if v != one || r.suffix {
		return 0
	}
	return r.start / f.cfg.Size * f.cfg.Size
}

func (f *Filter) rangeAt(start int64) string {
	return "bytes=" + strconv.FormatInt(start, 10) + "-" + strconv.FormatInt(start+f.cfg.Size-1, 10)
}

// ProcessResponse makes a whole of a slice, and a range of that if the client asked for one.
func (f *Filter) ProcessResponse(c *pipeline.Ctx) error {
	s, ok := c.Get(slicesKey{}).(*slices)
	if !ok || s.nested || c.Res().Status != 206 {
		return nil
	}
	head := Head{206, c.ResponseHeader("ETag"), c.ResponseHeader("Content-Range")}
	end, total, err := f.check(head, "", s.start)
	if err != nil {
		return err
	}
	c.DelHeader("Content-Range")
	c.DelHeader("Content-Length")
	c.DelHeader("Accept-Ranges")
	b := &body{f: f, c: c, etag: head.ETag, at: s.start, next: end, to: total}
	status, err := b.choose(total)
	if err != nil {
		return err
	}
	c.SetStatus(status)
	filter.Streamed(c)
	c.FilterStream(func(wire io.Writer) pipeline.StreamFilter {
		b.wire = wire
		return b
	})
	c.SetStatus(status)
	c.SetStreamLength(b.to - b.from)
	return nil
}

// check tells where a slice ends, and the length of the whole, if it is the one that begins at start; etag is that of the
// slices before it.
func (f *Filter) check(h Head, etag string, start int64) (end, total int64, err error) {
	if h.Status != 206 {
		return 0, 0, fmt.Errorf("slice: unexpected status code %d in slice response", h.Status)
	}
	if etag != "" && h.ETag != etag {
		return 0, 0, errors.New("slice: etag mismatch in slice response")
	}
	first, end, total, ok := parseContentRange(h.ContentRange)
	if !ok {
		return 0, 0, errors.New("slice: invalid range in slice response")
	}
	if want := min(start+f.cfg.Size, total); first != start || end != want {
		return 0, 0, fmt.Errorf("slice: unexpected range in slice response: %d-%d, expected: %d-%d", first, end, start, want)
	}
	return end, total, nil
}

// body is the filter of one response: it passes on the bytes from from to to, and fetches slices up to there.
type body struct {
	f        *Filter
	c        *pipeline.Ctx
	wire     io.Writer
	etag     string
	at       int64 // of the next byte that comes
	next     int64 // where the next slice begins
	from, to int64 // what the client wants
	held     []byte
	begun    bool // what was held is on the wire
}

// heldMax is how many bytes of the body wait for the next slice, so that a short answer whose slices do not belong together has not
// begun when that turns out (NGINX's postpone_output).
const heldMax = 1460

// choose takes the range of the client, and returns the status.
func (b *body) choose(total int64) (status int, err error) {
	r, v := parseRange(b.c.HeaderBytes(http1.Range))
	if v == whole || b.c.Head.Method != http1.MethodGet || !b.ifRange() {
		return 200, b.c.SetHeader("Accept-Ranges", "bytes")
	}
	b.from, b.to = r.of(total)
	if v == invalid || b.from >= b.to {
		return 0, &pipeline.Error{Status: 416, ContentRange: "bytes */" + strconv.FormatInt(total, 10)}
	}
	if b.next+b.f.cfg.Size <= b.from {
		b.next = b.from / b.f.cfg.Size * b.f.cfg.Size
	}
	return 206, b.c.SetHeader("Content-Range", fmt.Sprintf("bytes %d-%d/%d", b.from, b.to-1, total))
}

// ifRange tells whether If-Range lets the range be taken: it names the entity as it is (RFC 9110 section 13.1.5).
func (b *body) ifRange() bool {
	value := b.c.HeaderBytes(http1.IfRange)
	if value == nil {
		return true
	}
	if len(value) >= 2 && value[len(value)-1] == '"' {
		return string(value) == b.etag
	}
	asked, ok := http1.ParseDate(value)
	modified, known := http1.ParseDate([]byte(b.c.ResponseHeader("Last-Modified")))
	return ok && known && asked == modified
}

// Write passes on what the client wants of p.
func (b *body) Write(p []byte) (int, error) {
	start, end := b.at, b.at+int64(len(p))
	b.at = end
	lo, hi := max(start, b.from), min(end, b.to)
	if lo >= hi {
		return len(p), nil
	}
	if err := b.send(p[lo-start : hi-start]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// send sends p, or holds it back while it is little.
func (b *body) send(p []byte) error {
	if !b.begun && len(b.held)+len(p) <= heldMax {
		b.held = append(b.held, p...)
		return nil
	}
	if err := b.begin(); err != nil {
		return err
	}
	_, err := b.wire.Write(p)
	return err
}

// begin sends what was held back.
func (b *body) begin() error {
	if b.begun {
		return nil
	}
	b.begun = true
	_, err := b.wire.Write(b.held)
	b.held = nil
	return err
}

// Flush has nothing to pass on.
func (b *body) Flush() error { return nil }

// Close fetches the slices that follow.
func (b *body) Close() error {
	for b.next < b.to {
		start, end := b.next, int64(-1)
		b.at = start
		head := func(h Head) (err error) {
			end, _, err = b.f.check(h, b.etag, start)
			return err
		}
		if err := b.f.cfg.Fetch(b.c, b.f.rangeAt(start), head, b); err != nil {
			return err
		}
		if end < 0 {
			return errors.New("slice: missing slice response")
		}
		b.next = end
	}
	return b.begin()
}
