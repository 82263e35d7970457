package router

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestFindAgreesWithTheNaiveLoop runs the fuzz oracle over many random tables, each with paths made for it.
func TestFindAgreesWithTheNaiveLoop(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	words := []string{"a", "ab", "b", "1", "12", "-", "/", "a/", "x.html", "\n", "\xff", "0", "3",
		"123e4567-e89b-12d3-a456-426614174000/", "99999999999999999999", "12/", "b/"}
	var m Match
	found := 0
	for range 3000 {
		choice := make([]byte, 120)
		for i := range choice {
			choice[i] = byte(random.Uint32())
		}
		routes := 0
		entries := (&source{choice}).entries(0, &routes)
		table, _, err := Compile(entries, Config{Converters: fuzzConverters})
		if err != nil {
			t.Fatal(err)
		}
		for range 12 {
			var path strings.Builder
			path.WriteByte('/')
			for range random.IntN(6) {
				path.WriteString(words[random.IntN(len(words))])
			}
			compareFind(t, table, entries, GET, path.String(), &m)
			if m.Info() != nil {
				found++
			}
		}
	}
	if found < 5000 {
		t.Errorf("only %d paths had a route: the tables are too poor", found)
	}
}
