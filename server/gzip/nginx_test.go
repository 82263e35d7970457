package gzip_test

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	stdgzip "compress/gzip"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter"
	"github.com/wheelpit/wheelpit/server/filter/filtertest"
	"github.com/wheelpit/wheelpit/server/gzip"
	"github.com/wheelpit/wheelpit/server/static"
)

var page = strings.Repeat("<p>a page with words that repeat</p>\n", 300)

var files = map[string]string{
	"page.html": page, "short.html": strings.Repeat("x", 19), "twenty.html": strings.Repeat("x", 20), "empty.html": "", "a.txt": page, "a.css": page,
	"middle.html": strings.Repeat(page, 5), "large.html": strings.Repeat(page, 30), "huge.html": strings.Repeat(page, 130),
}

// plain is the body of a response, decompressed when it says that it is.
func plain(t *testing.T, r filtertest.Response) string {
	t.Helper()
	if r.Header.Get("Content-Encoding") != "gzip" {
		return r.Body
	}
	z, err := stdgzip.NewReader(strings.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func newFilter(t testing.TB, cfg gzip.Config) *filter.Coding {
	t.Helper()
	f, err := gzip.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var fields = []string{"Content-Encoding", "Content-Type", "Etag", "Vary", "Accept-Ranges", "Last-Modified", "Content-Range"}

// compare sends each request twice to both, so that what is kept is seen as well.
func compare(t *testing.T, nginx, ours, method, target, proto string, lines ...string) {
	t.Helper()
	want := filtertest.Get(t, nginx, method, target, proto, lines...)
	for range 2 {
		got := filtertest.Get(t, ours, method, target, proto, lines...)
		diff := filtertest.Diff(want, got, fields...)
		if diff == "" && want.StatusCode == 200 && method != "HEAD" && plain(t, got) != plain(t, want) {
			diff = "other body"
		}
		if diff != "" {
			t.Errorf("%s %s HTTP/%s %q: %s", method, target, proto, lines, diff)
			return
		}
	}
}

func TestAgainstNginx(t *testing.T) {
	dir := filtertest.Dir(t, files)
	nginx := filtertest.Nginx(t, dir, "", "gzip on; gzip_vary on; gzip_types text/css;")
	f := newFilter(t, gzip.Config{Types: []string{"text/css"}, MinLength: gzip.DefaultMinLength, Vary: true})
	ours := filtertest.Files(t, dir, static.Options{Types: filtertest.Types, Filtered: f.Changes}, f)
	for name := range files {
		for _, method := range []string{"GET", "HEAD"} {
			compare(t, nginx, ours, method, "/"+name, "1.1", "Accept-Encoding: gzip")
		}
		compare(t, nginx, ours, "GET", "/"+name, "1.1")
		compare(t, nginx, ours, "GET", "/"+name, "1.0", "Accept-Encoding: gzip")
		compare(t, nginx, ours, "GET", "/"+name, "1.1", "Accept-Encoding: gzip", "Via: 1.1 proxy")
	}
	for _, value := range accepts {
		compare(t, nginx, ours, "GET", "/page.html", "1.1", "Accept-Encoding: "+value)
	}
	compare(t, nginx, ours, "GET", "/page.html", "1.1", "Accept-Encoding: gzip", "If-None-Match: *")
	if res := filtertest.Get(t, ours, "GET", "/none", "1.1", "Accept-Encoding: gzip"); res.Header.Get("Content-Encoding") != "gzip" {
		t.Error("the page of a 404 is not compressed")
	}
}

var accepts = []string{
	"", "gzip", "GZip", "gzip,deflate", "deflate, gzip", "deflate,gzip", "deflate;gzip", "xgzip", "x-gzip", "gzipx", "gzipx, gzip", "gzip ", " gzip , br", "*", "gzi",
	"gzip;q=0", "gzip;q=0.0", "gzip;q=0.000", "gzip;q=0.001", "gzip;q=0.0001", "gzip;q=0.9999", "gzip;q=1", "gzip;q=1.0", "gzip;q=1.000", "gzip;q=1.001", "gzip;q=1.0000",
	"gzip;q=2", "gzip;q=", "gzip;q", "gzip;", "gzip; ;q=1", "gzip; q=0.5, br", "gzip ; Q=0.5", "gzip; q =0.5", "gzip; q= 0.5", "gzip;q=0,gzip", "gzip;q=0.5 x", "gzip;q=0x",
	"gzip;q=.5", "gzip;q=0.", "gzip;q=1.", "gzip;a=1", "deflate, gzip;q=0, *", "gzip x", "gzip\tx", "identity;q=1,gzip;q=0.1",
}

func TestProxiedAgainstNginx(t *testing.T) {
	dir := filtertest.Dir(t, files)
	for words, p := range map[string]filter.Proxied{
		"off": 0, "any": filter.ProxiedAny, "expired": filter.ProxiedExpired, "no-cache": filter.ProxiedNoCache, "no-store": filter.ProxiedNoStore,
		"private": filter.ProxiedPrivate, "no_last_modified": filter.ProxiedNoLastModified, "no_etag": filter.ProxiedNoETag, "auth": filter.ProxiedAuth,
		"expired no-cache no-store private auth": filter.ProxiedExpired | filter.ProxiedNoCache | filter.ProxiedNoStore | filter.ProxiedPrivate | filter.ProxiedAuth,
		"no_etag no_last_modified private":       filter.ProxiedNoETag | filter.ProxiedNoLastModified | filter.ProxiedPrivate,
		"no_last_modified no_etag auth expired":  filter.ProxiedNoETag | filter.ProxiedNoLastModified | filter.ProxiedAuth | filter.ProxiedExpired,
	} {
		nginx := filtertest.Nginx(t, dir, "", `gzip on; gzip_proxied `+words+`;
			location = /expired { return 200 "`+strings.Repeat("x", 50)+`"; default_type text/html; expires epoch; }
			location = /later { return 200 "`+strings.Repeat("x", 50)+`"; default_type text/html; expires 1h; }
			location ~ ^/cc/(.*)$ { return 200 "`+strings.Repeat("x", 50)+`"; default_type text/html; add_header Cache-Control $1; }`)
		files, err := static.New(static.Options{Root: dir, Types: filtertest.Types})
		if err != nil {
			t.Fatal(err)
		}
		app := pipeline.New()
		app.Use(newFilter(t, gzip.Config{MinLength: 20, Clients: filter.Clients{Proxied: p}}))
		text := func(name, value string) pipeline.Handler {
			return func(c *pipeline.Ctx) error {
				if name == "Cache-Control" {
					value = c.Path()[len("/cc/"):]
				}
				_ = c.SetHeader(name, value)
				return c.Static(200, "text/html", []byte(strings.Repeat("x", 50)))
			}
		}
		app.Path("expired", text("Expires", "Thu, 01 Jan 1970 00:00:01 GMT"))
		app.Path("later", text("Expires", "Thu, 31 Dec 2037 23:55:55 GMT"))
		app.Mount("/cc/", text("Cache-Control", ""))
		app.Mount("/", files.Serve, pipeline.Inline)
		ours := filtertest.Serve(t, app)
		for _, target := range []string{"/page.html", "/expired", "/later", "/cc/private", "/cc/no-cache", "/cc/no-store", "/cc/public,%20no-store", "/cc/max-age=0", "/cc/xprivate", "/cc/PRIVATE"} {
			if words == "no_last_modified" && target == "/page.html" {
				continue // NGINX looks past the Last-Modified of its own static files, against its manual
			}
			for _, auth := range []string{"X: y", "Authorization: Basic eDp5"} {
				compare(t, nginx, ours, "GET", target, "1.1", "Accept-Encoding: gzip", "Via: 1.1 p", auth)
			}
		}
	}
}

func TestDisableAgainstNginx(t *testing.T) {
	dir := filtertest.Dir(t, files)
	nginx := filtertest.Nginx(t, dir, "", `gzip on; gzip_types *; gzip_http_version 1.0; gzip_min_length 0; gzip_comp_level 9; gzip_disable msie6 "Bad[0-9]";`)
	bad := regexp.MustCompile("Bad[0-9]")
	f := newFilter(t, gzip.Config{Types: []string{"*"}, Level: 9, Clients: filter.Clients{HTTP10: true, MSIE6: true, Disable: bad.Match}})
	ours := filtertest.Files(t, dir, static.Options{Types: filtertest.Types}, f)
	for _, agent := range []string{"", "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)", "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)", "MSIE 5.5", "MSIE 4.01; x", "MSIE 7.0", "MSIE 6",
		"MSIE 6.", "MSIE 6.0", "x Bad7", "Bad"} {
		compare(t, nginx, ours, "GET", "/page.html", "1.1", "Accept-Encoding: gzip", "User-Agent: "+agent)
	}
	for name := range files {
		compare(t, nginx, ours, "GET", "/"+name, "1.0", "Accept-Encoding: gzip")
	}
}

// A stream is compressed as it comes, and what it flushes can be read.
func TestStream(t *testing.T) {
	app := pipeline.New()
	app.Use(newFilter(t, gzip.Config{}))
	app.Path("", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/html", -1, func(s *pipeline.Stream) error {
			for range 50 {
				if _, err := io.WriteString(s, page); err != nil {
					return err
				}
			}
			return s.Flush()
		})
	})
	res := filtertest.Get(t, filtertest.Serve(t, app), "GET", "/", "1.1", "Accept-Encoding: gzip")
	if got := plain(t, res); got != strings.Repeat(page, 50) || !bytes.HasPrefix([]byte(res.Body), []byte{0x1f, 0x8b, 8, 0}) {
		t.Errorf("%d bytes, %v", len(got), res.Header)
	}
}
