package server

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// A handler that flushes and then waits for something else leaves nothing behind which nobody sends, however full the socket was.
func TestFlushLeavesNothing(t *testing.T) {
	app := pipeline.New()
	const piece, pieces = 16 << 10, 1024 // less than a window each; together more than the sockets hold
	var flushed atomic.Int64
	app.Get("/", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			for range pieces {
				_, _ = s.Write(make([]byte, piece))
				if err := s.Flush(); err != nil {
					return err
				}
				if left := c.Transport().(*exchange).conn.Queued(); left > 0 {
					t.Errorf("flush %d left %d bytes", flushed.Load(), left)
					return errors.New("left")
				}
				flushed.Add(1)
			}
			return nil
		})
	})
	_, addr := start(t, app)
	c := dial(t, addr)
	_ = c.(*net.TCPConn).SetReadBuffer(64 << 10)
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	for before := int64(-1); before != flushed.Load() || before == 0; time.Sleep(100 * time.Millisecond) { // until the sockets are full
		before = flushed.Load()
	}
	if n, err := io.Copy(io.Discard, c); err != nil || n < piece*pieces {
		t.Errorf("read %d bytes, %v", n, err)
	}
}
