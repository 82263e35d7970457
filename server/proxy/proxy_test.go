package proxy_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// backend is an application server of net/http.
func backend(t testing.TB) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/small", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "small answer") })
	mux.HandleFunc("/chunked", func(w http.ResponseWriter, r *http.Request) {
		for i := range 5 {
			fmt.Fprintf(w, "piece %d\n", i)
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("/big", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "5000000")
		w.Write(bytes.Repeat([]byte("0123456789"), 500000))
	})
	mux.HandleFunc("/bigchunked", func(w http.ResponseWriter, r *http.Request) {
		w.Write(bytes.Repeat([]byte("0123456789"), 500000))
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Length", fmt.Sprint(r.ContentLength))
		w.Write(b)
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100000")
		w.Write(bytes.Repeat([]byte("x"), 50000))
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/head", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Length", "77") })
	mux.HandleFunc("/none", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) })
	mux.HandleFunc("/fields", func(w http.ResponseWriter, r *http.Request) {
		r.Header.Write(w)
		fmt.Fprintf(w, "Host: %s\nURI: %s\n", r.Host, r.RequestURI)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// gateway is a server that passes everything on.
func gateway(t testing.TB, cfg proxy.Config, inline bool, peers ...string) string {
	servers := make([]upstream.ServerConfig, len(peers))
	for i, p := range peers {
		servers[i].Address = strings.TrimPrefix(p, "http://")
	}
	g, err := upstream.New(upstream.Config{Name: "backend", Servers: servers})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Upstream = proxy.NewUpstream("backend", "backend", g, proxy.KeepAlive{Max: 32, Requests: 1000, Time: time.Hour, Timeout: time.Minute})
	h, err := proxy.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	app := pipeline.New()
	if inline {
		app.Path("<path:rest>", h.Serve, pipeline.Inline)
	} else {
		app.Path("<path:rest>", h.Serve)
	}
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app, Reactors: 1, MaxBody: 64 << 20, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	givesBack(t)
	t.Cleanup(func() {
		ctx, cancel := contextTimeout()
		defer cancel()
		_ = s.Shutdown(ctx)
	})
	return "http://" + s.Addrs()[0]
}

// TestAnswersArePassedOn walks the forms of an answer, on the reactor and on workers.
func TestAnswersArePassedOn(t *testing.T) {
	t.Parallel()
	b := backend(t)
	for _, inline := range []bool{true, false} {
		at := gateway(t, proxy.Config{}, inline, b.URL)
		for _, c := range []struct {
			path   string
			status int
			length int
		}{{"/small", 200, 12}, {"/chunked", 200, 40}, {"/big", 200, 5000000}, {"/bigchunked", 200, 5000000}, {"/none", 204, 0}, {"/missing", 404, 19}} {
			for range 3 {
				resp, err := http.Get(at + c.path)
				if err != nil {
					t.Fatalf("inline %v %s: %v", inline, c.path, err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode != c.status || len(body) != c.length {
					t.Errorf("inline %v %s: %d, %d bytes, %v; want %d, %d", inline, c.path, resp.StatusCode, len(body), err, c.status, c.length)
				}
			}
		}
		resp, err := http.Get(at + "/cut")
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); err == nil {
			t.Errorf("inline %v: a body of %d bytes that was cut looks whole", inline, len(body))
		}
		resp, err = http.Head(at + "/head")
		if err != nil || resp.ContentLength != 77 {
			t.Errorf("inline %v: HEAD: %v %v", inline, resp.ContentLength, err)
		}
	}
}

// TestBodiesArePassedOn sends bodies of all sizes, with and without a length.
func TestBodiesArePassedOn(t *testing.T) {
	t.Parallel()
	b := backend(t)
	for _, inline := range []bool{true, false} {
		for _, stream := range []bool{false, true} {
			at := gateway(t, proxy.Config{StreamRequest: stream}, inline, b.URL)
			for _, n := range []int{0, 1, 1000, 16 << 10, 100 << 10, 900 << 10} {
				body := bytes.Repeat([]byte("b"), n)
				for _, chunked := range []bool{false, true} {
					var r io.Reader = bytes.NewReader(body)
					if chunked {
						r = io.MultiReader(r)
					}
					resp, err := http.Post(at+"/echo", "text/plain", r)
					if err != nil {
						t.Fatalf("inline %v stream %v %d chunked %v: %v", inline, stream, n, chunked, err)
					}
					got, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					if err != nil || !bytes.Equal(got, body) {
						t.Errorf("inline %v stream %v %d chunked %v: %d bytes, %v, status %d", inline, stream, n, chunked, len(got), err, resp.StatusCode)
					}
				}
			}
		}
	}
}
