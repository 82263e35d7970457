package fasthttpadaptor

import (
	"errors"
	"io"
	"sync"

	"github.com/valyala/fasthttp"

	"github.com/wheelpit/wheelpit/pipeline"
)

var copyBuffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

// copyStream sends a body stream. What a StreamWriter flushes arrives as one read, and is flushed to the client; a body of
// known length is gathered.
func copyStream(s *pipeline.Stream, res *fasthttp.Response) error {
	buf := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buf)
	flush := res.Header.ContentLength() < 0
	for {
		n, err := res.BodyStream().Read(*buf)
		if n > 0 {
			if _, err := s.Write((*buf)[:n]); err != nil {
				return err
			}
			if flush {
				if err := s.Flush(); err != nil {
					return err
				}
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return res.CloseBodyStream()
		case err != nil:
			return err
		}
	}
}
