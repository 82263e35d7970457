package router

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func reverseTable(t *testing.T) *Table {
	polls := []Entry{Path("", Endpoint{Name: "index"}), Path("<int:pk>/", Endpoint{Name: "detail"})}
	return compile(t,
		Path("year/<int:y>/", Endpoint{Name: "year", Kwargs: map[string]any{"kind": 7}}),
		Path("100%/<str:s>/", Endpoint{Name: "percent"}),
		Path("/<path:p>", Endpoint{Name: "slashes"}),
		Include("a/", Scope{App: "polls", Namespace: "first"}, polls...),
		Include("b/", Scope{App: "polls", Namespace: "second"}, polls...),
		Mux("GET /u/{id}/{rest...}", Endpoint{Name: "user"}),
		Mount("api/<slug:v>/", Endpoint{Name: "api"}),
		RePath(`(?i)^ci/(?P<x>[a-z]+)/$`, Endpoint{Name: "ci"}),
		RePath(`^e/(?:x|y)/$`, Endpoint{Name: "either"}),
		RePath(`^o/(?:p(?P<p>\d+)/)?$`, Endpoint{Name: "optional"}),
	)
}

func TestReverse(t *testing.T) {
	table := reverseTable(t)
	cases := []struct {
		name string
		with Reverse
		want string // empty: ErrNoReverse
	}{
		{"year", Reverse{Args: []any{2024}}, "/year/2024/"},
		{"year", Reverse{Kwargs: map[string]any{"y": 2024, "kind": int64(7)}}, "/year/2024/"},
		{"year", Reverse{Kwargs: map[string]any{"y": 2024, "kind": 8}}, ""},
		{"year", Reverse{Args: []any{"x"}}, ""}, {"year", Reverse{}, ""},
		{"percent", Reverse{Args: []any{"a b?é"}}, "/100%25/a%20b%3F%C3%A9/"},
		{"slashes", Reverse{Args: []any{"evil.com"}}, "/%2Fevil.com"},
		{"polls:index", Reverse{}, "/b/"}, {"polls:index", Reverse{CurrentApp: "first"}, "/a/"},
		{"first:detail", Reverse{Args: []any{3}, ScriptPrefix: "/app"}, "/app/a/3/"},
		{"nope:detail", Reverse{}, ""}, {"polls:nope", Reverse{}, ""}, {"nope", Reverse{}, ""},
		{"user", Reverse{Args: []any{"me", "a/b"}}, "/u/me/a/b"}, {"user", Reverse{Args: []any{"me", ""}}, "/u/me/"},
		{"user", Reverse{Args: []any{"a/b", ""}}, "/u/a/b/"},
		{"api", Reverse{Args: []any{"v1"}}, "/api/v1/"},
		{"ci", Reverse{Args: []any{"ABC"}}, "/ci/ABC/"}, {"either", Reverse{}, ""},
		{"optional", Reverse{}, "/o/"}, {"optional", Reverse{Args: []any{4}}, "/o/p4/"},
		{"year", Reverse{Args: []any{1}, Query: url.Values{"q": {"a b"}}, Fragment: "x y"}, "/year/1/?q=a+b#x%20y"},
	}
	for _, c := range cases {
		got, err := table.ReverseWith(c.name, c.with)
		if got != c.want || errors.Is(err, ErrNoReverse) != (c.want == "") {
			t.Errorf("%s %+v: %q %v, want %q", c.name, c.with, got, err, c.want)
		}
	}
}

func TestReverseErrorsHelp(t *testing.T) {
	table := reverseTable(t)
	for name, want := range map[string]string{
		"yaer": "known here: api, ci,", "nope:x": "known here: first, second", "year": `tried: "year/<int:y>/"`,
	} {
		if _, err := table.Reverse(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	_, err := table.ReverseWith("year", Reverse{Args: []any{1}, Kwargs: map[string]any{"y": 1}})
	if err == nil || errors.Is(err, ErrNoReverse) {
		t.Errorf("both kinds of arguments: %v", err)
	}
}

// TestReverseRoundTrip: what Reverse makes of the captured values is found again, by the same endpoint.
func TestReverseRoundTrip(t *testing.T) {
	table := reverseTable(t)
	var m Match
	for _, path := range []string{"/year/12/", "/100%/x y/", "/u/é/a//b", "/a/5/", "/b/", "/api/v1/", "/ci/abc/", "/o/p7/", "/o/"} {
		if table.Find(GET, path, &m) != Found {
			t.Fatalf("%s: not found", path)
		}
		reversed, err := table.ReverseWith(m.Info().ViewName, Reverse{Kwargs: m.Kwargs()})
		if err != nil || DecodePath(reversed) != path {
			t.Errorf("%s: %q %v", path, reversed, err)
		}
	}
}

func TestFindSlashed(t *testing.T) {
	table := compile(t, Path("a/", Endpoint{Route: 1}))
	var m Match
	if table.FindSlashed(Any, "/a", &m) != Found || m.Route != 1 || m.Path() != "/a/" {
		t.Errorf("route %d, path %q", m.Route, m.Path())
	}
	if table.FindSlashed(Any, "/a/", &m) != NotFound || table.FindSlashed(Any, "/b", &m) != NotFound {
		t.Error("found what is not there")
	}
}

func TestDecodePath(t *testing.T) {
	for raw, want := range map[string]string{
		"": "/", "/a%2fb": "/a/b", "/%": "/%", "/%4": "/%4", "/%zz": "/%zz", "/%41%E2%82x": "/A%E2%82x", "/+": "/+",
		"/%FF/é": "/%FF/é", "/%25": "/%",
	} {
		if got := DecodePath(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}
