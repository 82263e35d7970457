package router

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// forRandomTables makes many tables, each with paths out of the same pieces.
func forRandomTables(t *testing.T, visit func(*Table, []Warning, []Entry, []string)) {
	random := rand.New(rand.NewPCG(1, 2))
	words := []string{"a", "ab", "b", "1", "12", "-", "/", "a/", "x.html", "\n", "\xff", "0", "3",
		"123e4567-e89b-12d3-a456-426614174000/", "99999999999999999999", "12/", "b/"}
	for range 3000 {
		choice := make([]byte, 120)
		for i := range choice {
			choice[i] = byte(random.Uint32())
		}
		routes := 0
		entries := (&source{choice}).entries(0, &routes)
		table, warnings, err := Compile(entries, Config{Converters: fuzzConverters})
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		for range 12 {
			var path strings.Builder
			path.WriteByte('/')
			for range random.IntN(6) {
				path.WriteString(words[random.IntN(len(words))])
			}
			paths = append(paths, path.String())
		}
		visit(table, warnings, entries, paths)
	}
}

// TestFindAgreesWithTheNaiveLoop runs the oracle of the fuzz test on many tables.
func TestFindAgreesWithTheNaiveLoop(t *testing.T) {
	var m Match
	found := 0
	forRandomTables(t, func(table *Table, _ []Warning, entries []Entry, paths []string) {
		for _, path := range paths {
			compareFind(t, table, entries, GET, path, &m)
			if m.Info() != nil {
				found++
			}
		}
	})
	if found < 5000 {
		t.Errorf("only %d paths had a route: the tables are too poor", found)
	}
}

// TestTriedAgreesWithFind: going through the entries one by one ends at a match exactly when Find has one.
func TestTriedAgreesWithFind(t *testing.T) {
	forRandomTables(t, func(table *Table, _ []Warning, _ []Entry, paths []string) {
		m := new(Match)
		for _, path := range paths {
			verdict := table.Find(Any, path, m)
			probe := new(Match)
			probe.reset(path, Any)
			if _, matched := table.top.tried(probe, 1); matched != (verdict == Found) {
				t.Fatalf("%q: tried says %v, Find %d\n%s", path, matched, verdict, show(table))
			}
		}
	})
}
