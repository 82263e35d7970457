package fasthttpadaptor

import (
	"bytes"
	"io"

	"github.com/wheelpit/wheelpit/pipeline"
)

func hasFile(res *pipeline.Response) bool {
	for i := range res.Parts() {
		if res.Parts()[i].File != nil {
			return true
		}
	}
	return false
}

// partsReader reads the body of a response with files in it; closing it gives them back. Bytes are copied: their owner
// may go on with them.
type partsReader struct {
	io.Reader
	res pipeline.Response
}

func newPartsReader(res pipeline.Response) *partsReader {
	var parts []io.Reader
	for i := range res.Parts() {
		p := &res.Parts()[i]
		if p.File != nil {
			parts = append(parts, io.NewSectionReader(p.File, p.Off, p.N))
		} else {
			parts = append(parts, bytes.NewReader(bytes.Clone(p.Bytes)))
		}
	}
	return &partsReader{io.MultiReader(parts...), res}
}

// Close gives the files back.
func (r *partsReader) Close() error {
	r.res.Release()
	return nil
}
