package pipeline

// Hot: every handler answers through these; values are kept as they are given, nothing is formatted before the head is
// written.

import (
	"errors"

	"github.com/wheelpit/wheelpit/pool"
)

// Response is what a request is answered with. Its memory is the Ctx's.
type Response struct {
	// Status is 0 until the request is answered.
	Status int
	// ContentType is the value of Content-Type; empty means none is sent.
	ContentType string
	// Server and Date take the place of the server's own fields when they are not empty, as a gateway wants it.
	Server, Date string
	// NoServer and NoDate leave the fields out.
	NoServer, NoDate bool
	// Reason is the text behind the status, as a gateway wants it. A change of the status empties it.
	Reason string

	fields   []ResponseField
	single   bool // Date or Server may be among them, see Gives
	parts    []Part
	length   int64 // of all parts
	buf      []byte
	stream   func(*Stream) error
	live     LiveBody
	changed  bool // a filter stands before live
	renderer Renderer
	ready    []byte
	headLen  int
	cut      bool // close the connection when sent
	logged   bool // the log has been told of its error status
}

// ResponseField is one field line of a response.
type ResponseField struct{ Name, Value string }

// Part is a piece of a response body: bytes, or a range of a file.
type Part struct {
	Bytes  []byte
	Static bool // Bytes never change
	File   *pool.File
	Off, N int64
}

// ErrOffload is returned by an inline handler that wants to be called again on a worker. What it has answered so far, and
// the fields it has added, are forgotten.
var ErrOffload = errors.New("pipeline: continue on a worker")

var errStreamed = errors.New("pipeline: the response is a stream")

var errFieldValue = errors.New("pipeline: not the name or the value of a field")

// Res returns the response.
func (c *Ctx) Res() *Response { return &c.res }

// Answered tells whether there is a response.
func (c *Ctx) Answered() bool { return c.res.Status != 0 }

// ClearResponse forgets the response, its fields included, for a hook that answers with another one in its place: the
// methods that answer keep the fields that were set.
func (c *Ctx) ClearResponse() { c.resetResponse() }

// resetResponse forgets the response, its fields included.
func (c *Ctx) resetResponse() {
	r := &c.res
	if r.live != nil || len(r.parts)+len(r.buf)+len(r.fields) > 0 {
		r.dropBody()
		clear(r.fields)
	}
	fields, parts, buf := r.fields[:0], r.parts[:0], r.buf[:0]
	if cap(buf) > 64<<10 {
		buf = nil
	}
	*r = Response{fields: fields, parts: parts, buf: buf}
}

// unanswer forgets the answer, but for the first fields.
func (r *Response) unanswer(fields int) {
	r.dropBody()
	r.Status = 0
	if len(r.fields) > fields {
		clear(r.fields[fields:])
		r.fields = r.fields[:fields]
	}
}

// dropBody forgets the body, one that is still to be written as well, and gives its files back.
func (r *Response) dropBody() {
	for i := range r.parts {
		if f := r.parts[i].File; f != nil {
			f.Release()
		}
		r.parts[i] = Part{}
	}
	r.parts, r.length, r.buf = r.parts[:0], 0, r.buf[:0]
	r.DropLive()
	r.stream, r.renderer, r.ready = nil, nil, nil
}

// Fields returns the response fields besides Content-Type, in order. The slice is the Ctx's.
func (r *Response) Fields() []ResponseField { return r.fields }

// Parts returns the body of a response that is not streamed. The slice is the Ctx's.
func (r *Response) Parts() []Part { return r.parts }

// Length returns the length of the body in bytes, -1 for a stream.
func (r *Response) Length() int64 {
	if r.stream != nil {
		return -1
	}
	return r.length
}

// Stream returns the function that sends a streamed body, or nil.
func (r *Response) Stream() func(*Stream) error { return r.stream }

// Ready returns a response made ready in advance and the length of its head, or nil; see SendReady.
func (r *Response) Ready() ([]byte, int) { return r.ready, r.headLen }

// CloseAfter tells whether the connection shall be closed when the response is sent.
func (r *Response) CloseAfter() bool { return r.cut }

// CloseAfter closes the connection when the response has been sent.
func (c *Ctx) CloseAfter() { c.res.cut, c.res.ready = true, nil }

// Text answers with plain text in UTF-8.
func (c *Ctx) Text(status int, s string) error {
	return c.static(status, "text/plain; charset=utf-8", bytesOf(s))
}

// HTML answers with an HTML page in UTF-8.
func (c *Ctx) HTML(status int, s string) error {
	return c.static(status, "text/html; charset=utf-8", bytesOf(s))
}

// Static answers with bytes that never change: a constant, an embedded file. They are not copied.
func (c *Ctx) Static(status int, contentType string, b []byte) error {
	return c.static(status, contentType, b)
}

func (c *Ctx) static(status int, contentType string, b []byte) error {
	c.body0(status, contentType)
	c.res.parts = append(c.res.parts, Part{Bytes: b, Static: true})
	c.res.length = int64(len(b))
	return nil
}

// Bytes answers with b, which must not change before the handler, and the Response hooks behind it, have returned.
func (c *Ctx) Bytes(status int, contentType string, b []byte) error {
	c.body0(status, contentType)
	c.res.parts = append(c.res.parts, Part{Bytes: b})
	c.res.length = int64(len(b))
	return nil
}

// NoContent answers without a body.
func (c *Ctx) NoContent(status int) error {
	c.body0(status, "")
	return nil
}

// Redirect answers with a Location.
func (c *Ctx) Redirect(status int, location string) error {
	if err := c.SetHeader("Location", location); err != nil {
		return err
	}
	c.NoContent(status)
	return nil
}

// body0 begins a new body under a status.
func (c *Ctx) body0(status int, contentType string) {
	c.res.dropBody()
	c.res.Status, c.res.Reason = status, ""
	if contentType != "" {
		c.res.ContentType = contentType
	}
}

// SetStatus changes the status of the response, or answers with an empty body.
func (c *Ctx) SetStatus(status int) { c.res.Status, c.res.Reason, c.res.ready = status, "", nil }

// Write appends a copy of p to the body; the first call answers with status 200. It never waits: the whole body is in
// memory (see Stream for more). It fails only when the response is a stream, to which nothing can be added (see
// FilterStream).
func (c *Ctx) Write(p []byte) (int, error) {
	r := &c.res
	if r.stream != nil {
		return 0, errStreamed
	}
	if r.Status == 0 {
		r.Status = 200
	}
	r.ready = nil
	own := len(r.parts) > 0 && len(r.buf) > 0 && r.parts[len(r.parts)-1].Bytes != nil
	at := len(r.buf)
	r.buf = append(r.buf, p...)
	if own && len(r.parts) == 1 {
		r.parts[0].Bytes = r.buf
	} else {
		r.parts = append(r.parts, Part{Bytes: r.buf[at:]})
	}
	r.length += int64(len(p))
	return len(p), nil
}

// AddPart appends a piece to the body of a response that was begun with SetStatus; to a stream nothing is added. A file's
// reference passes to c.
func (c *Ctx) AddPart(p Part) {
	if c.res.stream != nil {
		if p.File != nil {
			p.File.Release()
		}
		return
	}
	if p.File == nil {
		p.N = int64(len(p.Bytes))
	}
	c.res.parts = append(c.res.parts, p)
	c.res.length += p.N
}

// SendReady answers with a complete HTTP/1.1 response, head and body, that was made in advance; headLen is the length
// of its head. block must stay as it is until the event is over. It may only be used when Ready is what the connection
// wants: see Transport.Plain. Any change to the response afterwards would be lost, so Response hooks must not exist; but AddPart adds to
// its body, of which head tells the length.
func (c *Ctx) SendReady(status int, block []byte, headLen int) {
	if c.Answered() {
		c.res.dropBody()
	}
	c.res.Status, c.res.ready, c.res.headLen = status, block, headLen
}
