package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/endtest"
)

// allEndings answers on the reactor and on workers, with little and with much, whole, as streams, and not to the end.
func allEndings(e *endtest.Tally) *pipeline.App {
	app := pipeline.New()
	app.Logger = slog.New(slog.DiscardHandler)
	much := bytes.Repeat([]byte("x"), 300<<10)
	for name, opts := range map[string][]pipeline.RouteOption{"inline": {pipeline.Inline}, "worker": nil} {
		for size, b := range map[string][]byte{"little": []byte("little"), "much": much} {
			app.Handle("/"+name+"/"+size, func(c *pipeline.Ctx) error {
				e.Follow(c)
				return c.Static(200, "text/plain", b)
			}, opts...)
		}
		app.Handle("/"+name+"/abort", func(c *pipeline.Ctx) error {
			e.Follow(c)
			_ = c.Text(200, "never seen")
			pipeline.Abort()
			return nil
		}, opts...)
		app.Handle("/"+name+"/panic", func(c *pipeline.Ctx) error { e.Follow(c); panic("on purpose") }, opts...)
	}
	stream := func(length int64, do func(s *pipeline.Stream) error) pipeline.Handler {
		return func(c *pipeline.Ctx) error { e.Follow(c); return c.Stream(200, "text/plain", length, do) }
	}
	whole := func(s *pipeline.Stream) error { _, err := s.Write(much); return err }
	app.Handle("/worker/stream", stream(-1, whole))
	app.Handle("/worker/sized", stream(int64(len(much)), whole))
	app.Handle("/worker/fails", stream(-1, func(s *pipeline.Stream) error { _, _ = s.Write(much); return errors.New("on purpose") }))
	app.Handle("/worker/breaks", stream(-1, func(s *pipeline.Stream) error { _, _ = s.Write(much); panic("on purpose") }))
	app.Handle("/worker/body", func(c *pipeline.Ctx) error {
		e.Follow(c)
		_, _ = io.Copy(io.Discard, c.BodyReader())
		return c.Text(200, "read")
	})
	return app
}

var endingPaths = []string{
	"/inline/little", "/inline/much", "/inline/abort", "/inline/panic", "/worker/little", "/worker/much", "/worker/abort", "/worker/panic",
	"/worker/stream", "/worker/sized", "/worker/fails", "/worker/breaks", "/worker/body",
}

// endingClient asks for a few things at once, and leaves in one of the ways that clients leave.
func endingClient(addr, name string, rnd *rand.Rand) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	var text strings.Builder
	for i := range 1 + rnd.IntN(40) {
		path := endingPaths[rnd.IntN(len(endingPaths))]
		if rnd.IntN(3) > 0 {
			path = "/inline/" + []string{"little", "much"}[rnd.IntN(2)]
		}
		body := []string{"GET", "HEAD", "POST\r\nContent-Length: 5", "POST\r\nTransfer-Encoding: chunked", "POST\r\nContent-Length: 300000"}[rnd.IntN(5)]
		method, fields, _ := strings.Cut(body, "\r\n")
		fmt.Fprintf(&text, "%s %s?id=%s.%d HTTP/1.1\r\nHost: a\r\n", method, path, name, i)
		switch {
		case fields == "":
			text.WriteString("\r\n")
		case strings.HasSuffix(fields, "chunked"):
			text.WriteString(fields + "\r\n\r\n5\r\n12345\r\n0\r\n\r\n")
		case strings.HasSuffix(fields, " 5"):
			text.WriteString(fields + "\r\n\r\n12345")
		default:
			text.WriteString(fields + "\r\n\r\n" + strings.Repeat("y", 300000))
		}
	}
	all := text.String()
	all = all[:len(all)-rnd.IntN(2)*rnd.IntN(len(all))]
	tcp, sent := conn.(*net.TCPConn), make(chan struct{})
	go func() { _, _ = io.WriteString(conn, all); close(sent) }()
	switch rnd.IntN(4) {
	case 0: // reads everything
		go func() { <-sent; _ = tcp.CloseWrite() }()
		_, _ = io.Copy(io.Discard, conn)
	case 1: // reads some, and resets
		_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		_, _ = io.CopyN(io.Discard, conn, int64(rnd.IntN(1<<20)))
		_ = tcp.SetLinger(0)
	case 2: // resets without reading
		time.Sleep(time.Duration(rnd.IntN(20)) * time.Millisecond)
		_ = tcp.SetLinger(0)
	case 3: // closes its side at once, and reads a little
		_ = tcp.CloseWrite()
		_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		_, _ = io.CopyN(io.Discard, conn, int64(rnd.IntN(1<<20)))
	}
	return nil
}

// Whatever becomes of a request and of its client, its end is told once: to the functions of OnLeave and OnClose, and to the access
// log, and nothing of the server breaks.
func TestEveryRequestEndsOnce(t *testing.T) {
	e := endtest.New()
	srv, addr := start(t, allEndings(e), func(c *Config) {
		c.Reactors, c.Workers = 2, 4
		c.Log = slog.New(slog.NewTextHandler(e, nil))
		c.AccessLog = func(entry *Entry) { e.Logged(entry.Ctx) }
	})
	n := 300
	if testing.Short() {
		n = 40
	}
	var all sync.WaitGroup
	for k := range 6 {
		all.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(k), 1))
			for i := range n / 6 {
				if err := endingClient(addr, fmt.Sprintf("%d.%d", k, i), rnd); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	until(t, "no connection", func() bool { s := srv.Stats(); return s.Opened == s.Closed })
	_ = srv.Shutdown(t.Context())
	e.Once(t)
	if s := e.Text(); strings.Contains(s, "panic in a connection's callback") || strings.Contains(s, "panic on a worker") && !strings.Contains(s, "on purpose") {
		t.Errorf("%.3000s", s)
	}
}

// A client that has reset its connection while the unread body of its request is still to be dropped costs that connection and no
// more: nothing of the request is looked at behind its end.
func TestResetBeforeBodyIsDropped(t *testing.T) {
	e := endtest.New()
	app := allEndings(e)
	held, release := make(chan struct{}), make(chan struct{})
	almost := bytes.Repeat([]byte("x"), loop.HighWater-200)
	app.Get("/almost", func(c *pipeline.Ctx) error { e.Follow(c); return c.Static(200, "text/plain", almost) }, pipeline.Inline)
	app.Get("/hold", func(c *pipeline.Ctx) error { close(held); <-release; return c.Text(200, "held") }, pipeline.Inline)
	srv, addr := start(t, app, func(c *Config) {
		c.Reactors, c.SlowInline = 1, -1
		c.Log = slog.New(slog.NewTextHandler(e, nil))
		c.AccessLog = func(entry *Entry) { e.Logged(entry.Ctx) }
	})
	dial := func() *net.TCPConn {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		return conn.(*net.TCPConn)
	}
	client, holder := dial(), dial()
	defer func() { _ = holder.Close() }()
	_, _ = io.WriteString(holder, get("/hold"))
	<-held // the reactor sees what follows when it is all there
	_, _ = io.WriteString(client, get("/almost?id=1")+"POST /none?id=2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12")
	_ = client.SetLinger(0)
	_ = client.Close()
	close(release)
	until(t, "one connection", func() bool { s := srv.Stats(); return s.Opened == s.Closed+1 })
	_, _ = io.WriteString(holder, "GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	_, _ = io.Copy(io.Discard, holder) // the event of the client is over
	if got := e.Told("1"); got != [3]int{1, 1, 1} {
		t.Errorf("ends told %v", got)
	}
	if got := e.Told("2"); got[2] != 1 {
		t.Errorf("the second request: ends told %v", got)
	}
	if s := e.Text(); s != "" {
		t.Errorf("%.2000s", s)
	}
}

// A handler that takes its connection over and then gives its request up has come to its end as well.
func TestAbortedHijackEndsOnce(t *testing.T) {
	e := endtest.New()
	app := pipeline.New()
	app.Get("/take", func(c *pipeline.Ctx) error {
		e.Follow(c)
		conn, _, err := c.Hijack()
		if err != nil {
			return err
		}
		_, _ = io.WriteString(conn, "taken")
		_ = conn.Close()
		pipeline.Abort()
		return nil
	})
	_, addr := start(t, app, func(c *Config) {
		c.AccessLog = func(entry *Entry) { e.Logged(entry.Ctx) }
	})
	if got := exchangeHalf(t, addr, get("/take?id=1")); got != "taken" {
		t.Errorf("%q", got)
	}
	until(t, "an end of the request", func() bool { return e.Told("1") == [3]int{1, 1, 1} })
}
