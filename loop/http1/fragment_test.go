package http1

import "testing"

// A fragment belongs neither to the path nor to the query, and is refused unless it is allowed.
func TestFragment(t *testing.T) {
	for _, test := range []struct{ target, path, query string }{
		{"/a#b", "/a", ""}, {"/a?x#b", "/a", "x"}, {"/a#b?x", "/a", ""}, {"/#", "/", ""}, {"/a##b#", "/a", ""},
		{"http://a?x#b/", "", "x"}, {"http://a:80/b#c", "/b", ""},
	} {
		for _, allowed := range []bool{false, true} {
			lim := DefaultLimits()
			lim.Fragment = allowed
			in := []byte("GET " + test.target + " HTTP/1.1\r\nHost: a\r\n\r\n")
			var r Request
			v := r.Parse(in, &lim)
			if !allowed {
				if v != BadTarget {
					t.Errorf("%s: %v", test.target, v)
				}
				continue
			}
			if path, query := string(r.Path.Of(in)), string(r.Query.Of(in)); v != Complete || path != test.path || query != test.query || string(r.Target.Of(in)) != test.target {
				t.Errorf("%s: %v, path %q, query %q, target %q", test.target, v, path, query, r.Target.Of(in))
			}
		}
	}
	lim := DefaultLimits()
	lim.Fragment = true
	if v := new(Request).Parse([]byte("GET http://a#b HTTP/1.1\r\nHost: a\r\n\r\n"), &lim); v != BadAuthority {
		t.Errorf("a fragment right behind the authority: %v", v)
	}
	if v := new(Request).Parse([]byte("GET /a#b\x01 HTTP/1.1\r\nHost: a\r\n\r\n"), &lim); v != BadTarget {
		t.Errorf("a control byte behind a fragment's beginning: %v", v)
	}
}
