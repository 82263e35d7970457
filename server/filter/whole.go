package filter

import (
	"bytes"
	"sync"

	"github.com/wheelpit/wheelpit/pipeline"
)

// encodeFile has a worker read the whole body and answer with its form.
func (f *Coding) encodeFile(c *pipeline.Ctx) {
	parts := take(c)
	_ = c.Stream(c.Res().Status, "", -1, func(s *pipeline.Stream) error {
		body := bodies.Get().(*memory)
		*body = (*body)[:0]
		defer bodies.Put(body)
		if err := copyParts(body, parts); err != nil {
			return err
		}
		var out []byte
		if k := f.kept.findEqual(*body); k != nil {
			out = k.out
		} else {
			out = f.form(bytes.Clone(*body))
		}
		f.note(c, len(*body), len(out))
		_, err := s.Write(out)
		return err
	})
}

// bodies are what files are read into, each of at most keptBody bytes.
var bodies = sync.Pool{New: func() any { return new(memory) }}

// memory is bytes as a writer.
type memory []byte

// Write appends p.
func (m *memory) Write(p []byte) (int, error) {
	*m = append(*m, p...)
	return len(p), nil
}
