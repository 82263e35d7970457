package http1

import (
	"bytes"
	"fmt"
	"strings"
)

// A driver reads a connection's input as a server would: head, content, next head. It writes down what it sees as one line
// per event, in a way that does not depend on how the input was cut, so that two runs can be compared as text.
type driver struct {
	lim     Limits
	maxBody int64 // a body announced longer is refused with 413, as a server does; 0 is no limit

	unread   []byte
	req      Request
	chunks   ChunkReader
	inBody   bool
	left     int64
	data     []byte // content since the last event
	end      int    // status of the refusal, or -1 when the connection is to be closed
	events   []string
	messages []message
}

// A message is one request, complete or refused.
type message struct {
	status   int // of the refusal
	complete bool
	path     string
}

func newDriver(lim Limits) *driver {
	return &driver{lim: lim}
}

// push gives the driver more input. All input that is not consumed moves to new memory of exactly its size, so that a
// parser which reads beyond it, or keeps a slice of the old, is found out.
func (d *driver) push(p []byte) {
	moved := make([]byte, len(d.unread)+len(p))
	copy(moved, d.unread)
	copy(moved[len(d.unread):], p)
	copy(d.unread, bytes.Repeat([]byte{0xff}, len(d.unread)))
	d.feed(moved)
}

func (d *driver) feed(in []byte) {
	d.unread = in
	for d.end == 0 {
		if d.inBody {
			if !d.body() {
				return
			}
			continue
		}
		if !d.head() {
			return
		}
	}
}

// head parses a head; false when it needs more input.
func (d *driver) head() bool {
	switch v := d.req.Parse(d.unread, &d.lim); {
	case v.Failed():
		d.refuse(v)
		return false
	case v == Partial:
		return false
	}
	d.noteHead()
	path := d.req.Path.Of(d.unread)
	if d.req.Clean != CleanPath(path) { // which is what decides whether a path is normalised
		panic(fmt.Sprintf("path %q: clean is %v", path, d.req.Clean))
	}
	if !CleanPath(path) && d.req.Form != FormAsterisk && d.req.Form != FormAuthority {
		normal, v := AppendPath(nil, path, true)
		if v.Failed() {
			d.refuse(v)
			return false
		}
		d.note("  normal path %q", normal)
	}
	d.left = d.req.Length
	d.unread = d.unread[d.req.HeadLen:]
	d.inBody = true
	if d.maxBody > 0 && d.left > d.maxBody {
		d.end = 413
	}
	return true
}

func (d *driver) noteHead() {
	r, b := &d.req, d.unread
	d.note("request %s %q form %d minor %d", r.Method, r.MethodSpan.Of(b), r.Form, r.Minor)
	d.note("  target %q path %q query %v %q", r.Target.Of(b), r.Path.Of(b), r.HasQuery, r.Query.Of(b))
	d.note("  scheme %q authority %q", r.Scheme.Of(b), r.Authority.Of(b))
	for _, f := range r.Fields {
		d.note("  field %q %q %q", f.Name.Of(b), f.Value.Of(b), f.ID)
	}
	d.note("  length %d keep-alive %v expect %v upgrade %v head %d", r.Length, r.KeepAlive, r.Expect100, r.HasUpgrade, r.HeadLen)
	d.messages = append(d.messages, message{path: string(r.Path.Of(b))})
}

// body consumes content; false when it needs more input.
func (d *driver) body() bool {
	if d.left < 0 {
		return d.chunkedBody()
	}
	n := min(d.left, int64(len(d.unread)))
	d.data = append(d.data, d.unread[:n]...)
	d.unread = d.unread[n:]
	d.left -= n
	if d.left == 0 {
		d.finish()
		return true
	}
	return false
}

func (d *driver) chunkedBody() bool {
	span, n, v := d.chunks.Next(d.unread, &d.lim)
	if int(span.End) > n || span.Start > span.End || n > len(d.unread) {
		panic("offsets out of order")
	}
	piece := span.Of(d.unread)
	d.unread = d.unread[n:]
	switch {
	case d.maxBody > 0 && int64(len(d.data))+d.chunks.Pending() > d.maxBody:
		d.refuse(ChunkTooLarge)
	case v.Failed():
		d.refuse(v)
	case v == Data:
		d.data = append(d.data, piece...)
		return true
	case v == Complete:
		d.finish()
		return true
	}
	return false
}

func (d *driver) finish() {
	if len(d.data) > 0 {
		d.note("  content %q", d.data)
	}
	d.note("  end")
	d.messages[len(d.messages)-1].complete = true
	if !d.req.KeepAlive {
		d.end = -1
	}
	d.req.Reset()
	d.chunks.Reset()
	d.inBody, d.data = false, nil
}

func (d *driver) refuse(v Verdict) {
	d.end = v.Status()
	if d.req.verdict != Complete {
		d.messages = append(d.messages, message{})
	}
	d.messages[len(d.messages)-1].status = d.end
	d.note("refused %d: %s", v.Status(), v.String())
}

func (d *driver) note(format string, args ...any) {
	d.events = append(d.events, fmt.Sprintf(format, args...))
}

// text is all events; a request that needs more input is one too.
func (d *driver) text() string {
	s := strings.Join(d.events, "\n")
	if d.end == 0 && (d.inBody || d.req.Started()) {
		s += "\npartial"
	}
	return strings.TrimPrefix(s, "\n")
}

// run gives the driver the pieces of input between the cuts, then the rest.
func run(lim Limits, input []byte, cuts ...int) *driver {
	d := newDriver(lim)
	from := 0
	for _, cut := range cuts {
		d.push(input[from:cut])
		from = cut
	}
	d.push(input[from:])
	return d
}

// everyCut calls f with cuts of the input: byte by byte, and in two pieces at every offset. Of a long input, which would
// take time quadratic in its length, some offsets stand for all, and larger pieces for single bytes.
func everyCut(size int, f func(cuts ...int)) {
	step := 1 + size/1000
	var all []int
	for i := step; i < size; i += step {
		all = append(all, i)
	}
	f(all...)
	step = 1 + size*size/300_000
	for i := 0; i <= size; i += step {
		f(i)
	}
}
