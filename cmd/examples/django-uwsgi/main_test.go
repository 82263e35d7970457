package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/cmd/examples/internal/appserver/appservertest"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// TestSite walks the site as a browser would.
func TestSite(t *testing.T) {
	t.Chdir(t.TempDir()) // start changes the directory; this brings it back
	addr := nginxtest.FreeAddr(t)
	end, err := start(t.Context(), t.TempDir(), addr)
	appservertest.SkipMissing(t, err)
	defer end()

	v := appservertest.Visit(t, addr)
	if p := v.Get("/"); p.Status != 200 || !strings.Contains(p.Body, "Nobody has written anything") {
		t.Fatalf("/: %d %s", p.Status, p.Body)
	}
	t.Run("login", func(t *testing.T) { logIn(t, v) })
	t.Run("form", func(t *testing.T) { write(t, v) })
	t.Run("upload", func(t *testing.T) { upload(t, v) })
	t.Run("stream", func(t *testing.T) {
		p := v.Get("/stream/")
		if want := "piece 1\npiece 2\npiece 3\npiece 4\npiece 5\n"; p.Body != want || p.Pieces < 2 || p.Took < 600*time.Millisecond {
			t.Errorf("%q came in %d pieces in %v", p.Body, p.Pieces, p.Took)
		}
	})
	t.Run("static", func(t *testing.T) { static(t, v) })
	t.Run("errors", func(t *testing.T) {
		if p := v.Get("/nowhere/"); p.Status != 404 || !strings.Contains(p.Body, "There is no such page") {
			t.Errorf("/nowhere/: %d %s", p.Status, p.Body)
		}
		if p := v.Get("/fail/"); p.Status != 500 || !strings.Contains(p.Body, "Something went wrong") {
			t.Errorf("/fail/: %d %s", p.Status, p.Body)
		}
		if p := v.Post("/upload/", "text/plain", strings.NewReader(strings.Repeat("x", 9<<20))); p.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("9 MiB: %d, want 413", p.Status)
		}
	})
}

// logIn logs in, by a form that is refused without its CSRF token.
func logIn(t *testing.T, v *appservertest.Visitor) {
	form := url.Values{"username": {"demo"}, "password": {"demo"}}
	if p := v.PostForm("/accounts/login/", form); p.Status != 403 {
		t.Errorf("without a token: %d, want 403", p.Status)
	}
	form.Set("csrfmiddlewaretoken", token(t, v.Get("/accounts/login/")))
	if p := v.PostForm("/accounts/login/", form); p.Status != 200 || p.URL != "/" || !strings.Contains(p.Body, "Hello demo") {
		t.Fatalf("%d at %s: %s", p.Status, p.URL, p.Body)
	}
	if v.Cookie("sessionid") == "" {
		t.Error("there is no session cookie")
	}
}

// write posts a form and reads what it wrote.
func write(t *testing.T, v *appservertest.Visitor) {
	const text = "é & <b>bold</b>"
	form := url.Values{"text": {text}, "csrfmiddlewaretoken": {token(t, v.Get("/"))}}
	if p := v.PostForm("/notes/", form); p.Status != 200 || !strings.Contains(p.Body, "é &amp; &lt;b&gt;bold") {
		t.Errorf("%d: %s", p.Status, p.Body)
	}
}

// upload sends 5 MiB and gets them again, from the disk.
func upload(t *testing.T, v *appservertest.Visitor) {
	content := make([]byte, 5<<20)
	_, _ = rand.Read(content)
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("csrfmiddlewaretoken", token(t, v.Get("/upload/")))
	part, _ := w.CreateFormFile("file", "random.bin")
	_, _ = part.Write(content)
	_ = w.Close()
	sum := sha256.Sum256(content)
	for _, chunked := range []bool{false, true} {
		var r io.Reader = bytes.NewReader(body.Bytes())
		if chunked {
			r = io.MultiReader(r) // hides its length
		}
		p := v.Post("/upload/", w.FormDataContentType(), r)
		var told struct {
			URL, SHA256 string
			Size        int
		}
		if err := json.Unmarshal([]byte(p.Body), &told); err != nil || told.Size != len(content) || told.SHA256 != hex.EncodeToString(sum[:]) {
			t.Fatalf("chunked %v: %d %v %s", chunked, p.Status, err, p.Body)
		}
		if p := v.Get(told.URL); p.Status != 200 || p.Body != string(content) {
			t.Errorf("chunked %v: %s: %d, %d bytes", chunked, told.URL, p.Status, len(p.Body))
		}
	}
}

// static gets a file that was collected, and is told that it has not changed.
func static(t *testing.T, v *appservertest.Visitor) {
	p := v.Get("/static/demo/site.css")
	if p.Status != 200 || !strings.Contains(p.Body, "sans-serif") || p.Header.Get("Content-Type") != "text/css" {
		t.Fatalf("%d %v %s", p.Status, p.Header, p.Body)
	}
	if p := v.Get("/static/demo/site.css", "If-None-Match", p.Header.Get("ETag")); p.Status != 304 {
		t.Errorf("with its tag: %d, want 304", p.Status)
	}
	if p := v.Get("/static/demo/none.css"); p.Status != 404 {
		t.Errorf("a file that is not there: %d", p.Status)
	}
}

// token finds the CSRF token of a form.
func token(t *testing.T, p appservertest.Page) string {
	t.Helper()
	_, rest, ok := strings.Cut(p.Body, `name="csrfmiddlewaretoken" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no token in %d %s", p.Status, p.Body)
	}
	return value
}
