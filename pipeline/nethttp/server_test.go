package nethttp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/nethttp"
)

// shop is an application with every way of answering.
func shop(t testing.TB) *pipeline.App {
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte(strings.Repeat("file ", 20_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	a := quiet()
	a.Use(onResponse(func(c *pipeline.Ctx) error { return c.AddHeader("X-Hook", "yes") }))
	a.Get("/text", func(c *pipeline.Ctx) error { return c.Text(200, "text") }, pipeline.Inline)
	a.Get("/untyped", func(c *pipeline.Ctx) error { return c.Bytes(200, "", []byte("<html>")) })
	a.Get("/param/{name}", func(c *pipeline.Ctx) error { return c.Text(200, c.Param("name")+"|"+c.Query("q")) })
	a.Get("/cookies", func(c *pipeline.Ctx) error {
		_ = c.AddHeader("Set-Cookie", "a=1")
		_ = c.AddHeader("Set-Cookie", "b=2")
		return c.Redirect(302, "/text")
	})
	a.Get("/empty", func(c *pipeline.Ctx) error { return c.NoContent(204) })
	a.Get("/unchanged", func(c *pipeline.Ctx) error { return c.NoContent(304) })
	a.Get("/file", func(c *pipeline.Ctx) error { return c.SendFile("text/plain", file) })
	a.Get("/stream", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			for i := range 3 {
				_, _ = fmt.Fprintf(s, "%d;", i)
				if err := s.Flush(); err != nil {
					return err
				}
			}
			return nil
		})
	})
	a.Get("/sized", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", 5, func(s *pipeline.Stream) error { _, err := io.WriteString(s, "12345"); return err })
	})
	a.Get("/cut", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", 5, func(s *pipeline.Stream) error {
			_, _ = io.WriteString(s, "12")
			_ = s.Flush()
			return errors.New("no more")
		})
	})
	a.Get("/early", func(c *pipeline.Ctx) error {
		_ = c.SetHeader("Link", "</x>")
		_ = c.Transport().Interim(c, 103)
		c.DelHeader("Link")
		return c.Text(200, "late")
	})
	a.Post("/echo", func(c *pipeline.Ctx) error {
		b, err := c.Body()
		if err != nil {
			return err
		}
		return c.Bytes(200, "text/plain", b)
	})
	a.Get("/last", func(c *pipeline.Ctx) error { c.CloseAfter(); return c.Text(200, "last") })
	a.Get("/abort", func(*pipeline.Ctx) error { pipeline.Abort(); return nil })
	a.Get("/panic", func(*pipeline.Ctx) error { panic("boom") })
	a.Get("/upgrade", func(c *pipeline.Ctx) error {
		conn, unread, err := c.Hijack()
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		line, _ := bufio.NewReader(io.MultiReader(strings.NewReader(string(unread)), conn)).ReadString('\n')
		_, err = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\n\r\n"+line)
		return err
	})
	return a
}

// carried serves an application with net/http's server.
func carried(t testing.TB, a *pipeline.App) *httptest.Server {
	t.Helper()
	chain, err := a.Compile()
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(nethttp.NewServer(chain))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = true
	t.Cleanup(s.Close)
	return s
}

// An application answers on net/http's server as on Wheelpit's own.
func TestServerAsOurOwn(t *testing.T) {
	app := shop(t) // one, since its file is made with it, and the second that it was made in is a field of its answer
	s := carried(t, app)
	s.Start()
	theirs, ours := s.Listener.Addr().String(), serve(t, app)
	for _, c := range []exchangeCase{
		{name: "text", send: []string{get}}, {name: "text", send: []string{head}}, {name: "text", send: []string{get10}},
		{name: "untyped", send: []string{get}}, {name: "param/a%20b?q=%C3%A9&x", send: []string{get}},
		{name: "x/..//param/y", send: []string{get}}, {name: "none", send: []string{get}},
		{name: "cookies", send: []string{get}}, {name: "empty", send: []string{get}}, {name: "unchanged", send: []string{get}},
		{name: "file", send: []string{get}}, {name: "file", send: []string{head}},
		{name: "sized", send: []string{get}}, {name: "sized", send: []string{head}}, {name: "stream", send: []string{get}},
		{name: "stream", send: []string{get10}}, {name: "cut", send: []string{get}}, {name: "early", send: []string{get}},
		{name: "echo", send: []string{post}}, {name: "echo", send: []string{chunked}},
		{name: "echo", send: []string{"POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", "ab"}},
		{name: "text", send: []string{post}}, {name: "last", send: []string{getKeep}}, {name: "abort", send: []string{get}},
		{name: "panic", send: []string{get}}, {name: "upgrade", send: []string{getKeep + "line\n"}},
		{name: "a/%2e%2e/%2e%2e/x", send: []string{get}}, {name: "", send: []string{"TRACE %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"}},
	} {
		t.Run(strings.ReplaceAll(strings.Fields(c.send[0])[0]+"_"+c.name, "/", "_"), func(t *testing.T) {
			got, want := normal(ask(t, theirs, "/"+c.name, &c), &c), normal(ask(t, ours, "/"+c.name, &c), &c)
			if got != want {
				t.Errorf("on net/http\n%s\non Wheelpit\n%s", clip(got), clip(want))
			}
		})
	}
}

// HTTP/2 and TLS are net/http's; the application does not see a difference, but for what it asks.
func TestServerHTTP2(t *testing.T) {
	a := quiet()
	a.Handle("/{rest...}", func(c *pipeline.Ctx) error {
		b, err := c.Body()
		if err != nil {
			return err
		}
		return c.Text(200, fmt.Sprintf("%s %s %s %t %s", c.Method(), c.Host(), c.Header("X-Field"), c.Secure(), b))
	})
	s := carried(t, a)
	s.StartTLS()
	req, _ := http.NewRequest("PUT", s.URL+"/x", struct{ io.Reader }{strings.NewReader("body")}) // of unknown length
	req.Header.Set("X-Field", "v")
	req.Host = "h.example"
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, _ := io.ReadAll(res.Body)
	if res.ProtoMajor != 2 || string(b) != "PUT h.example v true body" {
		t.Errorf("%s %q", res.Proto, b)
	}
}

// What stands before the application has its say: a stripped prefix, values of the context, a bounded body, a bad field.
func TestServerBehindHandlers(t *testing.T) {
	a := quiet()
	a.Handle("/in", func(c *pipeline.Ctx) error {
		b, err := c.Body()
		if err != nil {
			return err
		}
		return c.Text(200, fmt.Sprintf("%s %s %v %q %q", c.Path(), b, c.Context().Value(userKey{}), c.Header("X-Bad"), c.Header("Y")))
	})
	chain, err := a.Compile()
	if err != nil {
		t.Fatal(err)
	}
	h := http.StripPrefix("/sub", nethttp.NewServer(chain))
	around := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Bad", "a\r\nY: injected")
		r.Body = http.MaxBytesReader(w, r.Body, 4)
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, "ann")))
	})
	for body, want := range map[string]string{"abcd": `/in abcd ann "" ""`, "abcde": ""} {
		w := httptest.NewRecorder()
		around.ServeHTTP(w, httptest.NewRequest("POST", "/sub/in", strings.NewReader(body)))
		if want == "" && w.Code != 413 || want != "" && w.Body.String() != want {
			t.Errorf("%s: %d %q", body, w.Code, w.Body)
		}
	}
}

// The client's leaving ends the context, with the same cause as on Wheelpit's own server.
func TestServerClientGone(t *testing.T) {
	ended := make(chan error, 1)
	a := quiet()
	a.Get("/", func(c *pipeline.Ctx) error {
		select {
		case <-c.Context().Done():
			ended <- context.Cause(c.Context())
		case <-time.After(time.Minute):
			ended <- nil
		}
		return c.NoContent(204)
	})
	s := carried(t, a)
	s.Start()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintf(conn, getKeep, "/")
	time.Sleep(30 * time.Millisecond)
	_ = conn.Close()
	if err := <-ended; err != pipeline.ErrClientGone {
		t.Error(err)
	}
}

// There and back: a net/http handler on an application on net/http.
func TestThereAndBack(t *testing.T) {
	theirs := oracle(t)
	a := quiet()
	for _, c := range cases {
		a.Handle("/"+c.name, nethttp.Handler(c.handler))
	}
	a.Handle("/end", nethttp.HandlerFunc(endOf))
	s := carried(t, a)
	s.Start()
	for i := range cases {
		c := &cases[i]
		if c.deviates != "" || c.name == "request-absolute" || c.name == "timeout-handler" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := normal(ask(t, s.Listener.Addr().String(), "/"+c.name, c), c)
			if want := normal(ask(t, theirs, "/"+c.name, c), c); got != want {
				t.Errorf("got\n%s\nnet/http\n%s", clip(got), clip(want))
			}
		})
	}
}
