package fasthttpadaptor_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/fasthttpadaptor"
	"github.com/wheelpit/wheelpit/server"
)

const (
	get     = "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
	getKeep = "GET %s HTTP/1.1\r\nHost: a\r\n\r\n"
	head    = "HEAD %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
	post    = "POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nabcde"
	chunked = "POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
	upgrade = "GET %s HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
)

// exchangeCase is a handler and what a client sends it; %s in send is the path. fasthttp's own server says what is right.
type exchangeCase struct {
	name    string
	handler fasthttp.RequestHandler
	send    string
}

var cases = []exchangeCase{
	{"nothing", func(*fasthttp.RequestCtx) {}, get},
	{"text", func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("hello") }, get},
	{"text-head", func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("hello") }, head},
	{"written", func(ctx *fasthttp.RequestCtx) { _, _ = fmt.Fprintf(ctx, "%d", 1); _, _ = ctx.WriteString("2") }, get},
	{"big", func(ctx *fasthttp.RequestCtx) { ctx.SetBody(bytes.Repeat([]byte("x"), 100_000)) }, get},
	{"status", func(ctx *fasthttp.RequestCtx) { ctx.Error("teapot", fasthttp.StatusTeapot) }, get},
	{"typed", func(ctx *fasthttp.RequestCtx) { ctx.SetContentType("a/b"); ctx.SetBodyString("x") }, get},
	{"204", func(ctx *fasthttp.RequestCtx) { ctx.SetStatusCode(fasthttp.StatusNoContent) }, get},
	{"304", func(ctx *fasthttp.RequestCtx) { ctx.NotModified() }, get},
	{"fields", func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("X-A", "1")
		ctx.Response.Header.Add("X-B", "2")
		ctx.Response.Header.Add("X-B", "3")
		var c fasthttp.Cookie
		c.SetKey("k")
		c.SetValue("v")
		c.SetHTTPOnly(true)
		ctx.Response.Header.SetCookie(&c)
	}, get},
	{"redirect", func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Location", "/x")
		ctx.SetStatusCode(fasthttp.StatusFound)
	}, get},
	{"close", func(ctx *fasthttp.RequestCtx) { ctx.SetConnectionClose() }, getKeep},
	{"echo", echo, post},
	{"echo-chunked", echo, chunked},
	{"stream-known", func(ctx *fasthttp.RequestCtx) { ctx.SetBodyStream(strings.NewReader("12345"), 5) }, get},
	{"stream", func(ctx *fasthttp.RequestCtx) { ctx.SetBodyStream(strings.NewReader("12345"), -1) }, get},
	{"stream-writer", func(ctx *fasthttp.RequestCtx) {
		ctx.SetBodyStreamWriter(func(w *bufio.Writer) {
			for i := range 3 { // one flush: a reader that comes late gets two pieces as one chunk
				_, _ = fmt.Fprintf(w, "part %d;", i)
			}
			_ = w.Flush()
		})
	}, get},
	{"early-hints", func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Add("Link", "</a>")
		ctx.Response.Header.Add("Link", "</b>")
		_ = ctx.EarlyHints()
		ctx.SetBodyString("x")
	}, get},
	{"timeout", fasthttp.TimeoutHandler(func(*fasthttp.RequestCtx) { time.Sleep(2 * time.Second) },
		20*time.Millisecond, "too slow"), get},
	{"hijack", hijack, upgrade + "early\n"},
	{"describe", describe, "GET %s?a=b%%20c&d HTTP/1.1\r\nHost: h:80\r\nuser-agent: t\r\nX-ODD-name: 1\r\nCookie: k=v; l=w\r\nConnection: close\r\n\r\n"},
	{"form", func(ctx *fasthttp.RequestCtx) { ctx.SetBody(ctx.FormValue("k")) },
		"POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5\r\n\r\nk=v+w"},
}

func echo(ctx *fasthttp.RequestCtx) { ctx.SetBody(ctx.PostBody()) }

func describe(ctx *fasthttp.RequestCtx) {
	_, _ = fmt.Fprintf(ctx, "%s %s %s %s %s\n", ctx.Method(), ctx.RequestURI(), ctx.Path(), ctx.Host(), ctx.URI().QueryString())
	_, _ = fmt.Fprintf(ctx, "%s %s %s\n", ctx.QueryArgs().Peek("a"), ctx.UserAgent(), ctx.Request.Header.Cookie("l"))
	_, _ = fmt.Fprintf(ctx, "%t %t %t\n", ctx.IsGet(), ctx.IsTLS(), ctx.RemoteIP().IsLoopback() && ctx.LocalAddr() != nil)
	for name, value := range ctx.Request.Header.All() {
		_, _ = fmt.Fprintf(ctx, "%s=%s\n", name, value)
	}
}

func hijack(ctx *fasthttp.RequestCtx) {
	ctx.SetStatusCode(fasthttp.StatusSwitchingProtocols)
	ctx.Response.Header.Set("Upgrade", "echo")
	ctx.Hijack(func(c net.Conn) {
		line, _ := bufio.NewReader(c).ReadString('\n')
		_, _ = io.WriteString(c, line)
	})
}

// oracle serves a handler with fasthttp's own server.
func oracle(t testing.TB, h fasthttp.RequestHandler) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &fasthttp.Server{Handler: h, Logger: discard{}}
	go func() { _ = s.Serve(ln) }()
	t.Cleanup(func() { _ = s.Shutdown() })
	return ln.Addr().String()
}

type discard struct{}

func (discard) Printf(string, ...any) {}

// serve runs app on a server of Wheelpit until the test ends.
func serve(t testing.TB, app *pipeline.App) string {
	t.Helper()
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app, Reactors: 1, Log: slog.New(slog.DiscardHandler)})
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
	return s.Addrs()[0]
}

func quiet() *pipeline.App {
	a := pipeline.New()
	a.Logger = slog.New(slog.DiscardHandler)
	return a
}

// ask sends a request and returns all that comes back.
func ask(t testing.TB, addr, path, send string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if strings.Contains(send, "%s") {
		send = fmt.Sprintf(send, path)
	}
	if _, err := io.WriteString(conn, send); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%s: the connection stays open: %q", path, b)
	}
	return string(b)
}

// normal sorts the fields of every head and drops those that are each server's own business.
func normal(raw string) string {
	var out bytes.Buffer
	for raw != "" {
		at := strings.Index(raw, "\r\n\r\n")
		if !strings.HasPrefix(raw, "HTTP/1.") || at < 0 {
			break
		}
		lines := strings.Split(raw[:at], "\r\n")
		raw = raw[at+4:]
		fields := slices.DeleteFunc(lines[1:], func(f string) bool {
			name, value, _ := strings.Cut(f, ": ")
			return name == "Date" || name == "Server" || name == "Connection" && value == "keep-alive"
		})
		slices.Sort(fields)
		fmt.Fprintf(&out, "%s\n%s\n\n", lines[0], strings.Join(fields, "\n"))
		if next := strings.Index(raw, "HTTP/1.1 "); next >= 0 {
			out.WriteString(raw[:next])
			raw = raw[next:]
		}
	}
	return out.String() + raw
}

func mux(ctx *fasthttp.RequestCtx) {
	for i := range cases {
		if string(ctx.Path()) == "/"+cases[i].name {
			cases[i].handler(ctx)
			return
		}
	}
	ctx.NotFound()
}

// Every case answers as fasthttp's own server does, byte for byte, besides the order of fields.
func TestAsFastHTTP(t *testing.T) {
	app := quiet()
	for _, c := range cases {
		app.Handle("/"+c.name, fasthttpadaptor.Handler(c.handler))
	}
	theirs, ours := oracle(t, mux), serve(t, app)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, want := normal(ask(t, ours, "/"+c.name, c.send)), normal(ask(t, theirs, "/"+c.name, c.send))
			if got != want {
				t.Errorf("got\n%.900s\nfasthttp\n%.900s", got, want)
			}
		})
	}
}

// shop is an application with every way of answering.
func shop(t testing.TB) *pipeline.App {
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte(strings.Repeat("file ", 20_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	a := quiet()
	a.Get("/text", func(c *pipeline.Ctx) error { return c.Text(200, "text") }, pipeline.Inline)
	a.Get("/untyped", func(c *pipeline.Ctx) error { return c.Bytes(200, "", []byte("<html>")) })
	a.Get("/param/{name}", func(c *pipeline.Ctx) error { return c.Text(200, c.Param("name")+"|"+c.Query("q")) })
	a.Get("/cookies", func(c *pipeline.Ctx) error {
		_ = c.AddHeader("Set-Cookie", "a=1")
		_ = c.AddHeader("Set-Cookie", "b=2")
		return c.Redirect(302, "/text")
	})
	a.Get("/empty", func(c *pipeline.Ctx) error { return c.NoContent(204) })
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
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
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
	return a
}

// An application answers on fasthttp's server as on Wheelpit's own.
func TestServerAsOurOwn(t *testing.T) {
	app := shop(t) // one, since its file is made with it, and the second that it was made in is a field of its answer
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	theirs, ours := oracle(t, fasthttpadaptor.NewServer(chain)), serve(t, app)
	for _, c := range []struct{ path, send string }{
		{"/text", get}, {"/text", head}, {"/untyped", get}, {"/param/a%20b?q=%C3%A9&x", get}, {"/x/..//param/y", get},
		{"/none", get}, {"/cookies", get}, {"/empty", get}, {"/file", get}, {"/file", head}, {"/stream", get},
		{"/sized", get}, {"/sized", head}, {"/cut", get}, {"/early", get}, {"/echo", post}, {"/echo", chunked}, {"/text", post},
		{"/last", getKeep}, {"/abort", get}, {"/panic", get}, {"/a/%2e%2e/%2e%2e/x", get},
	} {
		t.Run(strings.ReplaceAll(c.send[:4]+c.path, "/", "_"), func(t *testing.T) {
			got, want := normal(ask(t, theirs, c.path, c.send)), normal(ask(t, ours, c.path, c.send))
			if got != want {
				t.Errorf("on fasthttp\n%.900s\non Wheelpit\n%.900s", got, want)
			}
		})
	}
}
