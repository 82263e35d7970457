package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

const upgradeRequest = "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"

// echoLines answers every line with itself, as a WebSocket server would with messages.
func echoLines(conn net.Conn, unread []byte) {
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	r := bufio.NewReader(io.MultiReader(strings.NewReader(string(unread)), conn))
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		if _, err := io.WriteString(conn, "echo "+line); err != nil {
			return
		}
	}
}

// hijackApp has a handler that leaves its connection to a goroutine and one that stays with it.
func hijackApp() *pipeline.App {
	app := pipeline.New()
	app.Get("/echo", func(c *pipeline.Ctx) error {
		conn, unread, err := c.Hijack()
		if err == nil {
			go echoLines(conn, unread)
		}
		return err
	})
	app.Get("/stay", func(c *pipeline.Ctx) error {
		conn, unread, err := c.Hijack()
		if err == nil {
			echoLines(conn, unread)
		}
		return err
	})
	app.Get("/inline", func(c *pipeline.Ctx) error {
		_, _, err := c.Hijack()
		return c.Text(200, fmt.Sprint(errors.Is(err, pipeline.ErrNeedsWorker)))
	}, pipeline.Inline)
	app.Get("/plain", func(c *pipeline.Ctx) error { return c.Text(200, "plain") })
	return app
}

// talk opens an upgraded connection whose first line came with the request.
func talk(t testing.TB, addr, path string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c := dial(t, addr)
	_, _ = io.WriteString(c, strings.Replace(upgradeRequest, "/echo", path, 1)+"early\n")
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == "\r\n" {
			break
		}
	}
	if line, err := r.ReadString('\n'); line != "echo early\n" {
		t.Fatalf("input behind the request: %q %v", line, err)
	}
	return c, r
}

func say(c net.Conn, r *bufio.Reader, line string) error {
	if _, err := io.WriteString(c, line+"\n"); err != nil {
		return err
	}
	got, err := r.ReadString('\n')
	if err == nil && got != "echo "+line+"\n" {
		err = fmt.Errorf("got %q for %q", got, line)
	}
	return err
}

func TestHijack(t *testing.T) {
	_, addr := start(t, hijackApp())
	for _, path := range []string{"/echo", "/stay"} {
		c, r := talk(t, addr, path)
		for i := range 10 {
			if err := say(c, r, fmt.Sprint("line ", i)); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
		_ = c.Close()
	}
	if out := exchangeRaw(t, addr, "GET /inline HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"); !strings.HasSuffix(out, "true") {
		t.Errorf("inline: %q", out)
	}
}

// Descriptors are reused at once; no connection may ever see another's bytes.
func TestHijackAmongOthers(t *testing.T) {
	_, addr := start(t, hijackApp())
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 20 {
				c, r := talk(t, addr, []string{"/echo", "/stay"}[i%2])
				out := exchangeRaw(t, addr, "GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
				if !strings.HasSuffix(out, "\r\n\r\nplain") {
					t.Errorf("plain: %q", out)
				}
				if err := say(c, r, fmt.Sprint("worker ", w, " round ", i)); err != nil {
					t.Error(err)
				}
				_ = c.Close()
			}
		})
	}
	wg.Wait()
}

func TestShutdownDoesNotWaitForHijacked(t *testing.T) {
	s, addr := start(t, hijackApp())
	c, r := talk(t, addr, "/echo")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	if err := say(c, r, "still here"); err != nil {
		t.Error(err)
	}
}

// A half-read body, then silence: the deadline, not the server's own time-out, ends the wait.
func TestReadDeadline(t *testing.T) {
	app := pipeline.New()
	app.Post("/", func(c *pipeline.Ctx) error {
		_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		_, err := io.ReadAll(c.BodyReader())
		return c.Text(200, fmt.Sprint(errors.Is(err, os.ErrDeadlineExceeded)))
	})
	_, addr := start(t, app)
	out := exchangeRaw(t, addr, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
	if !strings.HasSuffix(out, "\r\n\r\ntrue") || !strings.Contains(out, "Connection: close\r\n") {
		t.Errorf("got %q", out)
	}
}

// A client that does not read: the stream's writer fails at the deadline; the next request's has none of it.
func TestWriteDeadline(t *testing.T) {
	app := pipeline.New()
	failed := make(chan error, 1)
	app.Get("/", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			_ = c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
			for {
				if _, err := s.Write(make([]byte, 64<<10)); err != nil {
					failed <- err
					return err
				}
			}
		})
	})
	_, addr := start(t, app)
	c := dial(t, addr)
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	select {
	case <-failed:
	case <-time.After(time.Minute):
		t.Error("the write still waits")
	}
}

// With full duplex a handler answers each piece of the body as it comes, and the client sends the next one only then.
func TestFullDuplex(t *testing.T) {
	app := pipeline.New()
	app.Post("/", func(c *pipeline.Ctx) error {
		if err := c.EnableFullDuplex(); err != nil {
			return err
		}
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			_ = s.Flush()
			p := make([]byte, 100)
			for {
				n, err := c.BodyReader().Read(p)
				if err == io.EOF {
					return nil
				}
				if err != nil {
					return err
				}
				_, _ = s.Write(p[:n])
				if err := s.Flush(); err != nil {
					return err
				}
			}
		})
	})
	_, addr := start(t, app)
	c := dial(t, addr)
	_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n")
	r := bufio.NewReader(c)
	for _, piece := range []string{"ab", "cd", "ef"} {
		_, _ = io.WriteString(c, piece)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if line == piece+"\r\n" {
				break
			}
		}
	}
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	rest, _ := io.ReadAll(r)
	if !strings.Contains(string(rest), "0\r\n\r\nHTTP/1.1 405 ") {
		t.Errorf("after the body: %q", rest)
	}
}
