package nethttp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/nethttp"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// onResponse is a middleware with a Response hook.
type onResponse func(c *pipeline.Ctx) error

func (f onResponse) ProcessResponse(c *pipeline.Ctx) error { return f(c) }

// onRequest is one with a Request hook.
type onRequest func(c *pipeline.Ctx) error

func (f onRequest) ProcessRequest(c *pipeline.Ctx) error { return f(c) }

func app(h http.HandlerFunc, mw ...pipeline.Middleware) *pipeline.App {
	a := quiet()
	a.Use(mw...)
	a.Handle("/", nethttp.Handler(h))
	return a
}

func fetch(t testing.TB, url string) (*http.Response, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

// The Response hooks come before the first byte, however early the handler writes.
func TestResponseHooksComeFirst(t *testing.T) {
	stamp := onResponse(func(c *pipeline.Ctx) error { return c.SetHeader("X-Hook", c.ResponseHeader("X-Handler")) })
	for _, size := range []int{0, 10, 2048, 2049, 100_000} {
		a := app(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Handler", "yes")
			_, _ = io.WriteString(w, strings.Repeat("x", size))
		}, stamp)
		res, body := fetch(t, "http://"+serve(t, a))
		if res.Header.Get("X-Hook") != "yes" || len(body) != size {
			t.Errorf("%d bytes: %v, %d", size, res.Header, len(body))
		}
	}
}

// A hook that answers instead of a handler which has begun to stream: the handler's writes fail, its context ends, and it
// is waited for.
func TestHookDropsTheStream(t *testing.T) {
	var wrote, waited error
	over := make(chan struct{})
	a := app(func(w http.ResponseWriter, r *http.Request) {
		defer close(over)
		_, _ = io.WriteString(w, "begun")
		wrote = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		waited = context.Cause(r.Context())
	}, onResponse(func(c *pipeline.Ctx) error { return c.Text(200, "instead") }))
	if _, body := fetch(t, "http://"+serve(t, a)); body != "instead" {
		t.Errorf("got %q", body)
	}
	<-over
	if wrote != pipeline.ErrClientGone || waited != pipeline.ErrClientGone {
		t.Errorf("write %v, context %v", wrote, waited)
	}
}

func TestRequestOfTheHandler(t *testing.T) {
	a := quiet()
	a.Use(onRequest(func(c *pipeline.Ctx) error {
		if c.PathView() == "/old/7" {
			c.SetPath("/items/7")
		}
		return c.SetHeader("X-Before", "hook")
	}))
	a.Handle("/items/{id}", nethttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := nethttp.FromContext(r.Context())
		_, _ = fmt.Fprintf(w, "%s %s %s %s %s %t", r.PathValue("id"), r.Pattern, r.URL.Path, r.RequestURI,
			w.Header().Get("X-Before"), c != nil && c.Path() == r.URL.Path)
	}))
	cl := pipelinetest.NewClient(t, a)
	cl.Get("/items/a%20b?x=1").AssertBody("a b /items/{id} /items/a b /items/a%20b?x=1 hook true").AssertHeader("X-Before", "hook")
	cl.Get("/old/7").AssertBody("7 /items/{id} /items/7 /old/7 hook true")
	cl.Get("/x/../items//9").AssertBody("9 /items/{id} /items/9 /x/../items//9 hook true")
}

func TestBodyLimit(t *testing.T) {
	read := make(chan error, 1)
	a := app(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		read <- err
	}, onRequest(func(c *pipeline.Ctx) error { c.SetBodyLimit(4); return nil }))
	ask(t, serve(t, a), "/", &exchangeCase{send: []string{chunked}})
	got := <-read
	var limit *http.MaxBytesError
	if !errors.As(got, &limit) || limit.Limit != 4 {
		t.Errorf("got %v", got)
	}
}

// A client that closes its socket, with a reset or without, ends the context of a handler that does nothing but wait.
func TestContextEndsWithTheClient(t *testing.T) {
	began, ended := make(chan struct{}, 1), make(chan error, 1)
	addr := serve(t, app(func(_ http.ResponseWriter, r *http.Request) {
		child, cancel := context.WithTimeout(r.Context(), time.Minute)
		defer cancel()
		began <- struct{}{}
		<-child.Done()
		ended <- context.Cause(child)
	}))
	for _, reset := range []bool{false, true} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(conn, getKeep, "/")
		<-began // a reset before would take the request along
		if reset {
			_ = conn.(*net.TCPConn).SetLinger(0)
		}
		_ = conn.Close()
		if err := <-ended; err != pipeline.ErrClientGone {
			t.Errorf("reset %t: %v", reset, err)
		}
	}
}

// The context that a handler leaves behind is over, whether it was looked at before or not.
func TestContextEndsWithTheHandler(t *testing.T) {
	var early, late context.Context
	ask := true
	a := app(func(_ http.ResponseWriter, r *http.Request) {
		if late = r.Context(); ask {
			early, ask = r.Context(), false
			_ = early.Done()
		}
	})
	pipelinetest.NewClient(t, a).Get("/").AssertStatus(200)
	pipelinetest.NewClient(t, a).Get("/").AssertStatus(200)
	for _, ctx := range []context.Context{early, late} {
		if ctx.Err() == nil || nethttp.FromContext(ctx) != nil {
			t.Errorf("%v %v", ctx.Err(), nethttp.FromContext(ctx))
		}
	}
}

// What outlives its handler is refused; it reaches no other request.
func TestWriterAfterReturn(t *testing.T) {
	var kept http.ResponseWriter
	var body io.Reader
	a := app(func(w http.ResponseWriter, r *http.Request) { kept, body = w, r.Body })
	pipelinetest.NewClient(t, a).Post("/", pipelinetest.Body("text/plain", "abc")).AssertStatus(200)
	kept.WriteHeader(500)
	if _, err := kept.Write([]byte("x")); err == nil {
		t.Error("written")
	}
	if _, err := body.Read(make([]byte, 1)); err != http.ErrBodyReadAfterClose {
		t.Error(err)
	}
	control := http.NewResponseController(kept)
	if _, _, err := control.Hijack(); err == nil {
		t.Error("hijacked")
	}
	if control.Flush() == nil || control.SetReadDeadline(time.Time{}) == nil || control.SetWriteDeadline(time.Time{}) == nil {
		t.Error("controlled")
	}
}

// Handlers that would end a process whose handlers were coroutines, or lose a goroutine of the pool.
func TestOddGoroutines(t *testing.T) {
	addr := serve(t, app(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/lock":
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			_, _ = io.WriteString(w, strings.Repeat("x", 10_000))
		case "/goexit":
			runtime.Goexit()
		case "/goexit-late":
			w.(http.Flusher).Flush()
			runtime.Goexit()
		}
	}))
	for range 3 {
		if _, body := fetch(t, "http://"+addr+"/lock"); len(body) != 10_000 {
			t.Errorf("%d bytes", len(body))
		}
		for _, path := range []string{"/goexit", "/goexit-late"} {
			res, err := http.Get("http://" + addr + path)
			if err == nil {
				_, err = io.ReadAll(res.Body)
				_ = res.Body.Close()
			}
			if err == nil {
				t.Errorf("%s: a whole response", path)
			}
		}
	}
}

// A panic reaches the Exception hooks, with the handler's own stack.
type onException func(c *pipeline.Ctx, err error) error

func (f onException) ProcessException(c *pipeline.Ctx, err error) error { return f(c, err) }

// frames are the names of a stack's functions.
func frames(pcs []uintptr) (names string) {
	for f := runtime.CallersFrames(pcs); ; {
		frame, more := f.Next()
		if names += frame.Function + "\n"; !more {
			return names
		}
	}
}

func boomHandler(http.ResponseWriter, *http.Request) { panic(errors.New("boom")) }

func TestPanicIsAnError(t *testing.T) {
	var got *pipeline.PanicError
	a := app(boomHandler, onException(func(c *pipeline.Ctx, err error) error {
		errors.As(err, &got)
		return c.Text(503, "sorry")
	}))
	pipelinetest.NewClient(t, a).Get("/").AssertStatus(503).AssertBody("sorry")
	if got == nil || !strings.Contains(frames(got.Stack), "boomHandler") || got.Unwrap().Error() != "boom" {
		t.Errorf("%v", got)
	}
}

// httputil.ReverseProxy flushes from a timer's goroutine, hijacks for upgrades and passes interim responses on.
func TestReverseProxy(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			conn, rw, _ := w.(http.Hijacker).Hijack()
			defer func() { _ = conn.Close() }()
			_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			_ = rw.Flush()
			_, _ = io.Copy(conn, rw)
			return
		}
		w.WriteHeader(103)
		body, _ := io.ReadAll(r.Body)
		for i := range 5 {
			_, _ = fmt.Fprintf(w, "%d;", i)
			w.(http.Flusher).Flush()
			time.Sleep(3 * time.Millisecond)
		}
		_, _ = w.Write(body)
	}))
	defer backend.Close()
	target, _ := url.Parse(backend.URL)
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		FlushInterval: time.Millisecond,
	}
	addr := serve(t, app(proxy.ServeHTTP))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				res, err := http.Post("http://"+addr+"/", "text/plain", strings.NewReader("body"))
				if err != nil {
					t.Error(err)
					return
				}
				b, err := io.ReadAll(res.Body)
				_ = res.Body.Close()
				if string(b) != "0;1;2;3;4;body" {
					t.Errorf("%q %v", b, err)
				}
			}
		})
	}
	wg.Wait()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	r := bufio.NewReader(conn)
	for line := ""; line != "\r\n"; {
		if line, err = r.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = io.WriteString(conn, "ping\n")
	if line, err := r.ReadString('\n'); line != "ping\n" {
		t.Errorf("%q %v", line, err)
	}
}

// Inline is no promise that a net/http handler could keep: it goes to a worker.
func TestInlineGoesToAWorker(t *testing.T) {
	a := quiet()
	a.Handle("/", nethttp.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(w, "here") }), pipeline.Inline)
	if _, body := fetch(t, "http://"+serve(t, a)); body != "here" {
		t.Errorf("got %q", body)
	}
}
