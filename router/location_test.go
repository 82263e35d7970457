package router

import (
	"strings"
	"testing"
)

func findLocation(t *testing.T, locations []Location, cases map[string]int) {
	t.Helper()
	l, err := CompileLocations(locations)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range cases {
		if m := l.Find(path); m.Route != want {
			t.Errorf("%s: location %d, want %d", path, m.Route, want)
		}
	}
}

// TestLocationsOfTheManual is the example of ngx_http_core_module's documentation of the location directive.
func TestLocationsOfTheManual(t *testing.T) {
	findLocation(t, []Location{
		{Modifier: "=", Pattern: "/", Route: 1},
		{Pattern: "/", Route: 2},
		{Pattern: "/documents/", Route: 3},
		{Modifier: "^~", Pattern: "/images/", Route: 4},
		{Modifier: "~*", Pattern: `\.(gif|jpg|jpeg)$`, Route: 5},
	}, map[string]int{
		"/": 1, "/index.html": 2, "/documents/document.html": 3, "/images/1.gif": 4, "/documents/1.jpg": 5, "/A.JPEG": 5,
	})
}

func TestLocationOrder(t *testing.T) {
	findLocation(t, []Location{
		{Modifier: "~", Pattern: `^/a/.*\.php$`, Route: 1},
		{Modifier: "~", Pattern: `\.php$`, Route: 2},
		{Pattern: "/a/", Route: 3},
		{Pattern: "/a/b", Route: 4},
		{Modifier: "=", Pattern: "/a/x.php", Route: 5},
		{Modifier: "^~", Pattern: "/a/b/raw/", Route: 6},
	}, map[string]int{
		"/a/y.php": 1, "/y.php": 2, "/a/y": 3, "/a/bcd": 4, "/a/x.php": 5, "/a/b/raw/y.php": 6, "/a/b/r.php": 1,
		"/": -1, "/a": -1, "": -1, "/a/x.phpx": 3,
	})
}

// TestNestedLocations follows ngx_http_core_find_location: regular expressions of the outer level still win over a
// nested prefix, unless the outer prefix has ^~.
func TestNestedLocations(t *testing.T) {
	findLocation(t, []Location{
		{Pattern: "/a/", Route: 1, Nested: []Location{
			{Pattern: "/a/in/", Route: 2},
			{Modifier: "=", Pattern: "/a/exact.php", Route: 3},
			{Modifier: "~", Pattern: `\.html$`, Route: 4},
			{Modifier: "^~", Pattern: "/a/raw/", Route: 5},
		}},
		{Modifier: "^~", Pattern: "/b/", Route: 6, Nested: []Location{
			{Pattern: "/b/in/", Route: 7},
			{Modifier: "~", Pattern: `\.php$`, Route: 8},
		}},
		{Modifier: "~", Pattern: `\.php$`, Route: 9, Nested: []Location{{Modifier: "~", Pattern: `^/x/`, Route: 10}}},
	}, map[string]int{
		"/a/y": 1, "/a/in/y": 2, "/a/in/y.php": 9, "/a/exact.php": 3, "/a/in/y.html": 4, "/a/raw/y.html": 5,
		"/a/raw/y.php": 9, "/b/y": 6, "/b/in/y": 7, "/b/in/y.php": 8, "/x/y.php": 10, "/y.php": 9,
	})
}

func TestLocationSlashRedirect(t *testing.T) {
	l, err := CompileLocations([]Location{
		{Pattern: "/", Route: 1}, {Pattern: "/up/", Route: 2, Slash: true}, {Pattern: "/both/", Route: 3, Slash: true},
		{Modifier: "=", Pattern: "/both", Route: 4}, {Pattern: "/files/", Route: 5}, {Pattern: "/p/", Route: 6, Slash: true},
		{Pattern: "/p", Route: 7}, {Modifier: "~", Pattern: "^/up$", Route: 8},
	})
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		path     string
		route    int
		redirect bool
	}{
		{"/up", 2, true}, {"/up/", 2, false}, {"/up/x", 2, false}, {"/upx", 1, false}, {"/both", 4, false},
		{"/files", 1, false}, {"/p", 7, false}, {"/p/x", 6, false},
	}
	for _, c := range cases {
		if m := l.Find(c.path); m.Route != c.route || m.Redirect != c.redirect {
			t.Errorf("%s: %+v, want %+v", c.path, m, c)
		}
	}
}

func TestLocationRegexIsHandedOut(t *testing.T) {
	l, err := CompileLocations([]Location{{Modifier: "~", Pattern: `^/(\w+)/(.*)$`}, {Modifier: "@", Pattern: "back", Route: 7}})
	if err != nil {
		t.Fatal(err)
	}
	m := l.Find("/a/b")
	if m.Regex == nil || m.Regex.FindStringSubmatch("/a/b")[2] != "b" {
		t.Errorf("%+v", m)
	}
	if route, ok := l.Named("back"); !ok || route != 7 {
		t.Error("the named location is missing")
	}
	if _, ok := l.Named("nope"); ok || l.Find("@back").Route != -1 {
		t.Error("a named location was found by path, or one that is not there")
	}
}

func TestLocationErrors(t *testing.T) {
	cases := []struct {
		locations []Location
		want      string
	}{
		{[]Location{{Pattern: "/a"}, {Modifier: "^~", Pattern: "/a"}}, `duplicate location "/a"`},
		{[]Location{{Modifier: "@", Pattern: "a"}, {Modifier: "@", Pattern: "a"}}, `duplicate location "@a"`},
		{[]Location{{Pattern: "/a", Nested: []Location{{Pattern: "/b"}}}}, `location "/b" is outside location "/a"`},
		{[]Location{{Modifier: "=", Pattern: "/a", Nested: []Location{{Pattern: "/a/b"}}}}, `cannot be inside the exact location "/a"`},
		{[]Location{{Modifier: "@", Pattern: "a", Nested: []Location{{Pattern: "/a/b"}}}}, `cannot be inside the named location "@a"`},
		{[]Location{{Pattern: "/a", Nested: []Location{{Modifier: "@", Pattern: "b"}}}}, `named location "@b" can be on the server level only`},
		{[]Location{{Modifier: "~", Pattern: "("}}, `location "~ ("`},
		{[]Location{{Modifier: "!", Pattern: "/"}}, `invalid location modifier "!"`},
	}
	for _, c := range cases {
		_, err := CompileLocations(c.locations)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "router: ") {
			t.Errorf("%v: %v, want %s", c.locations, err, c.want)
		}
	}
	ok := []Location{{Pattern: "/a"}, {Modifier: "=", Pattern: "/a"}}
	if _, err := CompileLocations(ok); err != nil {
		t.Error(err)
	}
}
