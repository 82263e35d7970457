package server

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// ended are the lines of an access log, with the bytes that the client's side had taken.
type ended struct {
	mu    sync.Mutex
	lines []string
	took  []time.Duration
	bytes []int64
}

func (l *ended) log(e *Entry) {
	_, whole := e.Ctx.Transport().(Carrier).Left()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf("%s %d %v", e.Target, e.Status, whole))
	l.took, l.bytes = append(l.took, e.Took()), append(l.bytes, e.Bytes)
}

// await returns the lines once there are n.
func (l *ended) await(t *testing.T, n int) []string {
	t.Helper()
	for range 6000 {
		l.mu.Lock()
		lines := l.lines
		l.mu.Unlock()
		if len(lines) >= n {
			return lines
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%d lines, want %d: %q", len(l.lines), n, l.lines)
	return nil
}

// endingApp answers with much or with little, on the reactor, on a worker, and as a stream.
func endingApp(much []byte, closed chan<- string) *pipeline.App {
	app := pipeline.New()
	answer := func(b []byte) pipeline.Handler {
		return func(c *pipeline.Ctx) error {
			path := strings.Clone(c.Path())
			if c.Head.HasQuery {
				c.OnClose(func() {
					carrier := c.Transport().(Carrier)
					_, whole := carrier.Left()
					closed <- fmt.Sprint(path, " ", c.Remote().Addr(), " ", carrier.Requests(), carrier.Number() > 0, whole, carrier.Connected().IsZero(),
						carrier.Place(), carrier.Preface(), c.Local().IsValid())
				})
			}
			return c.Static(200, "text/plain", b)
		}
	}
	app.Get("/little", answer([]byte("little")), pipeline.Inline)
	app.Get("/much", answer(much), pipeline.Inline)
	app.Get("/worker", answer(much))
	app.Get("/stream", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", int64(len(much)), func(s *pipeline.Stream) error {
			_, err := s.Write(much)
			return err
		})
	})
	app.Handle("POST /little", answer([]byte("little")), pipeline.Inline)
	return app
}

// get is the head of a request.
func get(target string) string { return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n" }

// A request is logged, and its OnClose called, when the client has taken the response, and not before. The next one waits.
func TestRequestEndsWhenItsResponseLeft(t *testing.T) {
	much := bytes.Repeat([]byte("x"), 16<<20)
	for _, target := range []string{"/much?", "/worker?", "/stream"} {
		var log ended
		closed := make(chan string, 10)
		_, addr := start(t, endingApp(much, closed), func(c *Config) { c.AccessLog = log.log })
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, get("/little")+get(target)+get("/little"))
		if lines := log.await(t, 1); lines[0] != "/little 200 true" {
			t.Errorf("%s: %q", target, lines)
		}
		const pause = time.Second
		time.Sleep(pause)
		select {
		case <-closed:
			t.Errorf("%s: closed while it was being sent", target)
		default:
		}
		if lines := log.await(t, 1); len(lines) > 1 {
			t.Errorf("%s: logged while it was being sent: %q", target, lines)
		}
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		n := 0
		for buf := make([]byte, 1<<20); n < len(much); {
			k, err := conn.Read(buf)
			if n += k; err != nil {
				t.Fatalf("%s: %d bytes, %v", target, n, err)
			}
		}
		path, asked := strings.CutSuffix(target, "?")
		if lines := log.await(t, 3); strings.Join(lines, "|") != "/little 200 true|"+target+" 200 true|/little 200 true" {
			t.Errorf("%s: %q", target, lines)
		}
		if log.took[1] < pause || log.took[2] > log.took[1] || log.bytes[1] != int64(len(much)) {
			t.Errorf("%s: took %v, %d bytes", target, log.took, log.bytes)
		}
		if asked {
			if got := <-closed; got != path+" 127.0.0.1 2 true true false <nil> <nil> true" {
				t.Errorf("closed %q", got)
			}
		}
		_ = conn.Close()
	}
}

// A function of OnClose that is called when its request has left the connection can neither write to that nor read from it, and the
// deadlines of the request do not hold for the next one.
func TestClosedElsewhere(t *testing.T) {
	much := bytes.Repeat([]byte("x"), 16<<20)
	app := pipeline.New()
	failed, goOn, began := make(chan string, 1), make(chan struct{}), make(chan struct{})
	app.Get("/much", func(c *pipeline.Ctx) error {
		c.OnClose(func() {
			_, read := c.Transport().ReadBody(c, make([]byte, 1))
			write := c.Transport().WriteBody(c, []byte("x"))
			_, _, hijack := c.Hijack()
			failed <- fmt.Sprint(read != nil, write != nil, hijack != nil, c.SetReadDeadline(time.Now()) != nil)
			<-goOn
		})
		_ = c.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
		return c.Static(200, "text/plain", much)
	})
	app.Handle("POST /next", func(c *pipeline.Ctx) error {
		close(began)
		body, err := io.ReadAll(c.BodyReader())
		if err != nil {
			return err
		}
		return c.Text(200, string(body))
	})
	_, addr := start(t, app)
	conn := dial(t, addr)
	_, _ = io.WriteString(conn, get("/much"))
	for n := 0; n < len(much); {
		k, err := conn.Read(make([]byte, 1<<20))
		if n += k; err != nil {
			t.Fatalf("%d bytes, %v", n, err)
		}
	}
	if got := <-failed; got != "true true true true" {
		t.Errorf("reading, writing, taking over and a deadline fail: %s", got)
	}
	_, _ = io.WriteString(conn, "POST /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\n")
	<-began
	time.Sleep(700 * time.Millisecond) // past the deadline
	_, _ = io.WriteString(conn, "ok")
	if all, err := io.ReadAll(conn); err != nil || !bytes.HasSuffix(all, []byte("\r\nok")) {
		t.Errorf("the next request: %q, %v", all[max(0, len(all)-200):], err)
	}
	close(goOn)
}

// A client that goes away ends the request: what it has not taken is not counted.
func TestRequestEndsWithItsClient(t *testing.T) {
	much := bytes.Repeat([]byte("x"), 16<<20)
	for _, target := range []string{"/much?", "/worker?", "/stream"} {
		var log ended
		closed := make(chan string, 10)
		_, addr := start(t, endingApp(much, closed), func(c *Config) { c.AccessLog = log.log })
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, get(target)+get("/little"))
		_, _ = io.ReadFull(conn, make([]byte, 1<<20))
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
		if lines := log.await(t, 1); len(lines) != 1 || lines[0] != target+" 200 false" {
			t.Errorf("%q", lines)
		}
		if n := log.bytes[0]; n < 1<<19 || n >= int64(len(much)) {
			t.Errorf("%s: %d bytes of %d", target, n, len(much))
		}
		if strings.HasSuffix(target, "?") {
			<-closed
		}
	}
}

// More pipelined requests than may wait, most in one read: each has its line, in order, and its own bytes.
func TestManyPipelinedAreLogged(t *testing.T) {
	var log ended
	_, addr := start(t, endingApp([]byte("much"), make(chan string, 1000)), func(c *Config) { c.AccessLog = log.log })
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	const n = 10*maxUnsent + 7
	want := make([]string, 0, n)
	text := ""
	for i := range n {
		switch target := []string{"/little", "/worker", "/much?", "/none"}[i%4]; target {
		case "/none":
			text, want = text+get("/none"), append(want, "/none 404 true")
		default:
			text, want = text+get(target), append(want, target+" 200 true")
		}
	}
	go func() { _, _ = io.WriteString(conn, text) }()
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	if got := log.await(t, n); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Requests that do not come to their end are logged without an answer.
func TestCutRequestsAreLogged(t *testing.T) {
	for _, test := range []struct{ sent, line string }{
		{"GET /li", " 400 false"}, {"GET /little HTTP/1.1\r\nHo", "/little 400 false"},
		{get("/little") + "POST /little HTTP/1.1\r\nContent-Le", "/little 200 true|/little 400 false"},
	} {
		var log ended
		_, addr := start(t, endingApp(nil, nil), func(c *Config) { c.AccessLog = log.log })
		_ = exchangeHalf(t, addr, test.sent)
		if got := strings.Join(log.await(t, strings.Count(test.line, "|")+1), "|"); got != test.line {
			t.Errorf("%q: %q, want %q", test.sent, got, test.line)
		}
	}
}

// exchangeHalf sends text, closes the sending side, and returns what comes back.
func exchangeHalf(t *testing.T, addr, text string) string {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, text)
	_ = conn.(*net.TCPConn).CloseWrite()
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	out, err := io.ReadAll(conn)
	if err != nil {
		t.Error(err)
	}
	return string(out)
}
