package views_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/views"
	"github.com/wheelpit/wheelpit/server"
)

// start serves an application on a port of its own and returns its address.
func start(t *testing.T, app *pipeline.App) string {
	t.Helper()
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Shutdown(context.Background()) })
	return "http://" + s.Addrs()[0]
}

// get asks, and fails the test when there is no answer within a minute.
func get(t *testing.T, method, url string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// Events reach a client of a real server one by one, and the view ends when the client leaves, wherever it was registered.
func TestEventsThroughTheServer(t *testing.T) {
	ended := make(chan error, 1)
	next := make(chan views.Event)
	view := func(c *pipeline.Ctx) error {
		return views.SSE(c, func(e *views.EventStream) error {
			err := e.Serve(next, 20*time.Millisecond)
			ended <- err
			return err
		})
	}
	app := pipeline.New()
	app.Path("worker", view)
	app.Path("inline", view, pipeline.Inline)
	addr := start(t, app)
	for _, path := range []string{"/worker", "/inline"} {
		res := get(t, "GET", addr+path)
		if res.Header.Get("Content-Type") != "text/event-stream" || res.ContentLength != -1 {
			t.Errorf("%s: %v", path, res.Header)
		}
		lines := bufio.NewScanner(res.Body)
		for _, data := range []string{"one", "two"} {
			next <- views.Event{Data: data} // not sent on before the one before was read
			for lines.Scan() && lines.Text() != "data: "+data {
				if text := lines.Text(); text != "" && text != ": " {
					t.Fatalf("%s: %q", path, text)
				}
			}
		}
		for _, want := range []string{"", ": "} { // the end of the event, and a heartbeat
			if !lines.Scan() || lines.Text() != want {
				t.Errorf("%s: %q, want %q", path, lines.Text(), want)
			}
		}
		_ = res.Body.Close()
		select {
		case err := <-ended:
			if !errors.Is(err, pipeline.ErrClientGone) {
				t.Errorf("%s: %v", path, err)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: the view did not notice that its client left", path)
		}
	}
}

func TestStreamsThroughTheServer(t *testing.T) {
	broken := errors.New("broken")
	app := pipeline.New()
	app.Path("whole", func(c *pipeline.Ctx) error {
		return views.Stream(c, "text/x", strings.NewReader(strings.Repeat("x", 1<<20)))
	})
	app.Path("broken", func(c *pipeline.Ctx) error {
		return views.Chunks(c, "text/x", func(yield func([]byte, error) bool) {
			if yield([]byte("half"), nil) {
				yield(nil, broken)
			}
		})
	})
	addr := start(t, app)
	if b, err := io.ReadAll(get(t, "GET", addr+"/whole").Body); len(b) != 1<<20 || err != nil {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if b, err := io.ReadAll(get(t, "GET", addr+"/broken").Body); string(b) != "half" || err == nil {
		t.Errorf("%q, %v: a body that failed must look broken", b, err)
	}
	if b, err := io.ReadAll(get(t, "HEAD", addr+"/whole").Body); len(b) != 0 || err != nil {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

// page is a class with a body for GET.
type page struct{ file string }

func (p page) Get(c *pipeline.Ctx) error { return c.Text(200, "page") }
func (p page) Post(c *pipeline.Ctx) error {
	return views.File(c, p.file, views.FileOptions{Attachment: true})
}

// Rule H31: what the server makes of HEAD, OPTIONS and 405.
func TestClassThroughTheServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f.txt")
	if err := os.WriteFile(file, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	app := pipeline.New()
	app.Path("", views.View(page{file}), pipeline.Inline)
	app.Path("unchanged/", views.Condition(func(*pipeline.Ctx) (string, error) { return "tag", nil }, nil)(
		func(c *pipeline.Ctx) error { return c.Text(200, "page") }))
	addr := start(t, app)
	for _, c := range []struct {
		method, body, length, allow string
		status                      int
	}{
		{"GET", "page", "4", "", 200},
		{"HEAD", "", "4", "", 200},
		{"POST", "content", "7", "", 200},
		{"OPTIONS", "", "0", "GET, POST, HEAD, OPTIONS", 200},
		{"PUT", string(pipeline.ErrorPage(405)), "", "GET, POST, HEAD, OPTIONS", 405},
	} {
		res := get(t, c.method, addr+"/")
		b, err := io.ReadAll(res.Body)
		length := res.Header.Get("Content-Length")
		if err != nil || string(b) != c.body || res.StatusCode != c.status || res.Header.Get("Allow") != c.allow ||
			c.length != "" && length != c.length {
			t.Errorf("%s: %d %q, length %s, Allow %q, %v", c.method, res.StatusCode, b, length, res.Header.Get("Allow"), err)
		}
	}
	req, _ := http.NewRequest("GET", addr+"/unchanged/", nil)
	req.Header.Set("If-None-Match", `"tag"`)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if b, _ := io.ReadAll(res.Body); res.StatusCode != 304 || len(b) != 0 || res.Header.Get("ETag") != `"tag"` {
		t.Errorf("%d %q %v", res.StatusCode, b, res.Header)
	}
}
