package filter

import (
	"io"
	"strconv"

	"github.com/wheelpit/wheelpit/pipeline"
)

// encoder is a compressor and where its output goes: into out, or to the wire.
type encoder struct {
	Encoder
	out  []byte
	wire io.Writer
}

// begin readies z for a new body; wire nil means memory.
func (z *encoder) begin(wire io.Writer) {
	z.out, z.wire = z.out[:0], wire
	z.Encoder.Reset((*output)(z))
}

// output is an encoder as the writer of its compressor.
type output encoder

// Write takes compressed bytes.
func (o *output) Write(p []byte) (int, error) {
	if o.wire != nil {
		return o.wire.Write(p)
	}
	o.out = append(o.out, p...)
	return len(p), nil
}

// streamEncoder is the filter of a stream. One that fails is left to the collector, with its compressor.
type streamEncoder struct {
	*encoder
	owner *Coding
	ratio *ratio // nil unless it is wanted
}

// open returns what FilterStream calls when the body of c begins.
func (f *Coding) open(c *pipeline.Ctx) func(io.Writer) pipeline.StreamFilter {
	return func(wire io.Writer) pipeline.StreamFilter {
		z := f.encoders.Get().(*encoder)
		s := &streamEncoder{encoder: z, owner: f}
		if f.Ratio {
			s.ratio = new(ratio)
			c.Set(ratioKey{}, s.ratio)
			wire = &counter{wire, s.ratio}
		}
		z.begin(wire)
		return s
	}
}

// Write compresses p.
func (s *streamEncoder) Write(p []byte) (int, error) {
	if s.ratio != nil {
		s.ratio.in += int64(len(p))
	}
	return s.Encoder.Write(p)
}

// Close ends the compressed body and gives the compressor back.
func (s *streamEncoder) Close() error {
	err := s.Encoder.Close()
	s.owner.release(s.encoder)
	return err
}

// ratio is what became of a body: bytes before and after.
type ratio struct{ in, out int64 }

type ratioKey struct{}

// counter counts what goes to the wire.
type counter struct {
	io.Writer
	ratio *ratio
}

// Write passes p on.
func (w *counter) Write(p []byte) (int, error) {
	w.ratio.out += int64(len(p))
	return w.Writer.Write(p)
}

// note keeps the ratio of the response for AppendRatio.
func (f *Coding) note(c *pipeline.Ctx, in, out int) {
	if f.Ratio {
		c.Set(ratioKey{}, &ratio{int64(in), int64(out)})
	}
}

// AppendRatio appends how many times smaller the body of the response has become, with two digits rounded half up (NGINX
// $gzip_ratio); nothing when it was not compressed, or CodingConfig.Ratio is off.
func AppendRatio(c *pipeline.Ctx, dst []byte) []byte {
	r, _ := c.Get(ratioKey{}).(*ratio)
	if r == nil || r.out == 0 {
		return dst
	}
	hundredths := (r.in*1000/r.out + 5) / 10
	dst = append(strconv.AppendInt(dst, hundredths/100, 10), '.', byte('0'+hundredths/10%10), byte('0'+hundredths%10))
	return dst
}
