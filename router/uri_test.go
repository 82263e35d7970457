package router

import "testing"

// A path with dot segments is resolved, also one that begins with "//", which no host follows.
func TestAbsoluteURI(t *testing.T) {
	for path, want := range map[string]string{
		"/a": "/a", "/a//b?x=/../": "/a//b?x=/../", "/a/./b?x=%20": "/a/b?x=%20", "/a/../b/": "/b/", "//a": "//a",
		"//a/./b": "//a/b", "//a/../b/": "//b/", "/./a%2Fb/../c%3F": "/c%3F", "/a/.": "/a/.",
	} {
		const origin = "https://example.com"
		if got := AbsoluteURI(origin, path); got != origin+want {
			t.Errorf("%s: %s, want %s", path, got, origin+want)
		}
	}
}
