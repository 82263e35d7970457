package http1

import (
	"path"
	"strings"
	"testing"
)

var pathTests = []struct {
	raw, merged string // merged == "" is a refusal
	kept        string // without merging, where that differs; "-" is a refusal
}{
	{"", "/", ""},
	{"/", "/", ""},
	{"/a/b.html", "/a/b.html", ""},
	{"/a/", "/a/", ""},
	{"/.", "/", ""},
	{"/./", "/", ""},
	{"/./a", "/a", ""},
	{"/a/.", "/a/", ""},
	{"/a/./b", "/a/b", ""},
	{"/a/..", "/", ""},
	{"/a/../", "/", ""},
	{"/a/../b", "/b", ""},
	{"/a/b/../../c", "/c", ""},
	{"/a/.../b", "/a/.../b", ""},
	{"/.well-known/x", "/.well-known/x", ""},
	{"/..a/b", "/..a/b", ""},
	{"/a./b", "/a./b", ""},
	{"//", "/", "//"},
	{"//a///b//", "/a/b/", "//a///b//"},
	{"/a//../b", "/b", "/a/b"},
	{"/a//./b", "/a/b", "/a//b"},
	{"//..", "", "/"},
	{"/a/..//b", "/b", "//b"},
	{"/%61%2Fb", "/a/b", ""},
	{"/a%2f%2fb", "/a/b", "/a//b"},
	{"/a/%2e%2e/b", "/b", ""},
	{"/a/.%2E/b", "/b", ""},
	{"/a/%2e%2e%2fb", "/b", ""},
	{"/a/%2e/b", "/a/b", ""},
	{"/%252e%252e/x", "/%2e%2e/x", ""},
	{"/a%3fb%23c%25d", "/a?b#c%d", ""},
	{"/..%3f/a", "/..?/a", ""},
	{"/.%23", "/.#", ""},
	{"/a+b%20c", "/a+b c", ""},
	{"/%c0%ae%c0%ae/x", "/\xc0\xae\xc0\xae/x", ""},
	{"/\xe2\x82\xac", "/\xe2\x82\xac", ""},
	{"/..%5c..%5cx", `/..\..\x`, ""},
	{"/a;/../b", "/b", ""},
	{"/a%0d%0aX:%201", "/a\r\nX: 1", ""},
	{"/a?b", "/a", ""},
	{"/a/..?/b", "/", ""},
	{"/a#../..", "/a", ""},
	{"?a", "/", ""},
	{"/..", "", "-"},
	{"/../", "", "-"},
	{"/../a", "", "-"},
	{"/a/../..", "", "-"},
	{"/a/../../b", "", "-"},
	{"/%2e%2e", "", "-"},
	{"/%2f..%2f..%2fetc", "", "-"},
	{"/a%00b", "", "-"},
	{"/a\x00b", "", "-"},
	{"/%", "", "-"},
	{"/%2", "", "-"},
	{"/%zz", "", "-"},
	{"/a%0", "", "-"},
	{"/%+1", "", "-"},
	{"a/b", "", "-"},
	{"*", "", "-"},
}

func TestAppendPath(t *testing.T) {
	for _, tt := range pathTests {
		kept := tt.kept
		switch kept {
		case "":
			kept = tt.merged
		case "-":
			kept = ""
		}
		for _, merge := range []bool{true, false} {
			want := kept
			if merge {
				want = tt.merged
			}
			got, v := AppendPath([]byte("/pre/"), []byte(tt.raw), merge)
			if v.Failed() != (want == "") || string(got) != "/pre/"+want {
				t.Errorf("%q merge %v: %q %v, want %q", tt.raw, merge, got, v, want)
			}
		}
	}
}

// A clean path is one that AppendPath leaves as it is.
func TestCleanPath(t *testing.T) {
	clean := 0
	for _, tt := range pathTests {
		if CleanPath([]byte(tt.raw)) {
			clean++
			if tt.merged != tt.raw {
				t.Errorf("%q is clean but becomes %q", tt.raw, tt.merged)
			}
		}
	}
	for _, p := range []string{"/", "/a/b.html", "/a/", "/a./b", "/a..", "/\xff", "/a+b;c=d"} {
		if !CleanPath([]byte(p)) {
			t.Errorf("%q is not clean", p)
		}
	}
	if clean < 5 {
		t.Errorf("%d of the table are clean", clean)
	}
}

// checkPath holds for every path: whatever the bytes, the result begins with "/", has no dot segment, no NUL, stays under
// the root, is what path.Clean makes of the decoded bytes, and does not change again.
func checkPath(t *testing.T, raw []byte) {
	t.Helper()
	got, v := AppendPath(nil, raw, true)
	if CleanPath(raw) && (v.Failed() || string(got) != string(raw)) {
		t.Fatalf("%q is clean but becomes %q %v", raw, got, v)
	}
	if v.Failed() {
		return
	}
	for _, bad := range []string{"/../", "/./", "//", "\x00"} {
		if strings.Contains(string(got)+"/", bad) && !(bad == "//" && strings.HasSuffix(string(got), "/") && !strings.Contains(string(got), "//")) {
			t.Fatalf("%q: %q holds %q", raw, got, bad)
		}
	}
	if got[0] != '/' {
		t.Fatalf("%q: %q", raw, got)
	}
	cut := string(raw)
	if i := strings.IndexAny(cut, "?#"); i >= 0 {
		cut = cut[:i]
	}
	decoded, ok := AppendUnescaped(nil, []byte(cut), false)
	if !ok {
		t.Fatalf("%q: broken encoding accepted", raw)
	}
	if want := path.Clean("/" + string(decoded)); strings.TrimSuffix(string(got), "/") != strings.TrimSuffix(want, "/") {
		t.Fatalf("%q: %q, path.Clean has %q", raw, got, want)
	}
	if !strings.ContainsAny(string(got), "%?#") {
		again, v := AppendPath(nil, got, true)
		if v.Failed() || string(again) != string(got) {
			t.Fatalf("%q: %q becomes %q %v", raw, got, again, v)
		}
	}
}

// All paths of up to seven pieces of the signs that matter.
func TestAllPaths(t *testing.T) {
	var grow func(p string, n int)
	grow = func(p string, n int) {
		checkPath(t, []byte(p))
		if n > 0 {
			for _, piece := range []string{"/", ".", "a", "%2e", "%2f", "%41"} {
				grow(p+piece, n-1)
			}
		}
	}
	grow("/", 6)
}
