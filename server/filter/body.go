package filter

// Hot: a filter that changes a response calls these; what makes a stream of a body allocates.

import (
	"io"
	"slices"
	"strings"
	"syscall"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pool"
)

// InlineMax is the most of a body in bytes that is worked on by a reactor, where it holds up other connections: 32 KiB take
// gzip at level 1 a quarter of a millisecond.
const InlineMax = 32 << 10

// WeakETag makes a strong entity tag a weak one: the body is not the same to the byte (ngx_http_weak_etag). What is no tag is
// removed, as NGINX does.
func WeakETag(c *pipeline.Ctx) {
	etag := c.ResponseHeader("ETag")
	switch {
	case etag == "" || strings.HasPrefix(etag, "W/"):
	case etag[0] != '"':
		c.DelHeader("ETag")
	default:
		s := GetScratch()
		s.B = append(append(s.B, "W/"...), etag...)
		_ = c.SetHeaderBytes("ETag", s.B) // a valid value stays valid
		s.Put()
	}
}

// Changed adjusts the fields of a response whose body a filter changes: there are no ranges of it any more, no length that is
// known, and the entity tag is a weak one.
func Changed(c *pipeline.Ctx) {
	c.DelHeader("Content-Length")
	c.DelHeader("Accept-Ranges")
	WeakETag(c)
}

// Rewritten is Changed for a body that depends on more than its file, so that nothing tells when it was modified: without keep,
// Last-Modified and ETag are removed (NGINX sub_filter_last_modified, ssi_last_modified).
func Rewritten(c *pipeline.Ctx, keep bool) {
	Changed(c)
	if !keep {
		c.DelHeader("Last-Modified")
		c.DelHeader("ETag")
	}
}

// InPlace tells whether the body may be filtered where it is: it lies in memory and a worker runs this, or it has no more
// than limit bytes.
func InPlace(c *pipeline.Ctx, limit int64) bool {
	res := c.Res()
	return res.InMemory() && (c.OnWorker() || res.Length() <= limit)
}

// Body returns the bytes of a body that lies in memory: those of its only part, or all parts appended to buf[:0].
func Body(c *pipeline.Ctx, buf []byte) []byte {
	parts := c.Res().Parts()
	if len(parts) == 1 {
		return parts[0].Bytes
	}
	buf = buf[:0]
	for i := range parts {
		buf = append(buf, parts[i].Bytes...)
	}
	return buf
}

// Streamed makes the body of a response a stream, so that a filter can work on it piece by piece on a worker. One that is a
// stream stays as it is.
func Streamed(c *pipeline.Ctx) {
	res := c.Res()
	if res.Stream() != nil {
		return
	}
	parts := take(c)
	_ = c.Stream(res.Status, "", res.Length(), func(s *pipeline.Stream) error { return copyParts(s, parts) })
}

// Lengthless makes the length of a streamed body unknown, so that it is sent in chunks.
func Lengthless(c *pipeline.Ctx) {
	c.DelHeader("Content-Length")
	c.FilterStream(func(wire io.Writer) pipeline.StreamFilter { return passage{wire} })
}

// passage is a filter that changes nothing.
type passage struct{ io.Writer }

// Flush has nothing to pass on.
func (passage) Flush() error { return nil }

// Close has nothing to end.
func (passage) Close() error { return nil }

// take returns the parts of a body as they stay when the handler and the Response hooks have returned. Their files are given
// back with the request.
func take(c *pipeline.Ctx) []pipeline.Part {
	parts := slices.Clone(c.Res().Parts())
	for i := range parts {
		p := &parts[i]
		switch {
		case p.File != nil:
			p.File.Acquire()
			c.OnClose(p.File.Release)
		case !p.Static:
			p.Bytes = slices.Clone(p.Bytes)
		}
	}
	return parts
}

// pieceSize is how much of a file is read at once, in bytes (NGINX output_buffers: 2 of 32k).
const pieceSize = 64 << 10

// copyParts writes the parts of a body.
func copyParts(w io.Writer, parts []pipeline.Part) error {
	var buf []byte
	for i := range parts {
		p := &parts[i]
		if p.File == nil {
			if _, err := w.Write(p.Bytes); err != nil {
				return err
			}
			continue
		}
		if buf == nil {
			buf = make([]byte, min(pieceSize, p.N))
		}
		if err := copyFile(w, p, buf); err != nil {
			return err
		}
	}
	return nil
}

// copyFile writes a range of a file, through buf. A file that has become shorter is io.ErrUnexpectedEOF, which cuts the
// connection.
func copyFile(w io.Writer, p *pipeline.Part, buf []byte) error {
	for off, left := p.Off, p.N; left > 0; {
		n, err := pread(p.File, buf[:min(int64(len(buf)), left)], off)
		if err != nil {
			return err
		}
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
		off, left = off+int64(n), left-int64(n)
	}
	return nil
}

func pread(f *pool.File, b []byte, off int64) (int, error) {
	for {
		n, err := syscall.Pread(f.Fd(), b, off)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.ErrUnexpectedEOF
		default:
			return n, nil
		}
	}
}
