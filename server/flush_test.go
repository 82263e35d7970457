//go:build linux

package server

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/loop"
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

// What was answered before a request that a worker has leaves although that waits for its client, who waits for the answer.
func TestAnswerBeforeAWorkerLeaves(t *testing.T) {
	app := pipeline.New()
	body := strings.Repeat("x", 100<<10) // more than the sockets hold, little enough for the next request to begin
	app.Get("/first", func(c *pipeline.Ctx) error { return c.Text(200, body) }, pipeline.Inline)
	app.Post("/second", func(c *pipeline.Ctx) error {
		b, err := c.Body()
		if err != nil {
			return err
		}
		return c.Text(200, string(b))
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if err := unix.SetsockoptInt(int(file.Fd()), unix.SOL_SOCKET, unix.SO_SNDBUF, 4096); err != nil { // handed on to connections
		t.Fatal(err)
	}
	addr := l.Addr().String()
	start(t, app, func(c *Config) { c.Listen, c.Specs = nil, []loop.ListenSpec{{Addr: addr, File: file}} })
	for _, expect := range []string{"", "Expect: 100-continue\r\n"} {
		c := dial(t, addr)
		_ = c.(*net.TCPConn).SetReadBuffer(4096)
		_, _ = io.WriteString(c, "GET /first HTTP/1.1\r\nHost: a\r\n\r\nPOST /second HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"+expect+"\r\n")
		r := bufio.NewReader(c)
		if got := answer(t, r); got != body {
			t.Fatalf("%sthe first answer has %d bytes", expect, len(got))
		}
		_, _ = io.WriteString(c, "abc")
		if got := answer(t, r); got != "abc" {
			t.Errorf("%sthe second answer is %q", expect, got)
		}
	}
}

// answer reads the body of the next answer.
func answer(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	res, err := http.ReadResponse(r, nil)
	for err == nil && res.StatusCode == 100 {
		res, err = http.ReadResponse(r, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	return string(b)
}
