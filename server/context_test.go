package server

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// requestHook is a Request hook.
type requestHook func(*pipeline.Ctx) error

func (f requestHook) ProcessRequest(c *pipeline.Ctx) error { return f(c) }

// The context of a request is the same one on the reactor and on a worker, and ends when the client leaves wherever it was
// asked for first.
func TestContextOfTheReactorSeesTheClientLeave(t *testing.T) {
	app := pipeline.New()
	waiting, cause := make(chan bool, 1), make(chan error, 1)
	app.Use(requestHook(func(c *pipeline.Ctx) error { c.Context(); return nil }))
	app.Get("/wait", func(c *pipeline.Ctx) error {
		waiting <- true
		select {
		case <-c.Context().Done():
			cause <- context.Cause(c.Context())
		case <-time.After(time.Minute):
			cause <- errors.New("the context did not end")
		}
		return c.NoContent(204)
	})
	_, addr := start(t, app)
	c := dial(t, addr)
	_, _ = io.WriteString(c, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
	<-waiting
	_ = c.Close()
	if err := <-cause; !errors.Is(err, pipeline.ErrClientGone) {
		t.Error(err)
	}
}

// Contexts and deadlines leave nothing behind, whoever asked for them, and a goroutine that has one may outlive its request.
func TestContextsLeaveNoGoroutine(t *testing.T) {
	app := pipeline.New()
	var outlived atomic.Int32
	ask := func(c *pipeline.Ctx) error {
		ctx := c.Context()
		c.SetDeadline(time.Now().Add(time.Hour))
		later := c.Context()
		go func() {
			<-ctx.Done()
			<-later.Done()
			if errors.Is(context.Cause(ctx), context.Canceled) && errors.Is(later.Err(), context.Canceled) {
				outlived.Add(1)
			}
		}()
		return c.NoContent(204)
	}
	app.Get("/inline", ask, pipeline.Inline)
	app.Get("/worker", ask)
	_, addr := start(t, app, func(c *Config) { c.Workers = 2 })
	conn := dial(t, addr)
	r := bufio.NewReader(conn)
	before := runtime.NumGoroutine()
	const n = 5000
	for range n {
		for _, path := range []string{"/inline", "/worker"} {
			if err := ask204(conn, r, path); err != nil {
				t.Fatal(err)
			}
		}
	}
	left := func() bool { return runtime.NumGoroutine() > before+4 || outlived.Load() != 2*n }
	for end := time.Now().Add(time.Minute); left() && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if now := runtime.NumGoroutine(); now > before+4 || outlived.Load() != 2*n { // the workers are new
		t.Errorf("%d goroutines, %d before; %d contexts ended with their requests", now, before, outlived.Load())
	}
}

// ask204 asks for a path whose response has no body.
func ask204(conn net.Conn, r *bufio.Reader, path string) error {
	if _, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
		return err
	}
	res, err := http.ReadResponse(r, nil)
	if err == nil && res.StatusCode != 204 {
		err = errors.New(res.Status)
	}
	return err
}

// A stream that waits for its context ends with the deadline that a hook has set, and is seen to be cut; one that looks at
// Draining comes to its end when the server does.
func TestStreamsEndInTime(t *testing.T) {
	app := pipeline.New()
	app.Use(requestHook(func(c *pipeline.Ctx) error {
		if c.Query("deadline") != "" {
			c.SetDeadline(time.Now().Add(50 * time.Millisecond))
		}
		return nil
	}))
	app.Get("/stream", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			_, _ = s.Write([]byte("begun"))
			_ = s.Flush()
			select {
			case <-s.Ctx().Context().Done():
				return s.Ctx().Context().Err()
			case <-s.Ctx().Draining():
				return nil
			case <-time.After(time.Minute):
				return errors.New("nothing came")
			}
		})
	})
	app.Logger = slog.New(slog.DiscardHandler)
	srv, addr := start(t, app)
	if out := exchangeRaw(t, addr, "GET /stream?deadline=1 HTTP/1.1\r\nHost: a\r\n\r\n"); !strings.HasSuffix(out, "\r\n5\r\nbegun\r\n") {
		t.Errorf("with a deadline: %q", out)
	}
	conn := dial(t, addr)
	_, _ = io.WriteString(conn, "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
	begun := make([]byte, 64)
	_, _ = io.ReadFull(conn, begun)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if b, err := io.ReadAll(conn); !strings.HasSuffix(string(b), "begun\r\n0\r\n\r\n") || err != nil {
		t.Errorf("while draining: %q %v", b, err)
	}
}
