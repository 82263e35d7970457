package filter

// Hot: ProcessResponse runs for every response; what is kept is answered without allocation.

import (
	"io"
	"sync"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Encoder is a compressor that can be used again. One goroutine at a time uses it.
type Encoder interface {
	io.Writer
	// Flush passes on everything written so far, so that a decoder can have it.
	Flush() error
	// Close ends the compressed body.
	Close() error
	// Reset readies it for a new body.
	Reset(w io.Writer)
}

// CodingConfig is what the content codings have in common. The names of directives are those of gzip.
type CodingConfig struct {
	// Name is the coding as Content-Encoding has it.
	Name string
	// Types are compressed (gzip_types); of those, bodies of at least MinLength bytes, by what is announced
	// (gzip_min_length).
	Types     *Types
	MinLength int64
	// Vary has the response depend on Accept-Encoding (gzip_vary).
	Vary bool
	// Accepts tells whether a request gets the coding.
	Accepts func(c *pipeline.Ctx) bool
	// New makes a compressor.
	New func() Encoder
	// Inline is how many bytes a reactor compresses; what is more goes to a worker.
	Inline int64
	// Ratio keeps what AppendRatio reads. It costs an allocation for a body that is not kept.
	Ratio bool
}

// Coding is the Response hook that compresses with one content coding. Responses of 200, 403 and 404 are compressed that
// have a body of the configured types and no Content-Encoding yet. Bodies that never change and have an entity tag, as
// those of files do, are compressed once: their forms are kept, up to 32 MiB, and sent from memory with their length.
// Any other body is compressed as it comes and has no length.
type Coding struct {
	CodingConfig
	kept     *kept
	encoders sync.Pool // of *encoder
}

// NewCoding returns the hook.
func NewCoding(cfg CodingConfig) *Coding {
	f := &Coding{CodingConfig: cfg, kept: newKept()}
	f.encoders.New = func() any { return &encoder{Encoder: cfg.New()} }
	return f
}

// Changes tells whether ProcessResponse would compress a 200 of that type and length, so that no ranges of it can be sent. A
// handler asks before it answers.
func (f *Coding) Changes(c *pipeline.Ctx, contentType string, length int64) bool {
	return length >= f.MinLength && f.Types.Has(contentType) && f.Accepts(c)
}

// ProcessResponse compresses the body.
func (f *Coding) ProcessResponse(c *pipeline.Ctx) error {
	if !f.covers(c) {
		if f.Vary && c.Res().Status == 206 && f.Types.Has(c.Res().ContentType) {
			c.AddVary("Accept-Encoding") // as the 200 has it (RFC 9110 section 15.3.7)
		}
		return nil
	}
	if f.Vary {
		c.AddVary("Accept-Encoding")
	}
	if !f.Accepts(c) {
		return nil
	}
	Changed(c)
	f.encode(c)
	return c.SetHeader("Content-Encoding", f.Name)
}

// covers tells whether the response is one that the filter is for, whoever asked for it.
func (f *Coding) covers(c *pipeline.Ctx) bool {
	res := c.Res()
	switch res.Status {
	case 200, 403, 404:
	default:
		return false
	}
	length := res.Length()
	if res.Stream() != nil {
		length = res.StreamLength()
	}
	if length >= 0 && length < f.MinLength {
		return false
	}
	return f.Types.Has(res.ContentType) && c.ResponseHeader("Content-Encoding") == ""
}

// encode replaces the body by its compressed form.
func (f *Coding) encode(c *pipeline.Ctx) {
	res := c.Res()
	parts := res.Parts()
	switch {
	case res.Stream() != nil:
		c.FilterStream(f.open(c))
	case len(parts) == 1 && steady(c, &parts[0]):
		f.encodeSteady(c, &parts[0])
	case InPlace(c, f.Inline):
		f.encodeOnce(c)
	default:
		Streamed(c)
		c.FilterStream(f.open(c))
	}
}

// steady tells whether a part is a body worth keeping the form of.
func steady(c *pipeline.Ctx, p *pipeline.Part) bool {
	size := int64(len(p.Bytes))
	if p.File != nil {
		size = p.N
	}
	return (p.Static || p.File != nil) && size <= keptBody && c.HasResponseHeader("ETag")
}

// encodeSteady answers with the kept form of a body, made now if it is the first time.
func (f *Coding) encodeSteady(c *pipeline.Ctx, p *pipeline.Part) {
	if p.File != nil {
		f.encodeFile(c)
		return
	}
	src := p.Bytes
	if k := f.kept.find(src); k != nil {
		f.note(c, len(src), len(k.out))
		_ = c.Static(c.Res().Status, "", k.out)
		return
	}
	if !InPlace(c, f.Inline) {
		f.encodeFile(c)
		return
	}
	out := f.form(src)
	f.note(c, len(src), len(out))
	_ = c.Static(c.Res().Status, "", out)
}

// form compresses src, which never changes, and keeps the result.
func (f *Coding) form(src []byte) []byte {
	z := f.encoders.Get().(*encoder)
	z.begin(nil)
	_, _ = z.Encoder.Write(src) // memory takes everything
	_ = z.Encoder.Close()
	out := append([]byte(nil), z.out...)
	f.release(z)
	f.kept.keep(src, out)
	return out
}

// encodeOnce compresses a body that lies in memory and is not kept.
func (f *Coding) encodeOnce(c *pipeline.Ctx) {
	z := f.encoders.Get().(*encoder)
	z.begin(nil)
	parts := c.Res().Parts()
	for i := range parts {
		_, _ = z.Encoder.Write(parts[i].Bytes) // memory takes everything
	}
	_ = z.Encoder.Close()
	f.note(c, int(c.Res().Length()), len(z.out))
	c.ReplaceBody(z.out)
	f.release(z)
}

// release gives an encoder back. Nothing of the request stays in it but the bytes of an output buffer of reasonable size.
func (f *Coding) release(z *encoder) {
	z.Encoder.Reset(io.Discard)
	z.wire = nil
	if cap(z.out) > 512<<10 {
		z.out = nil
	}
	f.encoders.Put(z)
}
