package router

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func compile(t testing.TB, entries ...Entry) *Table {
	t.Helper()
	table, _, err := Compile(entries, Config{})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestFindFirstDeclaredWins(t *testing.T) {
	table := compile(t,
		Path("articles/2003/", Endpoint{Route: 1}),
		Path("articles/<int:year>/", Endpoint{Route: 2}),
		Path("articles/<slug:s>-<int:n>.html", Endpoint{Route: 4}),
		Include("polls/", Scope{}, Path("", Endpoint{Route: 5}), Path("<str:x>/", Endpoint{Route: 6})),
		Path("<path:all>", Endpoint{Route: 9}),
		Path("late/", Endpoint{Route: 10}),
	)
	var m Match
	for path, want := range map[string]int{
		"/articles/2003/": 1, "/articles/2004/": 2, "/articles/a-b-7.html": 4, "/polls/": 5, "/polls/zz/": 6,
		"/polls/a/b/": 9, "/late/": 9, "/": -1, "": -1, "articles/2003/": -1,
	} {
		table.Find(GET, path, &m)
		if m.Route != want {
			t.Errorf("%q: route %d, want %d", path, m.Route, want)
		}
	}
	if table.Find(GET, "/"+strings.Repeat("a", MaxPath), &m) != NotFound {
		t.Error("a path beyond MaxPath was looked up")
	}
}

// A value ends where a character ends, as in Django's regular expressions, also when the next value begins there.
func TestValuesAreCharacters(t *testing.T) {
	table := compile(t,
		Path("two/<str:a><str:b>", Endpoint{Route: 1}),
		Path("path/<path:a><path:b>/", Endpoint{Route: 2}),
		Path("three/<str:a><str:b><str:c>", Endpoint{Route: 3}),
		Include("in/<str:a><str:b>", Scope{}, Path("", Endpoint{Route: 4})),
		Path("<path:all>", Endpoint{Route: 9}),
	)
	var m Match
	for path, want := range map[string]string{
		"/two/éé": "b=é a=é", "/two/aé": "b=é a=a", "/two/éa": "b=a a=é", "/two/é": "all=two/é", "/two/€": "all=two/€", "/two/😀😀": "b=😀 a=😀",
		"/two/a\x80": "b=\x80 a=a", "/two/\x80\x80": "b=\x80 a=\x80", "/path/a/é/": "b=é a=a/", "/three/aéb": "a=a b=é c=b", "/three/éb": "all=three/éb",
		"/in/é": "all=in/é", "/in/éé": "b=é a=é",
	} {
		table.Find(GET, path, &m)
		if got := params(&m); got != want && got != reversed(want) {
			t.Errorf("%q: route %d, %q, want %q", path, m.Route, got, want)
		}
	}
}

func TestMuxPatterns(t *testing.T) {
	table := compile(t,
		Mux("GET /u/{id}", Endpoint{Route: 1}),
		Mux("POST /u/{id}", Endpoint{Route: 2}),
		Mux("/files/{rest...}", Endpoint{Route: 3}),
		Mux("/exact/{$}", Endpoint{Route: 4}),
		Mux("/tree/", Endpoint{Route: 5}),
		Mux("/a/{x}/b/{y}/{$}", Endpoint{Route: 6}),
		Mux("/{$}", Endpoint{Route: 7}),
	)
	cases := []struct {
		method Methods
		path   string
		route  int
		params string
	}{
		{GET, "/u/7", 1, "id=7"}, {HEAD, "/u/7", 1, "id=7"}, {POST, "/u/7", 2, "id=7"}, {DELETE, "/u/7", -1, ""},
		{GET, "/u/", -1, ""}, {GET, "/u/7/", -1, ""}, {GET, "/files/", 3, "rest="}, {GET, "/files/a/b", 3, "rest=a/b"},
		{GET, "/exact/", 4, ""}, {GET, "/exact/x", -1, ""}, {GET, "/tree/", 5, ""}, {GET, "/tree/x/y", 5, ""},
		{GET, "/tree", -1, ""}, {GET, "/a/1/b/2/", 6, "y=2 x=1"}, {GET, "/", 7, ""},
	}
	var m Match
	for _, c := range cases {
		table.Find(c.method, c.path, &m)
		if got := params(&m); m.Route != c.route || got != c.params && got != reversed(c.params) {
			t.Errorf("%s %s: route %d %q, want %d %q", c.method, c.path, m.Route, got, c.route, c.params)
		}
	}
}

func params(m *Match) string {
	var list []string
	for i := range m.NumParams() {
		if name, text, ok := m.ParamAt(i); ok {
			list = append(list, name+"="+text)
		}
	}
	return strings.Join(list, " ")
}

func reversed(s string) string {
	a, b, _ := strings.Cut(s, " ")
	return strings.TrimSpace(b + " " + a)
}

func TestMethodVerdicts(t *testing.T) {
	table := compile(t,
		Path("a/", Endpoint{Route: 1, Methods: GET}),
		Path("<str:x>/", Endpoint{Route: 2, Methods: POST | DELETE}),
		Path("any/", Endpoint{Route: 3}),
		Path("o/", Endpoint{Route: 4, Methods: OPTIONS}),
	)
	cases := []struct {
		method  Methods
		path    string
		verdict Verdict
		route   int
		allow   string
	}{
		{GET, "/a/", Found, 1, ""}, {HEAD, "/a/", Found, 1, ""}, {POST, "/a/", Found, 2, ""},
		{PUT, "/a/", MethodNotAllowed, -1, "GET, HEAD, POST, DELETE, OPTIONS"},
		{OPTIONS, "/a/", AnswerOptions, -1, "GET, HEAD, POST, DELETE, OPTIONS"},
		{OTHER, "/b/", MethodNotAllowed, -1, "POST, DELETE, OPTIONS"},
		{OTHER, "/any/", Found, 3, ""}, {OPTIONS, "/any/", Found, 3, ""}, {OPTIONS, "/o/", Found, 4, ""},
		{GET, "/a/b/", NotFound, -1, ""}, {Any, "/b/", Found, 2, ""},
	}
	var m Match
	for _, c := range cases {
		verdict := table.Find(c.method, c.path, &m)
		if verdict != c.verdict || m.Route != c.route || verdict != Found && m.Allow.String() != c.allow {
			t.Errorf("%s %s: verdict %d route %d allow %q, want %+v", c.method, c.path, verdict, m.Route, m.Allow, c)
		}
	}
}

func TestMethodOfKnowsEveryName(t *testing.T) {
	for i, name := range methodNames[1:] {
		if got := MethodOf(name); got != 1<<(i+1) || got.String() != name {
			t.Errorf("%s: %d, %q", name, got, got)
		}
	}
	if MethodOf("get") != OTHER || MethodOf("OTHER") != OTHER {
		t.Error("an unknown method is not OTHER")
	}
}

func TestMountHandsOverTheRest(t *testing.T) {
	table := compile(t,
		Mount("api", Endpoint{Route: 1}),
		Mount("/static/", Endpoint{Route: 2}),
		Mount("t/<slug:tenant>/", Endpoint{Route: 3}),
		Include("in/", Scope{}, Mount("", Endpoint{Route: 4})),
	)
	var m Match
	for path, want := range map[string]string{
		"/api": "1 ", "/api/": "1 /", "/api/x/y": "1 /x/y", "/apis": "-1", "/static/a.css": "2 /a.css", "/static": "-1",
		"/t/x-y/z": "3 /z", "/in/a/b": "4 /a/b", "/in/": "4 /",
	} {
		got := "-1"
		if table.Find(GET, path, &m) == Found {
			got = fmt.Sprint(m.Route, " ", m.Rest())
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestDeclaredKwargsWin(t *testing.T) {
	table := compile(t, Include("<str:a>/<str:b>/", Scope{Kwargs: map[string]any{"b": "include", "n": 5}},
		Path("<str:c>/", Endpoint{Kwargs: map[string]any{"c": 3.5}}),
		Path("<str:b>/x/", Endpoint{}),
	))
	var m Match
	table.Find(GET, "/A/B/C/", &m)
	for name, want := range map[string]any{"a": "A", "b": "include", "c": 3.5, "n": 5} {
		text, _ := m.Param(name)
		if value, ok := m.Value(name); !ok || value != want || text != fmt.Sprint(want) {
			t.Errorf("%s: %v %q, want %v", name, value, text, want)
		}
	}
	if n, ok := m.Int("n"); !ok || n != 5 {
		t.Errorf("n: %d %v", n, ok)
	}
	if _, ok := m.Int("a"); ok {
		t.Error("a is no integer")
	}
	if _, ok := m.Param("nope"); ok {
		t.Error("nope is no parameter")
	}
	table.Find(GET, "/A/B/C/x/", &m)
	if b, _ := m.Param("b"); b != "C" {
		t.Errorf("the inner capture lost: %q", b)
	}
}

func TestConverterErrors(t *testing.T) {
	broken := errors.New("broken")
	config := Config{Converters: map[string]Converter{
		"odd": {Regex: "[a-z]+", Parse: func(text string) (any, error) {
			switch text {
			case "refuse":
				return nil, fmt.Errorf("no: %w", ErrValue)
			case "break":
				return nil, broken
			}
			return strings.ToUpper(text), nil
		}},
	}}
	table, _, err := Compile([]Entry{
		Path("break/", Endpoint{Route: 1, Methods: POST}),
		Path("<odd:x>/", Endpoint{Route: 2}),
		Path("<str:x>/", Endpoint{Route: 3}),
	}, config)
	if err != nil {
		t.Fatal(err)
	}
	var m Match
	if table.Find(GET, "/ok/", &m) != Found || m.Route != 2 {
		t.Errorf("route %d", m.Route)
	}
	if v, _ := m.Value("x"); v != "OK" {
		t.Errorf("value %v", v)
	}
	if table.Find(GET, "/refuse/", &m) != Found || m.Route != 3 {
		t.Errorf("a refused value: route %d, want the next entry", m.Route)
	}
	if table.Find(GET, "/break/", &m) != Failed || m.Err != broken {
		t.Errorf("a broken converter: %v", m.Err)
	}
	if table.Find(POST, "/break/", &m) != Found || m.Route != 1 || m.Err != nil {
		t.Errorf("an entry before the broken one: route %d, %v", m.Route, m.Err)
	}
}

// TestBacktrackingIsBounded gives a pattern whose tries grow with the third power long paths; the regular expression
// must take over and give the same answer.
func TestBacktrackingIsBounded(t *testing.T) {
	entries := []Entry{Path("<slug:a>-<slug:b>-<slug:c>-<int:d>x", Endpoint{})}
	table := compile(t, entries...)
	var m Match
	if table.Find(GET, "/"+strings.Repeat("-", 20000), &m) != NotFound {
		t.Error("matched")
	}
	for _, head := range []string{"a-", "-", "7-a", "--a7-"} {
		for _, n := range []int{1, 10, 600} {
			compareFind(t, table, entries, GET, "/"+strings.Repeat(head, n)+"-7x", &m)
		}
	}
}

func TestCompileReportsAllErrors(t *testing.T) {
	many := ""
	for i := range MaxParams + 1 {
		many += fmt.Sprintf("<p%d>/", i)
	}
	entries := []Entry{
		Path("a/<wrong:x>/", Endpoint{}), Path("<int:9>/", Endpoint{}), Path("<int:x>/<x>/", Endpoint{}),
		RePath("(", Endpoint{}), RePath("(?=a)", Endpoint{}), Path(many, Endpoint{}),
		Include("x/", Scope{Namespace: "ns"}), Mux("u/{x}", Endpoint{}), Mux("FETCH /", Endpoint{}),
		Mux("/{x...}/y", Endpoint{}), Mux("/a{x}", Endpoint{}), Mux("/{$}/x", Endpoint{}), Mux("/{}", Endpoint{}),
	}
	_, _, err := Compile(entries, Config{Converters: map[string]Converter{"int": {}, "c": {Regex: "("}, "d": {Regex: "(?P<x>.)"}}})
	lines := strings.Split(fmt.Sprint(err), "\n")
	for i, e := range entries {
		if line := lines[min(3+i, len(lines)-1)]; !strings.Contains(line, fmt.Sprintf("%q", e.pattern)) {
			t.Errorf("no error names %q: %s", e.pattern, line)
		}
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "router: ") {
			t.Errorf("no prefix: %s", line)
		}
	}
}

func TestIncludesAreBounded(t *testing.T) {
	e := Path("x", Endpoint{})
	for range MaxDepth + 1 {
		e = Include("a/", Scope{}, e)
	}
	if _, _, err := Compile([]Entry{e}, Config{}); err == nil {
		t.Error("no error")
	}
}
