package server

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// start runs a server on a free loopback port until the test ends.
func start(t testing.TB, app *pipeline.App, change ...func(*Config)) (*Server, string) {
	t.Helper()
	cfg := Config{Listen: []string{"127.0.0.1:0"}, App: app, Reactors: 1, Log: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
	return s, s.Addrs()[0]
}

// until waits for what has to come true, however slow the machine is.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// exchangeRaw sends raw bytes in the given pieces and returns all that comes back until the server closes. The rests make it
// likely that pieces arrive apart; no test may need that they do.
func exchangeRaw(t testing.TB, addr string, pieces ...string) string {
	t.Helper()
	c := dial(t, addr)
	for _, p := range pieces {
		if _, err := c.Write([]byte(p)); err != nil {
			break // the server may have refused already
		}
		if len(pieces) > 1 {
			time.Sleep(time.Millisecond)
		}
	}
	b, _ := io.ReadAll(c)
	return string(b)
}

func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	return c
}

// testApp has a route for each way of answering, inline and on a worker.
func testApp() *pipeline.App {
	app := pipeline.New()
	echo := func(c *pipeline.Ctx) error {
		b, err := c.Body()
		if err != nil {
			return err
		}
		return c.Bytes(200, "text/plain", b)
	}
	hello := func(c *pipeline.Ctx) error { return c.Text(200, "hello") }
	app.Get("/inline", hello, pipeline.Inline)
	app.Get("/worker", hello)
	app.Handle("/echo/inline", echo, pipeline.Inline)
	app.Handle("/echo/worker", echo)
	app.Get("/param/{name}", func(c *pipeline.Ctx) error { return c.Text(200, c.Param("name")) }, pipeline.Inline)
	app.Get("/panic/inline", func(*pipeline.Ctx) error { panic("boom") }, pipeline.Inline)
	app.Get("/panic/worker", func(*pipeline.Ctx) error { panic("boom") })
	app.Get("/abort", func(*pipeline.Ctx) error { pipeline.Abort(); return nil })
	app.Get("/stream/{n}", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			for i := range 3 {
				if _, err := fmt.Fprintf(s, "part %d;", i); err != nil {
					return err
				}
				if err := s.Flush(); err != nil {
					return err
				}
			}
			return nil
		})
	})
	app.Get("/cutstream", func(c *pipeline.Ctx) error {
		length := int64(-1)
		if c.Query("length") != "" {
			length = 10
		}
		return c.Stream(200, "text/plain", length, func(s *pipeline.Stream) error {
			if c.Query("empty") == "" {
				_, _ = s.Write([]byte("begun"))
			}
			if c.Query("flush") != "" {
				_ = s.Flush()
			}
			return pipeline.ErrBadRequest
		})
	})
	return app
}

func TestAnswers(t *testing.T) {
	_, addr := start(t, testApp())
	for _, c := range []struct{ name, in, status, body string }{
		{"inline", "GET /inline HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "200", "hello"},
		{"worker", "GET /worker HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "200", "hello"},
		{"HTTP/1.0", "GET /inline HTTP/1.0\r\n\r\n", "200", "hello"},
		{"parameter", "GET /param/x%20y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "200", "x y"},
		{"HEAD", "HEAD /inline HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "200", ""},
		{"no route", "GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "404", "<html>"},
		{"wrong method", "POST /inline HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "405", "<html>"},
		{"panic inline", "GET /panic/inline HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "500", "<html>"},
		{"panic on a worker", "GET /panic/worker HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "500", "<html>"},
		{"body inline", "POST /echo/inline HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcde", "200", "abcde"},
		{"body on a worker", "POST /echo/worker HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcde", "200", "abcde"},
		{"chunked inline", "POST /echo/inline HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "200", "abcde"},
		{"chunked on a worker", "POST /echo/worker HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "200", "abcde"},
		{"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "405", "<html>"},
		{"bad request", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400", "<html>"},
		{"long target", "GET /" + strings.Repeat("a", 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n", "414", "<html>"},
		{"body too large", "POST /echo/inline HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n", "413", "<html>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			pieces := [][]string{{c.in}}
			if len(c.in) < 300 {
				pieces = append(pieces, strings.Split(c.in, "")) // byte by byte
			}
			for _, p := range pieces {
				out := exchangeRaw(t, addr, p...)
				head, body, _ := strings.Cut(out, "\r\n\r\n")
				if !strings.HasPrefix(head, "HTTP/1.1 "+c.status+" ") || !strings.HasPrefix(body, c.body) || (c.body == "") != (body == "") {
					t.Errorf("in %d pieces: got %q", len(p), out)
				}
				if !strings.Contains(head, "\r\nDate: ") {
					t.Errorf("no Date in %q", head)
				}
			}
		})
	}
}

func TestPipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	_, addr := start(t, testApp())
	var in strings.Builder
	const n = 200
	for i := range n {
		where := []string{"param", "stream"}[i%2]
		fmt.Fprintf(&in, "GET /%s/%d HTTP/1.1\r\nHost: a\r\n\r\n", where, i)
	}
	c := dial(t, addr)
	go func() { _, _ = c.Write([]byte(in.String())) }()
	r := bufio.NewReader(c)
	for i := range n {
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("response %d: %v", i, err)
		}
		b, err := io.ReadAll(res.Body)
		want := fmt.Sprint(i)
		if i%2 == 1 {
			want = "part 0;part 1;part 2;"
		}
		if err != nil || string(b) != want {
			t.Fatalf("response %d: %q, %v", i, b, err)
		}
	}
}

func TestContinueIsSentOnlyWhenTheBodyIsWanted(t *testing.T) {
	_, addr := start(t, testApp())
	for _, path := range []string{"/echo/inline", "/echo/worker"} {
		c := dial(t, addr)
		fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n", path)
		line := make([]byte, 25)
		if _, err := io.ReadFull(c, line); err != nil || string(line) != "HTTP/1.1 100 Continue\r\n\r\n" {
			t.Fatalf("%s: %q %v", path, line, err)
		}
		_, _ = c.Write([]byte("abc"))
		if b, _ := io.ReadAll(c); !bytes.HasSuffix(b, []byte("\r\n\r\nabc")) {
			t.Errorf("%s: %q", path, b)
		}
	}
	out := exchangeRaw(t, addr, "POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
	if !strings.HasPrefix(out, "HTTP/1.1 404 ") {
		t.Errorf("without a route: %q", out)
	}
}

func TestStreamThatFailsIsCut(t *testing.T) {
	_, addr := start(t, testApp())
	for query, want := range map[string]string{
		"":                  "\r\n\r\n5\r\nbegun\r\n",
		"?flush=1":          "\r\n\r\n5\r\nbegun\r\n",
		"?empty=1":          "\r\n\r\n",
		"?length=1":         "Content-Length: 10\r\nConnection: keep-alive\r\n\r\nbegun",
		"?length=1&flush=1": "Content-Length: 10\r\nConnection: keep-alive\r\n\r\nbegun",
	} {
		out := exchangeRaw(t, addr, "GET /cutstream"+query+" HTTP/1.1\r\nHost: a\r\n\r\n")
		if !strings.HasSuffix(out, want) {
			t.Errorf("%s: got %q", query, out)
		}
	}
	c := dial(t, addr) // where the end of the connection is the end of the body, only a reset tells
	_, _ = c.Write([]byte("GET /cutstream?flush=1 HTTP/1.0\r\n\r\n"))
	if b, err := io.ReadAll(c); err == nil || !strings.HasSuffix(string(b), "\r\n\r\nbegun") {
		t.Errorf("HTTP/1.0: %q, %v; want what was sent, and a reset", b, err)
	}
	if out := exchangeRaw(t, addr, "GET /abort HTTP/1.1\r\nHost: a\r\n\r\n"); out != "" {
		t.Errorf("after Abort: %q", out)
	}
}

// The function of a stream that answers with something else breaks its response off; it does not send one in another's frame.
func TestStreamThatAnswersIsCut(t *testing.T) {
	app := testApp()
	app.Get("/changed/{n}", func(c *pipeline.Ctx) error {
		length, _ := strconv.ParseInt(c.Param("n"), 10, 64)
		return c.Stream(200, "text/plain", length, func(s *pipeline.Stream) error {
			if c.Query("begun") != "" {
				_, _ = s.Write([]byte("begun"))
			}
			_ = c.Text(500, "a text of 23 characters")
			if c.Query("go on") != "" {
				_, err := s.Write([]byte("more"))
				return err
			}
			return nil
		})
	})
	_, addr := start(t, app)
	for _, path := range []string{"/changed/-1", "/changed/-1?begun=1", "/changed/-1?go+on=1", "/changed/50", "/changed/50?begun=1", "/changed/50?go+on=1"} {
		out := exchangeRaw(t, addr, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\nGET /inline HTTP/1.1\r\nHost: a\r\n\r\n")
		res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(out)), nil)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if b, err := io.ReadAll(res.Body); err == nil {
			t.Errorf("%s: %q looks complete in %q", path, b, out)
		}
	}
}

// Where a body ends is said once, and by the server, whatever fields an application sets.
func TestFramingIsTheServers(t *testing.T) {
	app := testApp()
	app.Use(hook(func(c *pipeline.Ctx) error {
		_ = c.SetHeader("content-length", "3")
		return c.SetHeader("Transfer-encoding", "chunked")
	}))
	_, addr := start(t, app)
	for path, body := range map[string]string{"/inline": "hello", "/worker": "hello", "/stream/1": "part 0;part 1;part 2;"} {
		out := exchangeRaw(t, addr, "GET "+path+" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		head, _, _ := strings.Cut(strings.ToLower(out), "\r\n\r\n")
		if n := strings.Count(head, "content-length:") + strings.Count(head, "transfer-encoding:"); n != 1 {
			t.Errorf("%s: %q", path, out)
		}
		res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(out)), nil)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if b, err := io.ReadAll(res.Body); string(b) != body || err != nil {
			t.Errorf("%s: %q %v", path, b, err)
		}
	}
}

func TestHalfCloseStillGetsItsAnswer(t *testing.T) {
	_, addr := start(t, testApp())
	for _, path := range []string{"/inline", "/worker"} {
		c := dial(t, addr)
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path)
		_ = c.(*net.TCPConn).CloseWrite()
		if b, _ := io.ReadAll(c); !bytes.HasSuffix(b, []byte("hello")) {
			t.Errorf("%s: %q", path, b)
		}
	}
}

func TestHeaderTimeout(t *testing.T) {
	_, addr := start(t, testApp(), func(c *Config) { c.HeaderTimeout = 200 * time.Millisecond })
	out := exchangeRaw(t, addr, "GET / HTTP/1.1\r\nHos")
	if !strings.HasPrefix(out, "HTTP/1.1 408 ") {
		t.Errorf("got %q", out)
	}
}

func TestKeepAliveTimeout(t *testing.T) {
	_, addr := start(t, testApp(), func(c *Config) { c.KeepAlive = 300 * time.Millisecond })
	for _, path := range []string{"/inline", "/worker"} {
		out := exchangeRaw(t, addr, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n")
		if !strings.HasSuffix(out, "hello") || !strings.Contains(out, "keep-alive") {
			t.Errorf("%s: %q", path, out)
		}
	}
}

func TestSaturatedWorkersAnswer503(t *testing.T) {
	app := pipeline.New()
	hold := make(chan struct{})
	app.Get("/", func(c *pipeline.Ctx) error { <-hold; return c.Text(200, "ok") })
	s, addr := start(t, app, func(c *Config) { c.Workers, c.Queue = 1, 1 })
	var conns []net.Conn
	for i := range int64(2) {
		c := dial(t, addr)
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		conns = append(conns, c)
		until(t, "a worker has the request or it waits for one", func() bool { return s.Load().Busy == i+1 })
	}
	out := exchangeRaw(t, addr, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	if !strings.HasPrefix(out, "HTTP/1.1 503 ") || !strings.Contains(out, "Retry-After: 1\r\n") {
		t.Errorf("got %q", out)
	}
	close(hold)
	for _, c := range conns {
		if b, _ := io.ReadAll(c); !bytes.HasSuffix(b, []byte("ok")) {
			t.Errorf("held request got %q", b)
		}
	}
}

func TestClientGoneEndsTheContext(t *testing.T) {
	app := pipeline.New()
	began, ended := make(chan struct{}), make(chan error, 1)
	app.Get("/", func(c *pipeline.Ctx) error {
		ctx := c.Context()
		close(began)
		select {
		case <-ctx.Done():
			ended <- context.Cause(ctx)
		case <-time.After(time.Minute):
			ended <- nil
		}
		return c.NoContent(204)
	})
	_, addr := start(t, app)
	c := dial(t, addr)
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	<-began // a reset throws away what was not read yet
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
	if err := <-ended; err != pipeline.ErrClientGone {
		t.Errorf("context ended with %v", err)
	}
}

func TestSlowReaderHoldsTheStreamBack(t *testing.T) {
	app := pipeline.New()
	var wrote atomic.Int64
	app.Get("/", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			p := make([]byte, 64<<10)
			for range 1024 {
				n, err := s.Write(p)
				wrote.Add(int64(n))
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
	_, addr := start(t, app)
	c := dial(t, addr)
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	until(t, "the stream has begun", func() bool { return wrote.Load() > 0 })
	time.Sleep(300 * time.Millisecond) // time enough to write it all, were it not held back
	if n := wrote.Load(); n >= 64<<20 {
		t.Errorf("64 MiB were taken from the handler while the client read nothing")
	}
	n, err := io.Copy(io.Discard, c)
	if err != nil || n < 64<<20 {
		t.Errorf("read %d bytes, %v", n, err)
	}
}

func TestShutdownAnswersWhatIsInFlight(t *testing.T) {
	app := pipeline.New()
	began := make(chan struct{})
	app.Get("/", func(c *pipeline.Ctx) error {
		close(began)
		time.Sleep(200 * time.Millisecond)
		return c.Text(200, "done")
	})
	s, addr := start(t, app)
	c := dial(t, addr)
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	<-began
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if b, _ := io.ReadAll(c); !bytes.HasSuffix(b, []byte("done")) {
		t.Errorf("got %q", b)
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("the port is still open")
	}
}

// What a worker sees of the path and its parameters is its own: the reactor reads the next requests into the buffer that
// the head lay in.
func TestParametersOutliveTheReadBuffer(t *testing.T) {
	app := pipeline.New()
	began, overwritten := make(chan struct{}), make(chan struct{})
	app.Get("/slow/{name}", func(c *pipeline.Ctx) error {
		close(began)
		<-overwritten
		return c.Text(200, c.Param("name")+" "+c.Path()+" "+c.Header("X-Y"))
	})
	app.Get("/fast", func(c *pipeline.Ctx) error { return c.Text(200, "ok") }, pipeline.Inline)
	_, addr := start(t, app)
	slow := dial(t, addr)
	_, _ = io.WriteString(slow, "GET /slow/parameter HTTP/1.1\r\nHost: a\r\nX-Y: field\r\nConnection: close\r\n\r\n")
	<-began
	for range 10 {
		exchangeRaw(t, addr, "GET /fast HTTP/1.1\r\nHost: "+strings.Repeat("z", 100)+"\r\nConnection: close\r\n\r\n")
	}
	close(overwritten)
	if b, _ := io.ReadAll(slow); !bytes.HasSuffix(b, []byte("parameter /slow/parameter field")) {
		t.Errorf("got %q", b)
	}
}

// A handler may use the same memory for every response: pipelined ones leave together, after it was written over.
func TestResponsesDoNotShareTheHandlersMemory(t *testing.T) {
	app := pipeline.New()
	shared := make([]byte, 20000)
	answer := func(c *pipeline.Ctx) error {
		for i := range shared {
			shared[i] = c.PathBytes()[len("/inline/")]
		}
		return c.Bytes(200, "text/plain", shared)
	}
	app.Get("/inline/{x}", answer, pipeline.Inline)
	app.Get("/worker/{x}", answer)
	_, addr := start(t, app)
	for _, where := range []string{"inline", "worker"} {
		var in strings.Builder
		for _, x := range "abcdefgh" {
			fmt.Fprintf(&in, "GET /%s/%c HTTP/1.1\r\nHost: a\r\n\r\n", where, x)
		}
		c := dial(t, addr)
		_, _ = io.WriteString(c, in.String())
		r := bufio.NewReader(c)
		for _, x := range "abcdefgh" {
			res, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(res.Body)
			if err != nil || len(b) != len(shared) || strings.Trim(string(b), string(x)) != "" {
				t.Errorf("%s/%c: %d bytes, %v", where, x, len(b), err)
			}
		}
	}
}

// lines is a log that tests can read.
type lines struct{ ch chan string }

func (l lines) Write(p []byte) (int, error) {
	select {
	case l.ch <- string(p):
	default:
	}
	return len(p), nil
}

func TestSlowInlineHandlerIsNamedOnce(t *testing.T) {
	app := pipeline.New()
	const often = time.Second
	log := lines{make(chan string, 10)}
	app.Get("/slow", func(c *pipeline.Ctx) error { // until it is named, and for two looks more
		select {
		case line := <-log.ch:
			if !strings.Contains(line, `route="GET /slow"`) {
				t.Errorf("got %s", line)
			}
		case <-time.After(time.Minute):
			t.Error("it was not named")
		}
		time.Sleep(5 * often / 2)
		return c.NoContent(204)
	}, pipeline.Inline)
	app.Get("/worker", func(c *pipeline.Ctx) error { time.Sleep(5 * often / 2); return c.NoContent(204) })
	app.Get("/panic", func(*pipeline.Ctx) error { panic("left without a word") }, pipeline.Inline)
	app.Logger = slog.New(slog.DiscardHandler)
	_, addr := start(t, app, func(c *Config) {
		c.SlowInline, c.Log = often, slog.New(slog.NewTextHandler(log, nil))
	})
	for _, path := range []string{"/worker", "/panic", "/slow"} {
		exchangeRaw(t, addr, "GET "+path+" HTTP/1.0\r\n\r\n")
	}
	if len(log.ch) > 0 {
		t.Errorf("more than one warning: %s", <-log.ch)
	}
}

func TestContextEndsWithDeadlineAndShutdown(t *testing.T) {
	app := pipeline.New()
	causes, ready := make(chan error, 2), make(chan struct{})
	app.Get("/deadline", func(c *pipeline.Ctx) error {
		c.SetDeadline(time.Now().Add(10 * time.Millisecond))
		<-c.Context().Done()
		causes <- context.Cause(c.Context())
		return c.NoContent(204)
	})
	app.Get("/forever", func(c *pipeline.Ctx) error {
		close(ready)
		<-c.Draining()
		<-c.Context().Done()
		causes <- context.Cause(c.Context())
		return c.NoContent(204)
	})
	s, addr := start(t, app)
	exchangeRaw(t, addr, "GET /deadline HTTP/1.0\r\n\r\n")
	if err := <-causes; err != context.DeadlineExceeded {
		t.Errorf("deadline: %v", err)
	}
	c := dial(t, addr)
	_, _ = c.Write([]byte("GET /forever HTTP/1.0\r\n\r\n"))
	<-ready
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); err == nil {
		t.Error("the shutdown says that everything has finished")
	}
	if err := <-causes; err != pipeline.ErrShutdown && err != pipeline.ErrClientGone {
		t.Errorf("shutdown: %v", err)
	}
}
