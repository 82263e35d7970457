package nethttp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/nethttp"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

type userKey struct{}

// signed is a net/http middleware that changes the request, its context and the response.
func signed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/denied" {
			http.Error(w, "denied", http.StatusForbidden)
			return
		}
		r.Header.Set("X-User", "ann")
		w.Header().Set("X-Signed", "1")
		w.Header().Set("Vary", "Cookie")
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, "ann")))
	})
}

// shouting is one that changes the body as it is written.
func shouting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&shout{ResponseWriter: w}, r)
	})
}

type shout struct{ http.ResponseWriter }

func (s *shout) Write(p []byte) (int, error)        { return s.ResponseWriter.Write(bytes.ToUpper(p)) }
func (s *shout) Unwrap() http.ResponseWriter        { return s.ResponseWriter }
func user(ctx context.Context) string               { u, _ := ctx.Value(userKey{}).(string); return u }
func within(mw func(http.Handler) http.Handler) any { return nethttp.Middleware(mw) }

// mounted is an application with handlers of both kinds behind net/http middleware.
func mounted(mw ...pipeline.Middleware) *pipeline.App {
	a := quiet()
	a.Use(onResponse(func(c *pipeline.Ctx) error { return c.SetHeader("X-Outer", "yes") }))
	a.Use(mw...)
	a.Use(onResponse(func(c *pipeline.Ctx) error { return c.SetHeader("X-Inner", "yes") }))
	a.Get("/native", func(c *pipeline.Ctx) error {
		_ = c.SetHeader("Vary", "Accept")
		r := nethttp.Request(c)
		return c.Text(201, "native "+user(r.Context())+" "+r.Header.Get("X-User"))
	})
	a.Get("/stream", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			for range 3 {
				_, _ = io.WriteString(s, "part;")
				if err := s.Flush(); err != nil {
					return err
				}
			}
			return nil
		})
	})
	a.Get("/broken", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", 100, func(s *pipeline.Stream) error {
			_, _ = io.WriteString(s, "begun")
			return errors.New("no more")
		})
	})
	a.Get("/adapted", nethttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		write(w, "adapted "+user(r.Context())+" "+r.Header.Get("X-User")+strings.Repeat("!", 3000))
		w.(http.Flusher).Flush()
	}))
	a.Post("/echo", nethttp.HandlerFunc(echo))
	a.Get("/big", func(c *pipeline.Ctx) error { return c.Text(200, strings.Repeat("x", 50_000)) })
	a.Get("/empty", func(c *pipeline.Ctx) error { return c.NoContent(204) })
	a.Get("/fails", func(*pipeline.Ctx) error { return pipeline.ErrNotFound })
	a.Get("/panics", func(*pipeline.Ctx) error { panic("boom") })
	a.Get("/slow", func(c *pipeline.Ctx) error {
		<-c.Context().Done()
		return c.Text(200, "late")
	})
	return a
}

func TestMiddleware(t *testing.T) {
	cl := pipelinetest.NewClient(t, mounted(within(signed)))
	for _, c := range []struct {
		method, target string
		status         int
		body           string
	}{
		{"GET", "/native", 201, "native ann ann"},
		{"GET", "/stream", 200, "part;part;part;"},
		{"GET", "/adapted", 200, "adapted ann ann" + strings.Repeat("!", 3000)},
		{"GET", "/big", 200, strings.Repeat("x", 50_000)},
		{"GET", "/empty", 204, ""},
	} {
		cl.Do(c.method, c.target).AssertStatus(c.status).AssertBody(c.body).
			AssertHeader("X-Signed", "1").AssertHeader("X-Outer", "yes").AssertHeader("X-Inner", "yes")
	}
	cl.Get("/denied").AssertStatus(403).AssertBody("denied\n").AssertHeader("X-Outer", "yes").AssertHeader("X-Inner", "")
	cl.Get("/fails").AssertStatus(404).AssertHeader("X-Signed", "1")
	cl.AllowErrors = true
	cl.Get("/panics").AssertStatus(500).AssertHeader("X-Outer", "yes")
	cl.Post("/echo", pipelinetest.Body("text/plain", "abc")).AssertBody("abc <nil>")
	if got := cl.Get("/native").Header.Values("Vary"); len(got) != 2 {
		t.Errorf("Vary: %q", got)
	}
}

// The same through sockets, two middlewares deep, one of which rewrites bodies.
func TestMiddlewareOverASocket(t *testing.T) {
	addr := "http://" + serve(t, mounted(within(signed), within(shouting)))
	for path, want := range map[string]string{
		"/native": "NATIVE ANN ANN", "/stream": "PART;PART;PART;", "/big": strings.Repeat("X", 50_000), "/denied": "denied\n",
		"/adapted": "ADAPTED ANN ANN" + strings.Repeat("!", 3000),
	} {
		if _, body := fetch(t, addr+path); body != want {
			t.Errorf("%s: %.80q", path, body)
		}
	}
	res, err := http.Head(addr + "/native")
	if err != nil || res.ContentLength != int64(len("native ann ann")) {
		t.Errorf("HEAD: %v %v", res, err)
	}
	if res, err := http.Get(addr + "/broken"); err == nil {
		if _, err := io.ReadAll(res.Body); err == nil {
			t.Error("a broken stream looks whole")
		}
		_ = res.Body.Close()
	}
}

// starred is a stream filter that puts a star before each piece.
type starred struct{ io.Writer }

func (s starred) Write(p []byte) (int, error) {
	_, err := s.Writer.Write(append([]byte("*"), p...))
	return len(p), err
}
func (starred) Flush() error { return nil }
func (starred) Close() error { return nil }

// Filters of Response hooks, inside and outside of a middleware, see the pieces in turn, of streams of either kind.
func TestMiddlewareBetweenFilters(t *testing.T) {
	filter := onResponse(func(c *pipeline.Ctx) error {
		c.FilterStream(func(wire io.Writer) pipeline.StreamFilter { return starred{wire} })
		return nil
	})
	a := quiet()
	a.Use(filter, within(shouting), filter)
	a.Get("/native", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			_, _ = io.WriteString(s, "a")
			_ = s.Flush()
			_, _ = io.WriteString(s, "b")
			return s.Flush()
		})
	})
	a.Get("/adapted", nethttp.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		write(w, "a")
		w.(http.Flusher).Flush()
		write(w, "b")
		w.(http.Flusher).Flush()
	}))
	addr := "http://" + serve(t, a)
	for _, path := range []string{"/native", "/adapted"} {
		if _, body := fetch(t, addr+path); body != "**A**B" {
			t.Errorf("%s: %q", path, body)
		}
	}
}

// A wrapped handler's error is the application's to answer.
func TestMiddlewareAroundOneHandler(t *testing.T) {
	a := quiet()
	wrap := nethttp.Middleware(signed)
	a.Get("/fails", wrap(func(*pipeline.Ctx) error { return pipeline.ErrPermissionDenied }))
	a.Get("/ok", wrap(func(c *pipeline.Ctx) error { return c.Text(200, user(nethttp.Request(c).Context())) }))
	a.Get("/lost", nethttp.Middleware(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.Background()))
		})
	})(func(c *pipeline.Ctx) error { return c.Text(200, "x") }))
	cl := pipelinetest.NewClient(t, a)
	cl.Get("/fails").AssertStatus(403)
	cl.Get("/ok").AssertBody("ann")
	cl.AllowErrors = true
	cl.Get("/lost").AssertStatus(500)
}

// http.TimeoutHandler answers while the handler within still runs, on another goroutine: that one is told, and waited for.
func TestTimeoutHandlerAround(t *testing.T) {
	limit := func(next http.Handler) http.Handler {
		return http.TimeoutHandler(next, 500*time.Millisecond, "too slow")
	}
	addr := "http://" + serve(t, mounted(within(limit)))
	for range 3 {
		if res, body := fetch(t, addr+"/slow"); res.StatusCode != 503 || body != "too slow" {
			t.Errorf("%d %q", res.StatusCode, body)
		}
		if _, body := fetch(t, addr+"/native"); !strings.HasPrefix(body, "native") {
			t.Errorf("%q", body)
		}
	}
}
