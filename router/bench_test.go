package router

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// largeTable is 10,000 routes with literal prefixes and three parameters each, and a few others in front. The paths
// are one for each of the 10,000.
func largeTable(tb testing.TB) (*Table, []string) {
	tb.Helper()
	entries := []Entry{
		Path("about/team/", Endpoint{}),
		Path("blog/<int:year>/<int:month>/<slug:slug>/", Endpoint{Route: 1}),
		Path("multi/<slug:slug>-<int:n>.html", Endpoint{Route: 2}),
	}
	var paths []string
	for i := range 10000 {
		pattern := fmt.Sprintf("app%d/model%d/<int:year>/<str:user>/<slug:slug>/", i%100, i)
		entries = append(entries, Path(pattern, Endpoint{Route: 3 + i}))
		paths = append(paths, fmt.Sprintf("/app%d/model%d/2024/someone/a-slug/", i%100, i))
	}
	return compile(tb, entries...), paths
}

func BenchmarkFind(b *testing.B) {
	table, paths := largeTable(b)
	cases := []struct{ name, path string }{
		{"literal", "/about/team/"}, {"params", "/blog/2024/11/some-slug/"}, {"backtracking", "/multi/a-b-7.html"},
		{"notFound", "/nowhere/at/all"},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var m Match
			for b.Loop() {
				table.Find(GET, c.path, &m)
			}
		})
	}
	b.Run("10000", func(b *testing.B) {
		b.ReportAllocs()
		var m Match
		i := 0
		for b.Loop() {
			i = (i + 7919) % len(paths)
			if table.Find(GET, paths[i], &m) != Found {
				b.Fatal(paths[i])
			}
		}
	})
}

// BenchmarkServeMux asks net/http's router the same: 10,000 routes, three parameters.
func BenchmarkServeMux(b *testing.B) {
	mux := http.NewServeMux()
	var requests []*http.Request
	for i := range 10000 {
		mux.HandleFunc(fmt.Sprintf("/app%d/model%d/{year}/{user}/{slug}/", i%100, i), func(http.ResponseWriter, *http.Request) {})
		requests = append(requests, httptest.NewRequest("GET", fmt.Sprintf("/app%d/model%d/2024/someone/a-slug/", i%100, i), nil))
	}
	mux.HandleFunc("/about/team/", func(http.ResponseWriter, *http.Request) {})
	literal := httptest.NewRequest("GET", "/about/team/", nil)
	b.Run("literal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			mux.Handler(literal)
		}
	})
	b.Run("10000", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			i = (i + 7919) % len(requests)
			if _, pattern := mux.Handler(requests[i]); pattern == "" {
				b.Fatal(requests[i].URL)
			}
		}
	})
}

func BenchmarkReverse(b *testing.B) {
	table := compile(b, Path("blog/<int:year>/<int:month>/<slug:slug>/", Endpoint{Name: "post"}))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := table.Reverse("post", 2024, 11, "some-slug"); err != nil {
			b.Fatal(err)
		}
	}
}
