package static

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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

func TestDefaultType(t *testing.T) {
	if got := NewTypes(nil, "utf-8", "text/plain").Lookup("/README"); got != "text/plain; charset=utf-8" {
		t.Errorf("a default that is text: %s", got)
	}
	if got := NewTypes(map[string]string{"x": "text/html; charset=koi8-r"}, "utf-8", "").Lookup("/a.x"); got != "text/html; charset=koi8-r" {
		t.Errorf("a type with a charset of its own: %s", got)
	}
}

// The table is that of the NGINX which is installed, but for JavaScript.
func TestTypesOfNginx(t *testing.T) {
	b, err := os.ReadFile("/etc/nginx/mime.types")
	if err != nil {
		t.Skip("install nginx to compare with its mime.types")
	}
	want := map[string]string{"js": "text/javascript", "mjs": "text/javascript"}
	for row := range strings.SplitSeq(string(b), ";") {
		row = strings.TrimPrefix(strings.TrimSpace(row), "types {")
		fields := strings.Fields(row)
		for _, ext := range fields[min(1, len(fields)):] {
			if want[ext] == "" {
				want[ext] = fields[0]
			}
		}
	}
	if len(want) < 100 {
		t.Fatalf("only %d types read", len(want))
	}
	got := map[string]string{}
	for _, row := range nginxTypes {
		for _, ext := range row[1:] {
			got[ext] = row[0]
		}
	}
	if !maps.Equal(got, want) {
		for ext := range want {
			if got[ext] != want[ext] {
				t.Errorf("%s is %q, want %q", ext, got[ext], want[ext])
			}
		}
		for ext := range got {
			if want[ext] == "" {
				t.Errorf("%s is not NGINX's", ext)
			}
		}
	}
}

// Boundaries are 20 digits and never twice the same.
func TestBoundary(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		b := newBoundary()
		if len(b) != 20 || strings.Trim(b, "0123456789") != "" || seen[b] {
			t.Fatalf("boundary %q", b)
		}
		seen[b] = true
	}
}

func TestPartHead(t *testing.T) {
	got := string(appendPartHead(nil, "B", "text/plain", byteRange{2, 5}, 10)) + string(appendPartHead(nil, "B", "", byteRange{0, 1}, 10))
	want := "\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 2-4/10\r\n\r\n" + "\r\n--B\r\nContent-Range: bytes 0-0/10\r\n\r\n"
	if got != want {
		t.Errorf("%q, want %q", got, want)
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
	var files []*pool.File
	add := func(key string, body int) {
		fd, err := syscall.Open(os.DevNull, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		f := pool.NewFile(fd)
		files = append(files, f)
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
	if c.lookup("huge") != nil || len(c.byPath) != 3 {
		t.Errorf("an entry larger than the budget drove out others: %d are left", len(c.byPath))
	}
	add("d", 1<<20)
	if c.lookup("d") != nil {
		t.Error("an entry stayed that was replaced by one without room")
	}
	add("large", 400<<10)
	add("larger", 700<<10)
	if c.lookup("larger") == nil || c.lookup("large") != nil || c.memory > 1<<20 {
		t.Errorf("%d bytes in %d entries", c.memory, len(c.byPath))
	}
	add("e", 10)
	add("e", 20) // replaces
	if e := c.lookup("e"); e == nil || len(e.body) != 20 {
		t.Error("an entry was not replaced")
	}
	for key := range c.byPath {
		c.remove(c.byPath[key])
	}
	if c.memory != 0 || c.root.next != &c.root || c.root.prev != &c.root {
		t.Errorf("an empty cache counts %d bytes", c.memory)
	}
	for i, f := range files {
		if f.Fd() != -1 {
			t.Errorf("file %d is still open", i)
		}
	}
}
