package middleware

// Hot: runs for every request; no allocation for a body in memory, no map, no defer.

import (
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// GZip compresses responses for clients that take gzip (Django: GZipMiddleware). It belongs outside of everything that
// reads or writes bodies, ConditionalGet among it.
//
// Left as they are: bodies known to have less than 200 bytes, bodies in memory that do not become shorter, responses that have a
// Content-Encoding or a Content-Range, one or in multipart/byteranges, and files, which the kernel sends (they get no Vary
// either, there being no other form of them). On the reactor, that is for an Inline route, bodies over 32 KiB are left as
// well, because compressing them would hold up other connections. A stream is compressed as it comes; what it flushes arrives. A strong ETag
// becomes a weak one, and Accept-Ranges goes (NGINX: gzip).
//
// Compressed pages that hold a secret and repeat something the client sent give the secret away by their length
// (BREACH). As Django does, the gzip header gets a file name of random length, up to 100 bytes, which makes such guessing
// slower, not impossible.
type GZip struct {
	// Level is the effort, 1 to 9; 0 is 6.
	Level int

	pool *sync.Pool // of *compressor
}

const (
	minGZip     = 200       // bytes; below that the header costs more than is won (Django; NGINX gzip_min_length: 20)
	inlineGZip  = 32 << 10  // bytes that are compressed on the reactor
	maxFileName = 100       // bytes (Django: max_random_bytes)
	keepGZip    = 512 << 10 // bytes of an output buffer that may go back into the pool
)

// compressor is a gzip writer and the memory it writes to when the body is in memory.
type compressor struct {
	*gzip.Writer
	out  []byte
	seed [1]byte
}

// Load prepares the pool.
func (m *GZip) Load(*pipeline.App) error {
	level := m.Level
	if level == 0 {
		level = 6
	}
	if level < 1 || level > 9 {
		return fmt.Errorf("GZip.Level is %d, must be 1 to 9", m.Level)
	}
	m.pool = &sync.Pool{New: func() any {
		w, _ := gzip.NewWriterLevel(io.Discard, level) // the level was checked
		return &compressor{Writer: w}
	}}
	return nil
}

// ProcessResponse compresses the body.
func (m *GZip) ProcessResponse(c *pipeline.Ctx) error {
	res := c.Res()
	stream := res.Stream() != nil
	switch {
	case !stream && !res.InMemory(), res.StreamLength() >= 0 && res.StreamLength() < minGZip:
		return nil
	case c.HasResponseHeader("Content-Encoding"), c.HasResponseHeader("Content-Range"), byteRanges(res):
		return nil
	}
	c.AddVary("Accept-Encoding")
	if !acceptsGZip(c) {
		return nil
	}
	if stream {
		c.DelHeader("Content-Length")
		c.FilterStream(m.open)
	} else if fits := c.OnWorker() || res.Length() <= inlineGZip; !fits || !m.compress(c) {
		return nil
	}
	if etag := c.ResponseHeader("ETag"); strings.HasPrefix(etag, `"`) {
		var weak [64]byte
		_ = c.SetHeaderBytes("ETag", append(append(weak[:0], "W/"...), etag...)) // a valid value stays valid
	}
	c.DelHeader("Accept-Ranges") // they would be of the other bytes
	return c.SetHeader("Content-Encoding", "gzip")
}

// byteRanges tells whether the body are several ranges (RFC 9110 section 14.6), each with its own Content-Range.
func byteRanges(res *pipeline.Response) bool {
	const media = "multipart/byteranges"
	return res.Status == 206 && len(res.ContentType) >= len(media) && strings.EqualFold(res.ContentType[:len(media)], media)
}

// acceptsGZip tells whether Accept-Encoding has gzip or x-gzip, as Django looks for them: in lower case, "*" not standing
// for them. Unlike Django, a weight of zero is a refusal (RFC 9110 section 12.4.2).
func acceptsGZip(c *pipeline.Ctx) bool {
	head := &c.Head
	for i := head.Next(http1.AcceptEncoding, 0); i >= 0; i = head.Next(http1.AcceptEncoding, i+1) {
		elem, rest := http1.NextToken(head.Fields[i].Value.Of(c.HeadBytes()))
		for ; len(elem) > 0; elem, rest = http1.NextToken(rest) {
			name := elem
			for end, b := range elem {
				if b == ';' || b == ' ' || b == '\t' {
					name = elem[:end]
					break
				}
			}
			switch string(name) {
			case "gzip":
				if http1.AcceptsEncoding(elem, "gzip") {
					return true
				}
			case "x-gzip":
				if http1.AcceptsEncoding(elem, "x-gzip") {
					return true
				}
			}
		}
	}
	return false
}

// compress puts the compressed body in the place of the body, if it is shorter.
func (m *GZip) compress(c *pipeline.Ctx) bool {
	z := m.pool.Get().(*compressor)
	z.out = z.out[:0]
	z.begin((*output)(z))
	parts := c.Res().Parts()
	for i := range parts {
		_, _ = z.Writer.Write(parts[i].Bytes) // output never fails
	}
	_ = z.Writer.Close()
	shorter := int64(len(z.out)) < c.Res().Length()
	if shorter {
		c.ReplaceBody(z.out)
	}
	m.release(z)
	return shorter
}

// fileName is what the names in gzip headers are cut from.
var fileName = strings.Repeat("a", maxFileName)

// begin readies z for a new body, with a name of 1 to 100 bytes, each length as likely as the other.
func (z *compressor) begin(w io.Writer) {
	z.Reset(w)
	for {
		_, _ = rand.Read(z.seed[:]) // never fails: the program ends instead
		if n := int(z.seed[0]); n < 2*maxFileName {
			z.Name = fileName[:n%maxFileName+1]
			return
		}
	}
}

// release gives z back. Nothing of the request stays in it but the bytes of an output buffer of reasonable size.
func (m *GZip) release(z *compressor) {
	z.Reset(io.Discard)
	if cap(z.out) > keepGZip {
		z.out = nil
	}
	m.pool.Put(z)
}

// output is a compressor as the memory it writes to.
type output compressor

// Write appends p.
func (o *output) Write(p []byte) (int, error) {
	o.out = append(o.out, p...)
	return len(p), nil
}

// WriteString appends s; the name in the header comes this way.
func (o *output) WriteString(s string) (int, error) {
	o.out = append(o.out, s...)
	return len(s), nil
}

// gzipStream is the filter of a stream. One that fails is left to the collector, with its compressor.
type gzipStream struct {
	*compressor
	owner *GZip
}

func (m *GZip) open(wire io.Writer) pipeline.StreamFilter {
	z := m.pool.Get().(*compressor)
	z.begin(wire)
	return &gzipStream{z, m}
}

// Close writes the trailer and gives the compressor back.
func (s *gzipStream) Close() error {
	err := s.Writer.Close()
	s.owner.release(s.compressor)
	return err
}
