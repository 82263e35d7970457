package router

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"testing"
)

var fuzzConverters = map[string]Converter{
	"even": {Regex: `[0-9]+`, Parse: func(text string) (any, error) {
		n, err := strconv.ParseInt(text, 10, 64)
		if err == nil && n%2 != 0 {
			return nil, ErrValue
		}
		return n, err
	}},
}

// fuzzPieces are what patterns are put together from: texts that overlap, and all kinds of parameters.
var fuzzPieces = []string{
	"a/", "ab/", "b", "-", "/", "1", "12/", "a", "x.html", "<int:%s>", "<slug:%s>", "<str:%s>", "<path:%s>", "<even:%s>",
	"<int:%s>/", "<slug:%s>/", "<str:%s>/", "<path:%s>/", "<uuid:%s>/", "<%s>-", "<int:%s>b",
}

var fuzzRegexes = []string{`^(?P<r>[a-z]+)/$`, `^a(?P<r>[0-9])?`, `b/$`, `^([0-9]+)/`, `(?P<r>-.)`, `^`, `1`}

// source deals out the bytes of a fuzz input.
type source struct{ bytes []byte }

func (s *source) next(n int) int {
	if len(s.bytes) == 0 {
		return 0
	}
	b := s.bytes[0]
	s.bytes = s.bytes[1:]
	return int(b) % n
}

// entries makes a random table; every endpoint has its own Route.
func (s *source) entries(depth int, routes *int) []Entry {
	var list []Entry
	for range 1 + s.next(5) {
		kwargs := map[string]any(nil)
		if s.next(4) == 0 {
			kwargs = map[string]any{"o": *routes, fmt.Sprintf("p%d0", depth): "declared"}
		}
		*routes++
		e := Endpoint{Route: *routes, Kwargs: kwargs, Methods: []Methods{Any, Any, Any, GET, POST | PUT, OPTIONS}[s.next(6)]}
		switch kind := s.next(8); {
		case kind == 0:
			list = append(list, RePath(fuzzRegexes[s.next(len(fuzzRegexes))], e))
		case kind == 1:
			list = append(list, Mount(s.pattern(depth), e))
		case kind < 4 && depth < 2:
			list = append(list, Include(s.pattern(depth), Scope{Kwargs: kwargs}, s.entries(depth+1, routes)...))
		case kind == 4 && depth < 2:
			list = append(list, ReInclude(fuzzRegexes[s.next(len(fuzzRegexes))], Scope{}, s.entries(depth+1, routes)...))
		default:
			list = append(list, Path(s.pattern(depth), e))
		}
	}
	return list
}

func (s *source) pattern(depth int) string {
	text := ""
	for i := range s.next(4) {
		piece := fuzzPieces[s.next(len(fuzzPieces))]
		if n := len(piece); n > 2 && piece[0] == '<' {
			piece = fmt.Sprintf(piece, fmt.Sprintf("p%d%d", depth, i))
		}
		text += piece
	}
	return text
}

// FuzzFind compares the tree with trying the entries one by one.
func FuzzFind(f *testing.F) {
	for i, path := range corpusPaths(f) {
		f.Add([]byte{byte(i), byte(i / 7), byte(i * 31), 3, byte(i / 256), 200, 17, byte(i * 3), 5, 9, 11, byte(i * 5), 2, 4}, path)
	}
	f.Add([]byte{4, 1, 2, 0, 7, 2, 10, 3, 9}, "/a-1-2/b")
	f.Add([]byte{1, 1, 0, 7, 3, 12, 4, 12, 0}, "/a/é/€\x80")
	f.Add([]byte{1, 1, 0, 7, 3, 12, 4, 12, 0}, "/a/b/c/a")
	f.Fuzz(func(t *testing.T, choice []byte, path string) {
		if path == "" || path[0] != '/' || len(path) > 200 {
			return
		}
		routes := 0
		entries := (&source{choice}).entries(0, &routes)
		table, _, err := Compile(entries, Config{Converters: fuzzConverters})
		if err != nil {
			t.Fatal(err)
		}
		var m Match
		for _, method := range []Methods{GET, OPTIONS, DELETE} {
			compareFind(t, table, entries, method, path, &m)
		}
	})
}

func compareFind(t *testing.T, table *Table, entries []Entry, method Methods, path string, m *Match) {
	t.Helper()
	want, allow := naive{fuzzConverters}.resolve(entries, method, path, path[1:])
	verdict := table.Find(method, path, m)
	if want == nil {
		wantVerdict := NotFound
		switch {
		case allow != 0 && method == OPTIONS:
			wantVerdict = AnswerOptions
		case allow != 0:
			wantVerdict = MethodNotAllowed
		}
		if verdict != wantVerdict || allow != 0 && m.Allow != allow|OPTIONS {
			t.Fatalf("%s %q: verdict %d route %d allow %q, want %d %q\n%s", method, path, verdict, m.Route, m.Allow, wantVerdict, allow|OPTIONS, show(table))
		}
		return
	}
	if verdict != Found || m.Route != want.route || m.Rest() != want.rest || !reflect.DeepEqual(m.Kwargs(), want.kwargs) {
		t.Fatalf("%s %q: verdict %d route %d %v rest %q, want route %d %v rest %q\n%s",
			method, path, verdict, m.Route, m.Kwargs(), m.Rest(), want.route, want.kwargs, want.rest, show(table))
	}
}

func show(table *Table) string {
	text := ""
	for _, r := range table.Routes() {
		text += fmt.Sprintf("%d %q %s\n", r.Route, r.Chain, r.Methods)
	}
	return text
}

// corpusPaths are the paths of the replayed cases.
func corpusPaths(tb testing.TB) []string {
	file, err := os.Open("testdata/url_dispatch.jsonl.gz")
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		tb.Fatal(err)
	}
	var paths []string
	for scanner := bufio.NewScanner(z); scanner.Scan(); {
		var l struct{ Kind, Path string }
		if json.Unmarshal(scanner.Bytes(), &l) == nil && l.Kind == "resolve" {
			paths = append(paths, l.Path)
		}
	}
	if len(paths) < 1000 {
		tb.Fatalf("only %d paths in the corpus", len(paths))
	}
	return paths
}
