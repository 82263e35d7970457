package router

import "testing"

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
		Path("articles/<int:year>/<int:month>/", Endpoint{Route: 3}),
		Path("articles/<slug:s>-<int:n>.html", Endpoint{Route: 4}),
		Include("polls/", Scope{}, Path("", Endpoint{Route: 5}), Path("<str:x>/", Endpoint{Route: 6, Kwargs: map[string]any{"x": 7}})),
		Mount("api", Endpoint{Route: 7}),
		Mux("GET /u/{id}/{rest...}", Endpoint{Route: 8}),
	)
	var m Match
	for path, want := range map[string]int{
		"/articles/2003/": 1, "/articles/2004/": 2, "/articles/2004/05/": 3, "/articles/a-b-7.html": 4,
		"/polls/": 5, "/polls/zz/": 6, "/api": 7, "/api/x": 7, "/apis": -1, "/u/7/a/b": 8,
	} {
		table.Find(GET, path, &m)
		if m.Route != want {
			t.Errorf("%s: route %d, want %d", path, m.Route, want)
		}
	}
}
