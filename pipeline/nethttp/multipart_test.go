package nethttp_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline/nethttp"
)

// Files that ParseMultipartForm has put on the disk go with the request, also when a middleware has parsed it.
func TestMultipartFilesAreRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	parse := func(r *http.Request) {
		if err := r.ParseMultipartForm(16); err != nil {
			t.Error(err)
			return
		}
		f, _, err := r.FormFile("f")
		if err != nil {
			t.Error(err)
			return
		}
		_ = f.Close()
	}
	a := quiet()
	around := nethttp.Middleware(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			parse(r)
			next.ServeHTTP(w, r)
			parse(r) // still there
		})
	})
	handler := nethttp.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { parse(r) })
	a.Handle("POST /handler", handler)
	a.Handle("POST /around", around(handler))
	url := "http://" + serve(t, a)
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	w, _ := form.CreateFormFile("f", "big")
	_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
	_ = form.Close()
	for _, path := range []string{"/handler", "/around"} {
		res, err := http.Post(url+path, form.FormDataContentType(), bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 || res.StatusCode != 200 {
			t.Errorf("%s: status %d, %d files are left", path, res.StatusCode, len(left))
		}
	}
}
