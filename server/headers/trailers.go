package headers

import (
	"bytes"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// sent are the trailers of a response, as lines. They are kept for the log, and for the trailers behind them.
type sent struct{ lines []byte }

type sentKey struct{}

// AppendTrailer appends the trailer section; see pipeline.Trailer. It allocates.
func (f *Filter) AppendTrailer(c *pipeline.Ctx, b []byte) []byte {
	s := new(sent)
	c.Set(sentKey{}, s)
	safe := ordinary(c.Res().Status)
	for i := range f.trailers {
		if p := &f.trailers[i]; safe || p.Always {
			s.lines = p.appendLine(c, s.lines)
		}
	}
	return append(b, s.lines...)
}

// appendLine appends the field as a line, unless its value is empty or would end it.
func (p *Field) appendLine(c *pipeline.Ctx, b []byte) []byte {
	value := []byte(p.Text)
	if p.Value != nil {
		value = p.Value(c, nil)
	}
	if len(value) == 0 || bytes.ContainsAny(value, "\r\n\x00") {
		return b
	}
	b = append(append(b, p.Name...), ": "...)
	return append(append(b, value...), "\r\n"...)
}

// AppendSentTrailer appends the value of a trailer that was sent, its name in any case and with "_" for "-", and tells whether
// there is one (NGINX $sent_trailer_name). Several are joined by commas.
func AppendSentTrailer(c *pipeline.Ctx, dst []byte, name string) (value []byte, found bool) {
	s, ok := c.Get(sentKey{}).(*sent)
	if !ok {
		return dst, false
	}
	for line := range bytes.SplitSeq(s.lines, []byte("\r\n")) {
		field, text, _ := bytes.Cut(line, []byte(": "))
		if len(field) == len(name) && len(field) > 0 && strings.EqualFold(strings.ReplaceAll(string(field), "-", "_"), strings.ReplaceAll(name, "-", "_")) {
			if found {
				dst = append(dst, ", "...)
			}
			dst, found = append(dst, text...), true
		}
	}
	return dst, found
}
