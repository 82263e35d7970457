package proxy

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTempLevels(t *testing.T) {
	for _, test := range []struct {
		levels TempLevels
		number uint64
		dir    string
	}{
		{nil, 123457, ""}, {TempLevels{1, 2}, 123457, "7/45"}, {TempLevels{2, 2, 3}, 9876543210, "10/32/654"}, {TempLevels{3}, 7, "007"},
	} {
		if dir, name := test.levels.place(test.number); dir != filepath.FromSlash(test.dir) || len(name) != 10 {
			t.Errorf("%v of %d: %q %q", test.levels, test.number, dir, name)
		}
	}
	root := filepath.Join(t.TempDir(), "not", "there")
	for _, levels := range []TempLevels{nil, {1, 2}} {
		f, err := createTemp(root, levels, "x-")
		if err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		rel, err := filepath.Rel(root, f.Name())
		if err != nil || len(filepath.SplitList(rel)) != 1 || len(filepath.Dir(rel)) != map[bool]int{false: len("."), true: len("7/45")}[levels != nil] {
			t.Errorf("%v: %q, %v", levels, rel, err)
		}
		if info, err := os.Stat(f.Name()); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v: %v, %v", levels, info, err)
		}
	}
}
