package router

import (
	"strings"
	"testing"
)

func TestWarnings(t *testing.T) {
	cases := []struct {
		name    string
		entries []Entry
		want    []string // one per warning, a part of its text
	}{
		{"none", []Entry{
			Path("a/<int:x>/", Endpoint{Methods: GET}), Path("a/<int:y>/", Endpoint{Methods: POST}),
			Path("a/<slug:z>/", Endpoint{}), Path("a/<str:z>/", Endpoint{}), Mount("m", Endpoint{}), Path("ms/", Endpoint{}),
			RePath("^r/(x|y)$", Endpoint{}), RePath("^r/(x|z)$", Endpoint{}), Path("n/<int:x>", Endpoint{}),
			Path("n/99999999999999999999", Endpoint{}), Mux("/s/{$}", Endpoint{}), Mux("/s/", Endpoint{}),
		}, nil},
		{"literal behind parameter", []Entry{Path("a/<str:x>/", Endpoint{}), Path("a/b/", Endpoint{})}, []string{"never reached"}},
		{"narrower parameter", []Entry{Path("<path:x>", Endpoint{}), Path("a/<int:n>/<uuid:u>", Endpoint{})}, []string{"never reached"}},
		{"same twice", []Entry{Path("a/<slug:s>-<int:n>/", Endpoint{}), Path("a/<slug:x>-<int:y>/", Endpoint{})}, []string{"never reached"}},
		{"methods together", []Entry{
			Path("a/", Endpoint{Methods: GET}), Path("<str:x>/", Endpoint{Methods: POST}), Path("a/", Endpoint{Methods: GET | POST}),
		}, []string{"never reached"}},
		{"subtree", []Entry{Mux("/a/", Endpoint{}), Path("a/b/<int:x>", Endpoint{}), Mux("/a/{rest...}", Endpoint{})},
			[]string{"never reached", "never reached"}},
		{"mount", []Entry{Mount("a", Endpoint{}), Path("a/b", Endpoint{}), Mount("a/", Endpoint{})}, []string{"never reached", "never reached"}},
		{"across includes", []Entry{
			Include("a/", Scope{}, Path("<int:x>/", Endpoint{})), Include("a/", Scope{}, Path("7/", Endpoint{})),
		}, []string{"never reached"}},
		{"slash", []Entry{Path("/a/", Endpoint{})}, []string{`begins with "/"`}},
		{"dollar", []Entry{ReInclude("^a/$", Scope{}, Path("b", Endpoint{}))}, []string{`ends with "$"`}},
		{"colon", []Entry{Path("a/", Endpoint{Name: "a:b"})}, []string{`contains ":"`}},
		{"bracket", []Entry{Path("a/<int:x/", Endpoint{})}, []string{"angle bracket"}},
		{"regex", []Entry{Path("^a/$", Endpoint{})}, []string{"RePath"}},
		{"namespace", []Entry{Include("a/", Scope{App: "x"}), Include("b/", Scope{App: "x"})}, []string{"not unique"}},
	}
	for _, c := range cases {
		_, warnings, err := Compile(c.entries, Config{})
		if err != nil {
			t.Fatal(err)
		}
		if len(warnings) != len(c.want) {
			t.Errorf("%s: %v", c.name, warnings)
			continue
		}
		for i, w := range warnings {
			if !strings.Contains(w.String(), c.want[i]) {
				t.Errorf("%s: %s, want %q", c.name, w, c.want[i])
			}
		}
	}
}

// TestShadowedIsNeverFound holds the warnings against the router: on random tables no endpoint that is called shadowed
// is ever found.
func TestShadowedIsNeverFound(t *testing.T) {
	shadowed := 0
	forRandomTables(t, func(table *Table, warnings []Warning, _ []Entry, paths []string) {
		dead := map[string]bool{}
		for _, w := range warnings {
			if strings.Contains(w.Text, "never reached") {
				dead[w.Pattern] = true
				shadowed++
			}
		}
		alive := map[string]int{}
		for _, r := range table.Routes() {
			alive[r.Pattern]++
		}
		var m Match
		for _, path := range paths {
			for _, method := range []Methods{GET, PUT, OPTIONS} {
				if table.Find(method, path, &m) == Found && dead[m.Info().Pattern] && alive[m.Info().Pattern] == 1 && !strings.Contains(path, "\n") {
					t.Fatalf("%s %q: found %q\n%s\n%v", method, path, m.Info().Pattern, show(table), warnings)
				}
			}
		}
	})
	if shadowed < 1000 {
		t.Errorf("only %d shadowed endpoints: the tables are too poor", shadowed)
	}
}
