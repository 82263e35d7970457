//go:build !race && !invariants

package router

import "testing"

func TestFindDoesNotAllocate(t *testing.T) {
	table, paths := largeTable(t)
	literal, params := "/about/team/", "/blog/2024/11/some-slug/"
	for _, path := range []string{literal, params, paths[len(paths)-1], "/nowhere/at/all", "/multi/a-b-7.html"} {
		var m Match
		want := table.Find(GET, path, &m)
		n := testing.AllocsPerRun(200, func() {
			if table.Find(GET, path, &m) != want {
				t.Fail()
			}
			m.Param("slug")
			m.Int("year")
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", path, n)
		}
	}
}

func TestLocationsFindDoesNotAllocate(t *testing.T) {
	locations, err := CompileLocations([]Location{
		{Pattern: "/"}, {Pattern: "/static/", Modifier: "^~", Route: 1}, {Pattern: `\.php$`, Modifier: "~", Route: 2},
	})
	if err != nil {
		t.Fatal(err)
	}
	n := testing.AllocsPerRun(200, func() {
		if locations.Find("/static/a.php").Route != 1 || locations.Find("/x/a.php").Route != 2 || locations.Find("/x").Route != 0 {
			t.Fail()
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
