package http1

import (
	"net/http"
	"testing"
	"time"
)

// paths are raw paths, and what NGINX's location matching sees with merge_slashes on; "" is a refusal.
var paths = []struct{ in, want string }{
	{"/", "/"}, {"/a/b", "/a/b"}, {"/a/", "/a/"}, {"/a//b", "/a/b"}, {"//a", "/a"}, {"/a/./b", "/a/b"}, {"/./", "/"}, {"/.", "/"},
	{"/a/.", "/a/"}, {"/a/..", "/"}, {"/a/../", "/"}, {"/a/b/../c", "/a/c"}, {"/a/b/..", "/a/"}, {"/a/../../b", ""}, {"/..", ""},
	{"/%2e%2e/", ""}, {"/a/%2E%2e/b", "/b"}, {"/a%2fb", "/a/b"}, {"/a%2f..%2fb", "/b"}, {"/a%2F%2Fb", "/a/b"}, {"/..a/.b", "/..a/.b"},
	{"/a%20b", "/a b"}, {"/%41", "/A"}, {"/%25", "/%"}, {"/%252e", "/%2e"}, {"/%00", ""}, {"/%", ""}, {"/%2", ""}, {"/%zz", ""},
	{"/\x00", ""}, {"/\xff%ff", "/\xff\xff"}, {"", "/"}, {"a", ""}, {"/a+b", "/a+b"}, {"/...", "/..."}, {"/a/...", "/a/..."},
}

func TestPaths(t *testing.T) {
	for _, c := range paths {
		got, v := AppendPath(nil, []byte(c.in), true)
		if v.Failed() {
			got = nil
		}
		if string(got) != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
		if CleanPath([]byte(c.in)) && c.in != c.want {
			t.Errorf("%q passes for clean", c.in)
		}
	}
	for in, want := range map[string]string{"/a//b": "/a//b", "//": "//", "/a//../b": "/a/b", "/a/./b": "/a/b"} {
		if got, _ := AppendPath(nil, []byte(in), false); string(got) != want {
			t.Errorf("without merge_slashes %q: %q, want %q", in, got, want)
		}
	}
	if !CleanPath([]byte("/static/css/site.min.css")) {
		t.Error("a plain path is not clean")
	}
}

func TestDates(t *testing.T) {
	want := time.Date(1994, 11, 6, 8, 49, 37, 0, time.UTC).Unix()
	for _, s := range []string{"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"} {
		if got, ok := ParseDate([]byte(s)); !ok || got != want {
			t.Errorf("%q: %d %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "x", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
		"Sun, 06 Nom 1994 08:49:37 GMT", "Sun, 06 Nov 19x4 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 PST", "Sun 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37", "Sun Nov 66 08:49:37 1994", "1994-11-06"} {
		if got, ok := ParseDate([]byte(s)); ok {
			t.Errorf("%q is accepted as %d", s, got)
		}
	}
}

func TestAcceptsEncoding(t *testing.T) {
	for _, c := range []struct {
		value, coding string
		want          bool
	}{
		{"gzip", "gzip", true}, {"GZip", "gzip", true}, {"br, gzip", "gzip", true}, {"br", "gzip", false}, {"", "gzip", false},
		{"gzip;q=0", "gzip", false}, {"gzip;q=0.000", "gzip", false}, {"gzip;q=0.001", "gzip", true}, {"gzip ; Q=1", "gzip", true},
		{"*", "br", true}, {"*;q=0", "br", false}, {"*, br;q=0", "br", false}, {"br;q=0, *", "br", false}, {"xgzip", "gzip", false},
	} {
		if got := AcceptsEncoding([]byte(c.value), c.coding); got != c.want {
			t.Errorf("%q accepts %s: %v", c.value, c.coding, got)
		}
	}
}

func TestCookiesAndQueries(t *testing.T) {
	field := []byte(`a=1; b="x y"; c; d=; =e;;f=g=h`)
	for name, want := range map[string]string{"a": "1", "b": "x y", "d": "", "f": "g=h"} {
		if v, ok := CookieValue(field, name); !ok || string(v) != want {
			t.Errorf("cookie %s: %q %v", name, v, ok)
		}
	}
	if _, ok := CookieValue(field, "z"); ok {
		t.Error("a cookie that is not there")
	}
	query := []byte("a=1&b=%20x+y&&c&a=2&k%3d=v")
	for name, want := range map[string]string{"a": "1", "b": " x y", "c": "", "k=": "v"} {
		raw, ok := QueryValue(query, name)
		got, well := AppendUnescaped(nil, raw, true)
		if !ok || !well || string(got) != want {
			t.Errorf("query %s: %q %v", name, got, ok)
		}
	}
	if got, ok := AppendUnescaped(nil, []byte("%4"), false); ok || string(got) != "%4" {
		t.Errorf("broken escape: %q %v", got, ok)
	}
}

func TestResponseParts(t *testing.T) {
	if got := string(AppendStatusLine(nil, 404)); got != "HTTP/1.1 404 Not Found\r\n" {
		t.Errorf("%q", got)
	}
	if got := string(AppendStatusLine(nil, 4040)); got != "HTTP/1.1 500 Internal Server Error\r\n" {
		t.Errorf("%q", got)
	}
	if got := string(AppendField(nil, "A", "b")) + string(AppendChunkHead(nil, 255)); got != "A: b\r\nff\r\n" {
		t.Errorf("%q", got)
	}
	for status := 100; status < 600; status++ {
		if std := http.StatusText(status); std != "" && StatusText(status) == "" && status != 306 {
			t.Errorf("status %d has no text", status)
		}
	}
	for _, bad := range []string{"a\r\nb", "a\x00", "\n"} {
		if ValidFieldValue(bad) {
			t.Errorf("%q passes as a field value", bad)
		}
	}
}
