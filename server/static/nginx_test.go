package static_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/nginxtest"
	"github.com/wheelpit/wheelpit/server/static"
)

// startNginx serves dir with the real nginx on a free loopback port; extra are further directives of the server.
func startNginx(t *testing.T, dir string, extra ...string) string {
	t.Helper()
	prefix := t.TempDir()
	return nginxtest.Launch(t, prefix, func(addr string) string {
		return fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/err;
events { worker_connections 64; }
http {
	access_log off; include /etc/nginx/mime.types; default_type application/octet-stream;
	client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	server { listen %[2]s; root %[3]s; absolute_redirect off; 
		location /list/ { autoindex on; charset utf-8; }
		location /json/ { autoindex on; autoindex_format json; alias %[3]s/list/; }
		%[4]s }
}`, prefix, addr, dir, strings.Join(extra, "\n"))
	})
}

// The same requests to the real nginx and to us: status, the fields that describe the file, and the body of what succeeds.
func TestAgainstNginx(t *testing.T) {
	dir, ours := site(t, func(o *static.Options) { o.HideDotfiles, o.Autoindex = false, true })
	nginx := startNginx(t, dir)
	past, future := "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
	res, _ := get(t, nginx, "GET", "/a.txt")
	etag, modified := res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	type request struct {
		method, target string
		fields         []string
	}
	var all []request
	for _, target := range []string{"/", "/a.txt", "/sub", "/sub/", "/sub?x=y", "/none", "/a.txt/", "/a.txt/x", "/with%20space.txt", "/sub/../a.txt", "/./a.txt", "/sub/./index.html",
		"/empty", "/big.bin", "/page.html", "/list/", "/list", "/list/b.css", "/%61.txt", "/a%2etxt", "/sub%2findex.html", "/../a.txt", "/%2e%2e/a.txt", "/sub/..", "/.hidden", "/in",
		"/a.txt?query", "/" + strings.Repeat("n", 300)} {
		all = append(all, request{"GET", target, nil}, request{"HEAD", target, nil})
	}
	for _, r := range []string{"bytes=0-0", "bytes=0-3", "bytes=-3", "bytes=5-", "bytes=0-100", "bytes=10-", "bytes=5-2", "bytes=", "bytes=x-y", "bytes=-", "bytes=-0", "bytes=0-1,5-5",
		"bytes= 1-2", "bytes=1 - 2", "items=0-1", "bytes=0-9,0-9", "bytes=9-9,20-30", "Bytes=0-1", "bytes=1-2,x", "bytes=0-18446744073709551615", "bytes=-9223372036854775808",
		"bytes=0-9223372036854775807", "bytes=5-2,0-1", "bytes=- 5", "bytes=0-9,0-9,x", "bytes=0-\t1", "bytes=1-2,,3-4", "bytes=1-2,"} {
		for _, target := range []string{"/a.txt", "/big.bin", "/empty"} {
			all = append(all, request{"GET", target, []string{"Range: " + r}})
		}
	}
	for _, f := range [][]string{
		{"If-None-Match: " + etag}, {"If-None-Match: W/" + etag}, {"If-None-Match: \"x\""}, {"If-None-Match: *"}, {"If-None-Match: \"x\", " + etag}, {"If-None-Match: \"x\", *"}, {"If-None-Match: *, \"x\""},
		{"If-Match: " + etag}, {"If-Match: \"x\""}, {"If-Match: *"}, {"If-Match: W/" + etag},
		{"If-Modified-Since: " + modified}, {"If-Modified-Since: " + past}, {"If-Modified-Since: " + future}, {"If-Modified-Since: nonsense"},
		{"If-Unmodified-Since: " + modified}, {"If-Unmodified-Since: " + past}, {"If-Unmodified-Since: " + future},
		{"If-None-Match: \"x\"", "If-Modified-Since: " + modified}, {"If-None-Match: " + etag, "If-Modified-Since: " + past},
		{"Range: bytes=1-2", "If-Range: " + etag}, {"Range: bytes=1-2", "If-Range: \"x\""}, {"Range: bytes=1-2", "If-Range: " + modified}, {"Range: bytes=1-2", "If-Range: " + past},
	} {
		all = append(all, request{"GET", "/a.txt", f}, request{"HEAD", "/a.txt", f})
	}
	for _, r := range all {
		want, wantBody := get(t, nginx, r.method, r.target, r.fields...)
		for range 2 { // from a worker, and from the cache
			got, body := get(t, ours, r.method, r.target, r.fields...)
			if diff := compare(want, wantBody, got, body); diff != "" && !differs(r.method, r.target, r.fields) {
				t.Errorf("%s %.40s %v: %s", r.method, r.target, r.fields, diff)
				break
			}
		}
	}
	t.Logf("%d requests compared", len(all))
}

// The modes of if_modified_since.
func TestModifiedSinceAgainstNginx(t *testing.T) {
	for mode, directive := range map[static.ModifiedSince]string{static.Exact: "exact", static.Before: "before", static.Off: "off"} {
		dir, ours := site(t, func(o *static.Options) { o.ModifiedSince = mode })
		wednesday := time.Date(2015, 10, 21, 7, 28, 0, 0, time.UTC)
		if err := os.Chtimes(filepath.Join(dir, "a.txt"), wednesday, wednesday); err != nil {
			t.Fatal(err)
		}
		nginx := startNginx(t, dir, "if_modified_since "+directive+";")
		for _, date := range []time.Time{wednesday.Add(-time.Second), wednesday, wednesday.Add(time.Second), time.Now()} {
			text := date.UTC().Format(http.TimeFormat)
			for _, fields := range [][]string{{"If-Modified-Since: " + text}, {"Range: bytes=1-2", "If-Range: " + text}, {"If-Unmodified-Since: " + text}} {
				want, wantBody := get(t, nginx, "GET", "/a.txt", fields...)
				got, body := get(t, ours, "GET", "/a.txt", fields...)
				if diff := compare(want, wantBody, got, body); diff != "" {
					t.Errorf("%s, %v: %s", directive, fields, diff)
				}
			}
		}
	}
}

// Precompressed files, as gzip_static with gzip_vary sends them. Ranges of them are left out: NGINX 1.22 has none, 1.31 does.
func TestPrecompressedAgainstNginx(t *testing.T) {
	dir, ours := site(t, func(o *static.Options) { o.Precompressed = true })
	if err := os.Remove(filepath.Join(dir, "page.html.br")); err != nil { // which nginx does not know
		t.Fatal(err)
	}
	nginx := startNginx(t, dir, "gzip_static on; gzip_vary on;")
	for _, accept := range []string{"", "gzip", "GZIP", "gzip;q=0", "gzip;q=0.000", "gzip;q=0.001", "gzip; q=1.0", "deflate, gzip;q=0.5", "deflate,gzip", "identity", "br", "gzipped", "x-gzip, br"} {
		for _, fields := range [][]string{{}, {"If-None-Match: *"}, {"If-None-Match: \"x\""}, {"If-Match: *"}} {
			fields = append(fields, "Accept-Encoding: "+accept)
			want, wantBody := get(t, nginx, "GET", "/page.html", fields...)
			got, body := get(t, ours, "GET", "/page.html", fields...)
			if want.Header.Get("Content-Encoding") != "" {
				got.Header.Del("Accept-Ranges")
			}
			diff := compare(want, wantBody, got, body)
			for _, name := range []string{"Content-Encoding", "Vary"} {
				if w, g := want.Header.Get(name), got.Header.Get(name); w != g {
					diff += fmt.Sprintf(" %s is %q, nginx has %q", name, g, w)
				}
			}
			if diff != "" {
				t.Errorf("%q: %s", fields, diff)
			}
		}
	}
}

// gzip_static always and without gzip_vary: everybody gets the sibling, and nothing says so. Siblings of other codings are not
// looked for.
func TestSiblingsAgainstNginx(t *testing.T) {
	dir, ours := site(t, func(o *static.Options) {
		o.Precompressed, o.Siblings, o.NoVary = true, []string{"gzip"}, true
		o.Accepts = func(*pipeline.Ctx, string) bool { return true }
	})
	nginx := startNginx(t, dir, "gzip_static always;")
	for _, target := range []string{"/page.html", "/a.txt"} {
		for _, accept := range []string{"", "gzip", "br"} {
			want, wantBody := get(t, nginx, "GET", target, "Accept-Encoding: "+accept)
			got, body := get(t, ours, "GET", target, "Accept-Encoding: "+accept)
			got.Header.Del("Accept-Ranges")
			want.Header.Del("Accept-Ranges")
			if diff := compare(want, wantBody, got, body); diff != "" || got.Header.Get("Content-Encoding") != want.Header.Get("Content-Encoding") || got.Header.Get("Vary") != "" {
				t.Errorf("%s %q: %s, %v", target, accept, diff, got.Header)
			}
		}
	}
	if _, err := static.New(static.Options{Root: dir, Siblings: []string{"lzma"}}); err == nil {
		t.Error("an unknown coding was taken")
	}
}

// Directory listings are NGINX's to the byte, whatever the files are called.
func TestListingAgainstNginx(t *testing.T) {
	dir, ours := site(t, func(o *static.Options) { o.Autoindex = true })
	list := filepath.Join(dir, "list")
	for _, name := range []string{"c:d", "quote\"'", "per%cent", "tab\tand\nline", "back\\slash", "ünï", strings.Repeat("long", 12) + "xy", strings.Repeat("long", 12) + "xyz",
		strings.Repeat("日本", 25), strings.Repeat("日本", 26), strings.Repeat("<>", 25), strings.Repeat("<>", 26), "a+b c~d-e_f.g,h;i=j@k$l", "#?&", "Z", "10", "9"} {
		if err := os.WriteFile(filepath.Join(list, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"empty", strings.Repeat("d", 48), strings.Repeat("d", 49), strings.Repeat("d", 50), strings.Repeat("d", 51), "dé & <x>"} {
		if err := os.Mkdir(filepath.Join(list, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../sub", filepath.Join(list, "link")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(list, "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	nginx := startNginx(t, dir)
	for _, target := range []string{"/list/", "/list/empty/", "/list/d%C3%A9%20%26%20%3Cx%3E/"} {
		want, wantBody := get(t, nginx, "GET", target)
		res, body := get(t, ours, "GET", target)
		if body != wantBody || !strings.EqualFold(strings.ReplaceAll(res.Header.Get("Content-Type"), " ", ""), strings.ReplaceAll(want.Header.Get("Content-Type"), " ", "")) {
			t.Errorf("%s: %v\n%s\nnginx: %v\n%s", target, res.Header, body, want.Header, wantBody)
		}
		_, wantBody = get(t, nginx, "GET", strings.Replace(target, "/list/", "/json/", 1))
		if _, body = get(t, ours, "GET", target, "Accept: application/json"); body != wantBody {
			t.Errorf("%s as JSON:\n%s\nnginx:\n%s", target, body, wantBody)
		}
	}
}

func compare(want *http.Response, wantBody string, got *http.Response, body string) string {
	if got.StatusCode != want.StatusCode {
		return fmt.Sprintf("status %d, nginx %d", got.StatusCode, want.StatusCode)
	}
	names := []string{"Etag", "Last-Modified", "Content-Range", "Location", "Accept-Ranges"}
	if want.StatusCode < 300 {
		names = append(names, "Content-Length", "Content-Type")
	}
	for _, name := range names {
		w, g := want.Header.Get(name), got.Header.Get(name)
		if strings.HasPrefix(w, "multipart/") && strings.HasPrefix(g, "multipart/") || name == "Content-Length" && (w == "" || want.Header.Get("Content-Range") == "" && want.StatusCode == 206) {
			continue // the boundary is each server's own; NGINX sends listings in chunks
		}
		if w != g {
			return fmt.Sprintf("%s is %q, nginx has %q", name, g, w)
		}
	}
	if want.StatusCode < 300 && body != wantBody && !strings.Contains(want.Header.Get("Content-Type"), "multipart/") {
		return fmt.Sprintf("body %.60q, nginx %.60q", body, wantBody)
	}
	return ""
}

// differs are the requests that we answer differently on purpose.
func differs(method, target string, fields []string) bool {
	all := strings.Join(fields, "\n")
	switch {
	case method == "HEAD" && strings.Contains(all, "Range: "):
		return true // Range has a meaning for GET only (RFC 9110 section 14.2)
	case strings.Contains(all, "If-None-Match: ") && strings.Contains(all, "If-Modified-Since: "):
		return true // the date is ignored beside an entity tag (RFC 9110 section 13.1.3); NGINX wants both to hold
	}
	return false
}
