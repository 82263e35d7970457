package views

import (
	"io"
	"iter"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Stream answers with status 200 and what r has, of unknown length, read on a worker after the Response hooks have run. A
// slow client holds the reading back. An r that is an io.Closer is closed when the response is over, even if nothing of it
// was sent. An error of r cuts the connection.
func Stream(c *pipeline.Ctx, contentType string, r io.Reader) error {
	if cl, ok := r.(io.Closer); ok {
		c.OnClose(func() { _ = cl.Close() })
	}
	return c.Stream(200, contentType, -1, func(s *pipeline.Stream) error {
		_, err := io.Copy(s, r)
		return err
	})
}

// Chunks answers with status 200 and the pieces that seq yields, each sent at once (Django: StreamingHttpResponse). seq runs
// on a worker after the Response hooks have run; it is stopped when the client leaves, and an error it yields cuts the
// connection. A piece is not used after seq went on.
func Chunks(c *pipeline.Ctx, contentType string, seq iter.Seq2[[]byte, error]) error {
	return c.Stream(200, contentType, -1, func(s *pipeline.Stream) error {
		for piece, err := range seq {
			if err != nil {
				return err
			}
			if _, err := s.Write(piece); err != nil {
				return err
			}
			if err := s.Flush(); err != nil {
				return err
			}
		}
		return nil
	})
}
