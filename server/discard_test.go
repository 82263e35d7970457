package server

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// unreading answers without reading what it is sent, in all ways of answering.
func unreading(answer []byte) *pipeline.App {
	app := pipeline.New()
	app.Use(requestHook(func(c *pipeline.Ctx) error { // on the reactor, and before the body is there
		if c.Path() == "/inline" {
			return c.Static(200, "text/plain", answer)
		}
		return nil
	}))
	app.Handle("/worker", func(c *pipeline.Ctx) error { return c.Static(200, "text/plain", answer) })
	app.Handle("/some", func(c *pipeline.Ctx) error {
		_, _ = io.ReadFull(c.BodyReader(), make([]byte, 3))
		return c.Static(200, "text/plain", answer)
	})
	app.Handle("/stream", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error { _, err := s.Write(answer); return err })
	})
	app.Handle("/duplex", func(c *pipeline.Ctx) error {
		_ = c.EnableFullDuplex()
		return c.Stream(200, "text/plain", int64(len(answer)), func(s *pipeline.Stream) error { _, err := s.Write(answer); return err })
	})
	app.Get("/next", func(c *pipeline.Ctx) error { return c.Text(200, "next") }, pipeline.Inline)
	return app
}

var unreadingPaths = []string{"/inline", "/worker", "/some", "/stream", "/duplex"}

// upload is a request with a body of n bytes, whose content looks like requests, head and body.
func upload(path string, n int, chunked bool) (head, body string) {
	content := strings.Repeat("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", n/35+1)[:n]
	if !chunked {
		return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", path, n), content
	}
	var b strings.Builder
	for at := 0; at < n; at += 5000 {
		piece := content[at:min(at+5000, n)]
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(piece), piece)
	}
	return "POST " + path + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b.String() + "0\r\nX-Trailer: t\r\n\r\n"
}

const lastRequest = "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

// The body that nobody reads is dropped, however long it is and whoever has answered, before the client has read the answer and behind
// that, and the request behind it is answered. A body of 40 MiB costs no memory.
func TestUnreadBodyIsDropped(t *testing.T) {
	for _, logged := range []bool{false, true} {
		_, addr := start(t, unreading([]byte("answer")), func(c *Config) {
			c.MaxBody = 1 << 30
			if logged {
				c.AccessLog = func(*Entry) {}
			}
		})
		for _, path := range unreadingPaths {
			for _, chunked := range []bool{false, true} {
				for _, n := range []int{4, 5000, 70 << 10, 300 << 10, 3 << 20} {
					head, body := upload(path, n, chunked)
					if out := exchangeRaw(t, addr, head+body+lastRequest); !answeredTwice(out) {
						t.Errorf("%s, %d bytes, chunked %v, logged %v: %q", path, n, chunked, logged, out)
					}
					if path == "/some" { // which waits for three bytes
						continue
					}
					conn := dial(t, addr)
					_, _ = io.WriteString(conn, head)
					first := readOne(t, conn)
					_, _ = io.WriteString(conn, body[:n/2])
					time.Sleep(time.Millisecond)
					_, _ = io.WriteString(conn, body[n/2:]+lastRequest)
					rest, err := io.ReadAll(conn)
					if out := first + string(rest); err != nil || !answeredTwice(out) {
						t.Errorf("%s, %d bytes behind the answer, chunked %v, logged %v: %q, %v", path, n, chunked, logged, out, err)
					}
				}
			}
		}
	}
}

// answeredTwice tells whether out are two answers, the connection having been kept behind the first.
func answeredTwice(out string) bool {
	return strings.Count(out, "HTTP/1.1 200 OK") == 2 && strings.Count(out, "HTTP/1.1 ") == 2 && strings.Count(out, "Connection: close") == 1 && strings.HasSuffix(out, "\r\n\r\nnext")
}

// readOne reads what an answer is with its content.
func readOne(t *testing.T, conn net.Conn) string {
	t.Helper()
	var seen bytes.Buffer
	res, err := http.ReadResponse(bufio.NewReader(io.TeeReader(conn, &seen)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	return seen.String()
}

// What is dropped is not kept.
func TestUnreadBodyCostsNoMemory(t *testing.T) {
	_, addr := start(t, unreading([]byte("answer")), func(c *Config) { c.MaxBody = 1 << 30 })
	piece := bytes.Repeat([]byte("x"), 64<<10)
	for _, path := range []string{"/inline", "/worker"} {
		conn := dial(t, addr)
		const n = 40 << 20
		_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", path, n)
		_ = readOne(t, conn)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range n / len(piece) {
			if _, err := conn.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		_, _ = io.WriteString(conn, lastRequest)
		if out, err := io.ReadAll(conn); err != nil || !bytes.HasSuffix(out, []byte("next")) {
			t.Errorf("%s: %q, %v", path, out, err)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > n/10 {
			t.Errorf("%s: %d bytes were allocated", path, got)
		}
	}
}

// A client that reads nothing before it has sent all of a long body gets a long answer all the same.
func TestClientSendsAllBeforeItReads(t *testing.T) {
	const n = 16 << 20 // more than the two sockets hold
	answer := bytes.Repeat([]byte("0123456789abcdef"), n/16)
	_, addr := start(t, unreading(answer), func(c *Config) { c.MaxBody = 1 << 30 })
	for _, path := range unreadingPaths {
		for _, chunked := range []bool{false, true} {
			if path == "/duplex" {
				continue // its handler has said that it reads meanwhile
			}
			head, body := upload(path, n, chunked)
			conn := dial(t, addr)
			if _, err := io.WriteString(conn, head+body+lastRequest); err != nil {
				t.Errorf("%s, chunked %v: %v", path, chunked, err)
				continue
			}
			in := bufio.NewReader(conn)
			for _, want := range []string{string(answer), "next"} {
				res, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatalf("%s, chunked %v: %v", path, chunked, err)
				}
				if got, err := io.ReadAll(res.Body); err != nil || string(got) != want {
					t.Fatalf("%s, chunked %v: %d bytes, %v", path, chunked, len(got), err)
				}
			}
		}
	}
}

// A client that stops, or goes on too long, does not keep its connection, nor does one that closes its side; what was answered is
// there all the same.
func TestUnreadBodyEnds(t *testing.T) {
	const long = time.Minute
	p := Settings{
		HTTP: http1.DefaultLimits(), MaxBody: 1 << 30, MaxRequests: 10, KeepAlive: long, HeaderTimeout: long, BodyTimeout: long, SendTimeout: long,
	}
	quick := p
	p.LingerTime, p.LingerTimeout = 500*time.Millisecond, long
	quick.LingerTime, quick.LingerTimeout = long, 200*time.Millisecond
	for name, test := range map[string]struct {
		policy *Policy
		then   func(net.Conn)
	}{
		"goes on": {p.Compile(), func(c net.Conn) {
			for _, err := c.Write([]byte("x")); err == nil; time.Sleep(10 * time.Millisecond) {
				_, err = c.Write([]byte("x"))
			}
		}},
		"stops":                {quick.Compile(), func(net.Conn) {}},
		"closes its side":      {p.Compile(), func(c net.Conn) { _ = c.(*net.TCPConn).CloseWrite() }},
		"its framing is wrong": {p.Compile(), func(c net.Conn) { _, _ = io.WriteString(c, "no chunk\r\n") }},
	} {
		srv, addr := start(t, unreading([]byte("answer")), func(c *Config) { c.Place = func(*loop.Conn) (any, *Policy) { return nil, test.policy } })
		for _, path := range []string{"/inline", "/worker", "/stream"} {
			framing := "Content-Length: 1000000\r\n\r\n"
			if strings.Contains(name, "framing") {
				framing = "Transfer-Encoding: chunked\r\n\r\n"
			}
			conn := dial(t, addr)
			_, _ = io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: a\r\n"+framing)
			if out := readOne(t, conn); !strings.Contains(out, "keep-alive") {
				t.Errorf("%s, %s: %q", name, path, out)
			}
			test.then(conn)
			if n, err := conn.Read(make([]byte, 1)); n > 0 || err == nil {
				t.Errorf("%s, %s: %d bytes, %v", name, path, n, err)
			} else if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
				t.Errorf("%s, %s: the connection stays", name, path)
			}
			_ = conn.Close()
		}
		until(t, "no connection", func() bool { s := srv.Stats(); return s.Opened == s.Closed })
	}
}

// Nobody knows whether a client that waits for 100 Continue sends its body behind another answer, nor where a body ends whose chunks
// were wrong or whose reader was too late: the connection ends.
func TestUnreadBodyThatMayNotCome(t *testing.T) {
	app := unreading([]byte("answer"))
	app.Post("/late", func(c *pipeline.Ctx) error {
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		_, _ = io.Copy(io.Discard, c.BodyReader())
		return c.Text(200, "late")
	})
	app.Post("/wrong", func(c *pipeline.Ctx) error {
		_, _ = io.Copy(io.Discard, c.BodyReader())
		return c.Text(200, "wrong")
	})
	_, addr := start(t, app)
	for _, test := range [][2]string{
		{"/inline", "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n"}, {"/worker", "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n"},
		{"/stream", "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"},
		{"/late", "Content-Length: 9000\r\n\r\nxx"}, {"/late", "Transfer-Encoding: chunked\r\n\r\n5\r\n12"}, {"/wrong", "Transfer-Encoding: chunked\r\n\r\nno\r\n"},
	} {
		conn := dial(t, addr)
		_, _ = io.WriteString(conn, "POST "+test[0]+" HTTP/1.1\r\nHost: a\r\n"+test[1])
		if out := readOne(t, conn); !strings.Contains(out, "Connection: close") || !strings.Contains(out, " 200 ") {
			t.Errorf("%q: %q", test, out)
		}
		_, _ = io.WriteString(conn, lastRequest)
		if out, _ := io.ReadAll(conn); len(out) > 0 {
			t.Errorf("%q: then %q", test, out)
		}
	}
}

// A worker's client that does not read has send_timeout, whatever it sends meanwhile; one that does not send has client_body_timeout.
func TestEachDirectionHasItsTime(t *testing.T) {
	const long, quick = time.Minute, 300 * time.Millisecond
	app := unreading(bytes.Repeat([]byte("x"), 16<<20))
	app.Post("/read", func(c *pipeline.Ctx) error {
		b, err := c.Body()
		if err != nil {
			return err
		}
		return c.Bytes(200, "text/plain", b)
	})
	_, addr := start(t, app, func(c *Config) {
		p := Settings{
			HTTP: http1.DefaultLimits(), MaxBody: 1 << 30, MaxRequests: 10, KeepAlive: long, HeaderTimeout: long, BodyTimeout: long, SendTimeout: quick,
		}.Compile()
		c.Place = func(*loop.Conn) (any, *Policy) { return nil, p }
		c.SendTimeout = quick
	})
	for _, path := range []string{"/inline", "/worker", "/stream"} {
		conn := dial(t, addr)
		_, err := io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
		for end := time.Now().Add(30 * time.Second); err == nil; time.Sleep(quick / 30) {
			if _, err = conn.Write([]byte("x")); time.Now().After(end) {
				t.Errorf("%s: the connection stays", path)
				break
			}
		}
	}
	conn := dial(t, addr)
	_, _ = io.WriteString(conn, "POST /read HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbo")
	time.Sleep(5 * quick)
	_, _ = io.WriteString(conn, "dy")
	if out, err := io.ReadAll(conn); err != nil || !bytes.HasSuffix(out, []byte("\r\n\r\nbody")) {
		t.Errorf("a slow body: %q, %v", out, err)
	}
}

// A stream that takes its connection over has it alone: nobody drops the body any more.
func TestHijackOfAStreamWithUnreadBody(t *testing.T) {
	app := pipeline.New()
	app.Post("/take", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			_, _ = s.Write([]byte("begun"))
			_ = s.Flush()
			conn, unread, err := c.Hijack()
			if err != nil {
				return err
			}
			defer func() { _ = conn.Close() }()
			rest, _ := io.ReadAll(conn)
			_, err = fmt.Fprintf(conn, "%d and no more", len(unread)+len(rest))
			return err
		})
	})
	_, addr := start(t, app)
	for range 20 {
		conn := dial(t, addr)
		_, _ = io.WriteString(conn, "POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"+strings.Repeat("x", 100000))
		_ = conn.(*net.TCPConn).CloseWrite()
		if out, err := io.ReadAll(conn); err != nil || !bytes.HasSuffix(out, []byte(" and no more")) || !bytes.Contains(out, []byte("begun")) {
			t.Errorf("%q, %v", out, err)
		}
	}
}
