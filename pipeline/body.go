package pipeline

import (
	"errors"
	"io"
)

// body is the content of a request: in memory, or still to be read from the transport.
type body struct {
	data  []byte
	ready bool // data is all of it
	limit int64
	read  int64 // bytes of data that readers have handed out, or bytes read from the transport
}

// DefaultBodyLimit bounds a request body in bytes (NGINX client_max_body_size: 1m).
const DefaultBodyLimit = 1 << 20

// SetBody tells c that the whole request body is in memory: data, valid until Reset.
func (c *Ctx) SetBody(data []byte) { c.body.data, c.body.ready = data, true }

// SetBodyLimit bounds what reading the body returns, in bytes; 0 is DefaultBodyLimit. It may be raised or lowered until the
// first read. A body that announces more than the server's own limit is refused before any hook runs.
func (c *Ctx) SetBodyLimit(n int64) { c.body.limit = n }

// bodyReady tells whether an inline handler may run.
func (c *Ctx) bodyReady() bool { return c.body.ready || c.Head.Length == 0 }

// ContentLength returns the announced length of the body, -1 when it is chunked.
func (c *Ctx) ContentLength() int64 { return c.Head.Length }

// Body returns the whole request body: a view, valid until the handler returns. On a worker it may wait for the client.
// A body over the limit is ErrBodyTooLarge; one that BodyReader has begun to read from the client is ErrBodyRead (Django:
// RawPostDataException).
func (c *Ctx) Body() ([]byte, error) {
	switch {
	case c.bodyReady() && int64(len(c.body.data)) > c.BodyLimit():
		return nil, ErrBodyTooLarge
	case c.bodyReady():
		return c.body.data, nil
	case !c.worker:
		return nil, ErrNeedsWorker
	case c.body.read > c.BodyLimit():
		return nil, ErrBodyTooLarge
	case c.body.read > 0:
		return nil, ErrBodyRead
	}
	size := c.Head.Length
	if size < 0 {
		size = min(4096, c.BodyLimit())
	}
	if size > c.BodyLimit() {
		return nil, ErrBodyTooLarge
	}
	b := make([]byte, 0, size+1)
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := c.transport.ReadBody(c, b[len(b):cap(b)])
		b = b[:len(b)+n]
		c.body.read += int64(n)
		switch {
		case int64(len(b)) > c.BodyLimit():
			return nil, ErrBodyTooLarge
		case errors.Is(err, io.EOF):
			c.SetBody(b)
			c.body.read = 0
			return b, nil
		case err != nil:
			return nil, err
		}
	}
}

// BodyLimit returns the bound of the request body in bytes.
func (c *Ctx) BodyLimit() int64 {
	if c.body.limit > 0 {
		return c.body.limit
	}
	return DefaultBodyLimit
}

// BodyReader returns the request body as a stream, bounded by the limit. On a worker, reading waits for the client, who is
// held back while nothing is read. Every reader goes on where the last one stopped.
func (c *Ctx) BodyReader() io.Reader { return (*bodyReader)(c) }

// bodyReader is a Ctx as the reader of its body.
type bodyReader Ctx

// Read reads request content; see Ctx.BodyReader.
func (r *bodyReader) Read(p []byte) (int, error) {
	c := (*Ctx)(r)
	if c.bodyReady() {
		if int64(len(c.body.data)) > c.BodyLimit() {
			return 0, ErrBodyTooLarge
		}
		n := copy(p, c.body.data[c.body.read:])
		c.body.read += int64(n)
		if n == 0 && len(p) > 0 {
			return 0, io.EOF
		}
		return n, nil
	}
	if !c.worker {
		return 0, ErrNeedsWorker
	}
	n, err := c.transport.ReadBody(c, p)
	if c.body.read += int64(n); c.body.read > c.BodyLimit() {
		return 0, ErrBodyTooLarge
	}
	return n, err
}
