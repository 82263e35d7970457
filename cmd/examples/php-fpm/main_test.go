package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime/multipart"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/cmd/examples/internal/appserver/appservertest"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// TestSite walks the site as a browser would.
func TestSite(t *testing.T) {
	t.Chdir(t.TempDir()) // start changes the directory; this brings it back
	dir, addr := t.TempDir(), nginxtest.FreeAddr(t)
	end, err := start(t.Context(), dir, addr)
	appservertest.SkipMissing(t, err)
	defer end()

	v := appservertest.Visit(t, addr)
	for _, c := range []struct {
		path   string
		status int
		body   string // a part of it
	}{
		{"/", 200, "Hello world, this is PHP"},
		{"/?name=%C3%A9%26", 200, "Hello é&amp;"},
		{"/index.php?name=you", 404, "There is no such page."}, // of the script's own
		{"/count", 200, "1\n"},
		{"/count", 200, "2\n"},
		{"/nowhere", 404, "There is no such page."},
		{"/none.php", 404, "404 Not Found"},
		{"/site.css/x.php", 404, "404 Not Found"},
		{"/fail", 500, ""},
		{"/site.css", 200, "sans-serif"},
	} {
		if p := v.Get(c.path); p.Status != c.status || !strings.Contains(p.Body, c.body) {
			t.Errorf("%s: %d %q, want %d and %q", c.path, p.Status, p.Body, c.status, c.body)
		}
	}
	t.Run("parameters", func(t *testing.T) { parameters(t, v, dir, addr) })
	t.Run("upload", func(t *testing.T) { upload(t, v) })
	t.Run("stream", func(t *testing.T) {
		p := v.Get("/stream")
		if want := "piece 1\npiece 2\npiece 3\npiece 4\npiece 5\n"; p.Body != want || p.Pieces < 2 || p.Took < 600*time.Millisecond {
			t.Errorf("%q came in %d pieces in %v", p.Body, p.Pieces, p.Took)
		}
	})
	t.Run("unchanged", func(t *testing.T) {
		if p := v.Get("/site.css", "If-None-Match", v.Get("/site.css").Header.Get("ETag")); p.Status != 304 {
			t.Errorf("%d, want 304", p.Status)
		}
	})
}

// parameters are what PHP is told of a request.
func parameters(t *testing.T, v *appservertest.Visitor, dir, addr string) {
	p := v.Get("/info.php/a%20b/c?q=1&r=%20", "Proxy", "http://evil.example/")
	var got map[string]string
	if err := json.Unmarshal([]byte(p.Body), &got); err != nil {
		t.Fatalf("%d %s: %v", p.Status, p.Body, err)
	}
	root := filepath.Join(dir, "site")
	_, port, _ := strings.Cut(addr, ":")
	for name, want := range map[string]string{
		"SCRIPT_NAME": "/info.php", "SCRIPT_FILENAME": root + "/info.php", "PATH_INFO": "/a b/c", "QUERY_STRING": "q=1&r=%20",
		"REQUEST_METHOD": "GET", "REQUEST_URI": "/info.php/a%20b/c?q=1&r=%20", "DOCUMENT_ROOT": root, "SERVER_NAME": "localhost",
		"SERVER_PORT": port, "HTTP_HOST": addr, "HTTP_PROXY": "", "REMOTE_ADDR": "127.0.0.1",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	if _, ok := got["HTTPS"]; ok {
		t.Error("HTTPS is there though it is empty")
	}
}

// upload sends 5 MiB, with and without telling their length.
func upload(t *testing.T, v *appservertest.Visitor) {
	content := make([]byte, 5<<20)
	_, _ = rand.Read(content)
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("text", "é")
	part, _ := w.CreateFormFile("file", "random.bin")
	_, _ = part.Write(content)
	_ = w.Close()
	sum := sha256.Sum256(content)
	for _, chunked := range []bool{false, true} {
		var r io.Reader = bytes.NewReader(body.Bytes())
		if chunked {
			r = io.MultiReader(r)
		}
		p := v.Post("/upload", w.FormDataContentType(), r)
		var told struct {
			SHA256, Text string
			Size         int
		}
		if err := json.Unmarshal([]byte(p.Body), &told); err != nil || told.Size != len(content) || told.SHA256 != hex.EncodeToString(sum[:]) || told.Text != "é" {
			t.Errorf("chunked %v: %d %v %s", chunked, p.Status, err, p.Body)
		}
	}
}
