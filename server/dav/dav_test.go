package dav

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

func TestNewRefuses(t *testing.T) {
	path := func(*pipeline.Ctx, []byte, string) ([]byte, bool) { return nil, false }
	for _, cfg := range []Config{{}, {Methods: []string{"PUT"}}, {Path: path}, {Methods: []string{"GET"}, Path: path}} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%v is taken", cfg.Methods)
		}
	}
}

func TestPaths(t *testing.T) {
	for _, x := range []struct {
		path, dir string
		want      bool
	}{
		{"/a", "/a", true}, {"/a/b", "/a", true}, {"/ab", "/a", false}, {"/a", "/a/b", false}, {"/x", "/", true}, {"/b/a", "/a", false},
	} {
		if got := inside(x.path, x.dir); got != x.want {
			t.Errorf("%s inside %s: %v", x.path, x.dir, got)
		}
	}
	for uri, want := range map[string]int{"/a": 1, "/a/": 1, "/a/b": 2, "/a/b/": 2, "/a/b/c": 3, "/": 0} {
		for least := 1; least < 5; least++ {
			if got := deep(uri, least); got != (least <= want) {
				t.Errorf("%s has %d elements: %v", uri, least, got)
			}
		}
	}
	for authority, want := range map[string]string{"h": "h", "h:80": "h", "[::1]": "[::1]", "[::1]:80": "[::1]", "": ""} {
		if got := hostOf(authority); got != want {
			t.Errorf("%s: %s", authority, got)
		}
	}
	if got := string(escaped("/a b%c\"é")); got != "/a%20b%25c%22%C3%A9" {
		t.Errorf("escaped %s", got)
	}
	if got := trimSlash(mergeSlashes("//a///b//")); got != "/a/b" {
		t.Errorf("merged %s", got)
	}
	for access, want := range map[fs.FileMode]fs.FileMode{0o600: 0o700, 0o644: 0o755, 0o660: 0o770, 0o666: 0o777} {
		if got := (&Dav{Config{Access: access}}).directories(); got != want {
			t.Errorf("%o: %o", access, got)
		}
	}
}

// A tree is copied with permissions and times; links are left out.
func TestCopyTree(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(os.MkdirAll(filepath.Join(from, "sub"), 0o755))
	check(os.WriteFile(filepath.Join(from, "sub", "f"), []byte("text"), 0o640))
	check(os.Symlink("/etc/passwd", filepath.Join(from, "link")))
	check(copyTree(from, to))
	text, err := os.ReadFile(filepath.Join(to, "sub", "f"))
	check(err)
	was, _ := os.Stat(filepath.Join(from, "sub", "f"))
	st, _ := os.Stat(filepath.Join(to, "sub", "f"))
	if string(text) != "text" || st.Mode() != was.Mode() || !st.ModTime().Equal(was.ModTime()) {
		t.Errorf("%q %v", text, st)
	}
	if _, err := os.Lstat(filepath.Join(to, "link")); err == nil {
		t.Error("the link was copied")
	}
	if left, _ := filepath.Glob(filepath.Join(to, "sub", ".copy-*")); len(left) > 0 {
		t.Error("left behind", left)
	}
}
