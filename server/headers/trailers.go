package headers

import (
	"bytes"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// WriteTrailer writes the fields of add_trailer; see pipeline.Trailer. It allocates. A value may name those before it.
func (f *Filter) WriteTrailer(c *pipeline.Ctx) {
	safe := ordinary(c.Res().Status)
	for i := range f.trailers {
		p := &f.trailers[i]
		if !safe && !p.Always {
			continue
		}
		value := []byte(p.Text)
		if p.Value != nil {
			value = p.Value(c, nil)
		}
		if len(value) > 0 {
			c.AddTrailerField(p.Name, value)
		}
	}
}

// AppendSentTrailer appends the value of a trailer that was sent, its name in any case and with "_" for "-", and tells whether
// there is one (NGINX $sent_trailer_name). Several are joined by commas.
func AppendSentTrailer(c *pipeline.Ctx, dst []byte, name string) (value []byte, found bool) {
	for line := range bytes.SplitSeq(c.TrailerLines(), []byte("\r\n")) {
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
