package front_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/front"
)

// A location with slice answers whole and in ranges from what its handler answers in slices.
func TestSlice(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", 8)
	var mu sync.Mutex
	var asked []string // guarded by mu
	app := pipeline.New()
	app.Mount("/", func(c *pipeline.Ctx) error {
		var start, end int
		mu.Lock()
		asked = append(asked, front.SliceRange(c))
		mu.Unlock()
		if _, err := fmt.Sscanf(front.SliceRange(c), "bytes=%d-%d", &start, &end); err != nil {
			return err
		}
		end = min(end+1, len(text))
		_ = c.SetHeader("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, end-1, len(text)))
		return c.Bytes(206, "text/plain", []byte(text[start:end]))
	}, pipeline.Inline)
	front.RegisterApp("slices", app)
	addr, _ := serve(t, `server { listen 127.0.0.1:%PORT%; location / { slice 30; app slices; } }`)
	for _, x := range []struct {
		field, want string
		status, n   int
	}{
		{"", text, 200, 5},
		{"bytes=25-64", text[25:65], 206, 3},
		{"bytes=120-", text[120:], 206, 1},
		{"bytes=0-0", text[:1], 206, 1},
	} {
		mu.Lock()
		asked = nil
		mu.Unlock()
		conn := dial(t, addr)
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		_, _ = fmt.Fprintf(conn, "GET /x HTTP/1.1\r\nHost: h\r\n")
		if x.field != "" {
			_, _ = fmt.Fprintf(conn, "Range: %s\r\n", x.field)
		}
		_, _ = io.WriteString(conn, "\r\n")
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		mu.Lock()
		if err != nil || string(body) != x.want || res.StatusCode != x.status || len(asked) != x.n {
			t.Errorf("%q: %d %q %v, asked for %v", x.field, res.StatusCode, body, err, asked)
		}
		mu.Unlock()
	}
}

// Whoever has the whole of an answer in slices finds all of them in the cache: each is written before the next one is asked for.
func TestSlicesAreWritten(t *testing.T) {
	const slices = 12
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		http.ServeContent(w, req, "x", time.Unix(1e9, 0), strings.NewReader(strings.Repeat("ab", slices)))
	}))
	t.Cleanup(backend.Close)
	dir := t.TempDir()
	addr, _ := serve(t, `proxy_cache_path `+dir+` keys_zone=z:1m; server { listen 127.0.0.1:%PORT%; location / {
		slice 2; proxy_pass `+backend.URL+`; proxy_set_header Range $slice_range;
		proxy_cache z; proxy_cache_key $uri$slice_range; proxy_cache_valid 200 206 1h; } }`)
	for i := range 5 {
		conn := dial(t, addr)
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		_, _ = fmt.Fprintf(conn, "GET /%d HTTP/1.0\r\nHost: h\r\n\r\n", i)
		all, err := io.ReadAll(conn)
		if err != nil || !strings.HasSuffix(string(all), "\r\n\r\n"+strings.Repeat("ab", slices)) {
			t.Fatalf("%q, %v", all, err)
		}
		if names, err := os.ReadDir(dir); err != nil || len(names) != slices*(i+1) {
			t.Errorf("answer %d: %d files, %v", i, len(names), err)
		}
	}
}
