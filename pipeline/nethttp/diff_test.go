package nethttp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/nethttp"
	"github.com/wheelpit/wheelpit/server"
)

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func echo(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	_, _ = fmt.Fprintf(w, "%s %v", b, err)
}

func describe(w http.ResponseWriter, r *http.Request) {
	_, _ = fmt.Fprintf(w, "%s %s %s %d.%d\n", r.Method, r.RequestURI, r.Proto, r.ProtoMajor, r.ProtoMinor)
	_, _ = fmt.Fprintf(w, "%s host=%q path=%q raw=%q query=%q\n", r.URL, r.Host, r.URL.Path, r.URL.RawPath, r.URL.RawQuery)
	_, _ = fmt.Fprintf(w, "length=%d te=%v close=%t pattern=%q\n", r.ContentLength, r.TransferEncoding, r.Close, r.Pattern)
	_, _ = fmt.Fprintf(w, "local=%v\n", r.Context().Value(http.LocalAddrContextKey) != nil)
	_ = r.Header.Write(w)
}

func endOf(w http.ResponseWriter, _ *http.Request) { write(w, "end") }

// oracle serves the cases with net/http's own server.
func oracle(t testing.TB) string {
	mux := http.NewServeMux()
	for _, c := range cases {
		mux.Handle("/"+c.name, c.handler)
	}
	mux.HandleFunc("/end", endOf)
	s := httptest.NewUnstartedServer(mux)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// serve runs app on a server until the test ends.
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

// subject serves them with Wheelpit.
func subject(t testing.TB) string {
	app := quiet()
	for _, c := range cases {
		app.Handle("/"+c.name, nethttp.Handler(c.handler))
	}
	app.Handle("/end", nethttp.HandlerFunc(endOf))
	return serve(t, app)
}

// ask sends the pieces and returns all that comes back.
func ask(t testing.TB, addr, path string, c *exchangeCase) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	patience := time.Minute
	if c.open {
		patience = 4 * time.Second // is what ends it
	}
	_ = conn.SetDeadline(time.Now().Add(patience))
	for i, piece := range c.send {
		if i > 0 {
			time.Sleep(20 * time.Millisecond)
		}
		if strings.Contains(piece, "%s") {
			piece = fmt.Sprintf(piece, path)
		}
		if _, err := io.WriteString(conn, piece); err != nil {
			t.Fatal(err)
		}
	}
	b, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) && !c.open {
		t.Errorf("%s: the connection stays open: %q", path, b)
	}
	return string(b)
}

// normal sorts the fields of every head and drops those that are each server's own business: among them how a response to
// HEAD says that GET would be chunked, and what HTTP/1.0 is answered besides the response.
func normal(raw string, c *exchangeCase) string {
	old := strings.Contains(c.send[0], "HTTP/1.0")
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
			return name == "Date" || name == "Server" || name == "Connection" && (value == "keep-alive" || old) ||
				name == "Transfer-Encoding" && strings.HasPrefix(c.send[0], "HEAD")
		})
		slices.Sort(fields)
		if old {
			lines[0] = strings.Replace(lines[0], "HTTP/1.0", "HTTP/1.1", 1)
		}
		fmt.Fprintf(&out, "%s\n%s\n\n", lines[0], strings.Join(fields, "\n"))
		if next := strings.Index(raw, "HTTP/1.1 "); next >= 0 {
			out.WriteString(raw[:next])
			raw = raw[next:]
		}
	}
	return out.String() + raw
}

// Every case answers as net/http's own server does, byte for byte, besides the order of fields.
func TestAsNetHTTP(t *testing.T) {
	theirs, ours := oracle(t), subject(t)
	for i := range cases {
		c := &cases[i]
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := normal(ask(t, ours, "/"+c.name, c), c)
			if c.deviates != "" {
				if !strings.HasPrefix(got, c.deviates) {
					t.Errorf("got %q", got)
				}
				return
			}
			if want := normal(ask(t, theirs, "/"+c.name, c), c); got != want {
				t.Errorf("got\n%s\nnet/http\n%s", clip(got), clip(want))
			}
		})
	}
}

func clip(s string) string {
	if len(s) > 1500 {
		s = s[:1000] + "…" + s[len(s)-400:]
	}
	return s
}

// quiet is an application whose errors, which are meant, are not logged.
func quiet() *pipeline.App {
	a := pipeline.New()
	a.Logger = slog.New(slog.DiscardHandler)
	return a
}
