package filter

import (
	"errors"

	"github.com/wheelpit/wheelpit/pipeline"
)

// ErrTooLong is the end of a body that has more bytes than a filter takes.
var ErrTooLong = errors.New("filter: the body is too long")

// Collect reads the whole body of a response, of at most limit bytes. It is called on a worker, since a stream is waited for.
// The caller answers with another body.
func Collect(c *pipeline.Ctx, limit int64) ([]byte, error) {
	if c.Res().Length() > limit {
		return nil, ErrTooLong
	}
	into := &collected{limit: limit}
	if c.Res().Stream() == nil {
		err := copyParts(into, c.Res().Parts())
		return into.b, err
	}
	err := c.Res().Stream()(c.StreamTo(into))
	return into.b, err
}

// collected is a body in memory.
type collected struct {
	b     []byte
	limit int64
}

// Write appends p.
func (w *collected) Write(p []byte) (int, error) {
	if int64(len(w.b)+len(p)) > w.limit {
		return 0, ErrTooLong
	}
	w.b = append(w.b, p...)
	return len(p), nil
}

// WriteBody appends p; see pipeline.BodyWriter.
func (w *collected) WriteBody(_ *pipeline.Ctx, p []byte) error {
	_, err := w.Write(p)
	return err
}

// FlushBody has nothing to pass on.
func (w *collected) FlushBody(*pipeline.Ctx) error { return nil }
