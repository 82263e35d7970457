package static

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pool"
)

func TestTypes(t *testing.T) {
	types := NewTypes(map[string]string{"Foo": "text/foo"}, "utf-8", "")
	for path, want := range map[string]string{
		"/a.html": "text/html; charset=utf-8", "/A.HTML": "text/html; charset=utf-8", "/x/y.tar.gz": DefaultType, "/a.js": "text/javascript; charset=utf-8",
		"/a.mjs": "text/javascript; charset=utf-8", "/a.png": "image/png", "/a.foo": "text/foo; charset=utf-8", "/a": DefaultType, "/a.b/c": DefaultType, "/.": DefaultType,
		"/a.woff2": "font/woff2", "/a.wasm": "application/wasm", "/a.svg": "image/svg+xml", "/a.json": "application/json; charset=utf-8",
	} {
		if got := types.Lookup(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	seen := map[string]bool{}
	for _, row := range nginxTypes {
		for _, ext := range row[1:] {
			if seen[ext] {
				t.Errorf("extension %s stands twice in the table", ext)
			}
			seen[ext] = true
		}
	}
}

// The seconds of a time are rounded down, before 1970 as well.
func TestETag(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("0123456789abcdef"), 0o644); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]string{
		time.Unix(0x5f5e100, 999999999): `"5f5e100-10"`, time.Unix(0, 0): `"0-10"`, time.Unix(-2, 500000000): `"-2-10"`, time.Unix(1<<32, 0): `"100000000-10"`,
	} {
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := stat(int(f.Fd()))
		_ = f.Close()
		if got := string(appendETag(nil, info.mtime, info.size)); err != nil || got != want {
			t.Errorf("%v: %s %v, want %s", at, got, err, want)
		}
	}
}

func TestCacheBounds(t *testing.T) {
	c := newCache(3, 1<<20)
	files := map[string]*pool.File{}
	add := func(key string, body int) {
		f := pool.NewFile(-1)
		files[key] = f
		c.hand(&entry{key: key, status: 200, file: f, body: make([]byte, body)})
		c.lookup("") // collects
	}
	for _, key := range []string{"a", "b", "c"} {
		add(key, 10)
	}
	c.lookup("a")
	add("d", 10)
	if c.lookup("b") != nil || c.lookup("a") == nil || c.lookup("d") == nil {
		t.Error("the least recently used entry was not the one to go")
	}
	add("huge", 1<<20)
	if len(c.byPath) != 0 && c.memory > 1<<20 {
		t.Errorf("%d bytes in %d entries", c.memory, len(c.byPath))
	}
	add("e", 10)
	add("e", 20) // replaces
	if e := c.lookup("e"); e == nil || len(e.body) != 20 {
		t.Error("an entry was not replaced")
	}
}
