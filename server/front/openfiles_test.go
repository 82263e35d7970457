package front_test

import (
	"bufio"
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// What has changed on disk is served as NGINX serves it: at once, or after open_file_cache_valid with open_file_cache. Only
// open_file_cache_events has an effect here that it has nowhere else but with kqueue.
func TestChangesAsNginx(t *testing.T) {
	const cached = "open_file_cache max=100 inactive=1h; "
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil { // its workers run as another user
		t.Fatal(err)
	}
	ways := []struct{ name, text string }{
		{"off", ""},
		{"on", cached},
		{"valid", cached + "open_file_cache_valid 1h;"},
		{"errors", cached + "open_file_cache_errors on;"},
		{"uses", cached + "open_file_cache_min_uses 4;"},
	}
	var conf strings.Builder
	for _, w := range ways {
		conf.WriteString("location /" + w.name + "/ { " + w.text + " }\n")
	}
	conf.WriteString("location /events/ { " + cached + "open_file_cache_events on; }\n")
	real := nginxtest.Start(t, dir, "", conf.String())
	addr, _ := serve(t, "server { listen 127.0.0.1:%PORT%; root "+dir+"; keepalive_timeout 0;\n"+conf.String()+"}")
	ours := func(target string) string { return bodyOf(raw(t, addr, "GET "+target+" HTTP/1.1\r\nHost: a\r\n\r\n")) }
	theirs := func(target string) string { return real.Do("", "GET "+target+" HTTP/1.1\r\nHost: a\r\n").Body }
	put := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+".new", []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	said := func(answer string) string { // of an error, which one
		if i := strings.Index(answer, "404 Not Found"); i >= 0 {
			return "404"
		}
		return answer
	}
	for _, w := range ways {
		file, later := "/"+w.name+"/file", "/"+w.name+"/later"
		put(file, "old")
		for range 3 { // less than open_file_cache_min_uses above
			for _, target := range []string{file, later} {
				if a, b := said(ours(target)), said(theirs(target)); a != b {
					t.Fatalf("%s: %s before: %q, nginx %q", w.name, target, a, b)
				}
			}
		}
		put(file, "new")
		put(later, "created")
		for _, target := range []string{file, later} {
			a, b := said(ours(target)), said(theirs(target))
			t.Logf("%s: %s: nginx %q", w.name, target, b)
			if a != b {
				t.Errorf("%s: %s after: %q, nginx %q", w.name, target, a, b)
			}
		}
	}
	put("/events/file", "old")
	for range 3 {
		ours("/events/file")
	}
	put("/events/file", "new")
	if got := ours("/events/file"); got != "new" {
		t.Errorf("events: %q", got)
	}
}

// What is compressed once and kept is of the file as it is, though size and second of the change are those of the file before.
func TestChangedFileIsCompressedAnew(t *testing.T) {
	addr, dir := serve(t, "server { listen 127.0.0.1:%PORT%; root %DIR%; keepalive_timeout 0; gzip on; gzip_types *; gzip_min_length 1; }")
	path := filepath.Join(dir, "f.txt")
	for i := range 20 {
		want := strings.Repeat(string(rune('a'+i)), 5000)
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			answer := raw(t, addr, "GET /f.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n")
			res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(answer)), nil)
			if err != nil {
				t.Fatal(err)
			}
			z, err := gzip.NewReader(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(z); string(got) != want {
				t.Fatalf("change %d: %d bytes, %.3q, %v", i, len(got), got, err)
			}
		}
	}
}

// bodyOf is what follows the head of a response.
func bodyOf(answer string) string {
	_, b, _ := strings.Cut(answer, "\r\n\r\n")
	return b
}

// The files of open_file_cache are the max= used last, and those that were used within inactive=.
func TestOpenFilesAreDropped(t *testing.T) {
	t.Parallel()
	dir := publicDir(t)
	if err := os.Mkdir(filepath.Join(dir, "files"), 0o755); err != nil {
		t.Fatal(err)
	}
	put := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, "files", name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const ways = `location /one/ { alias {dir}/files/; open_file_cache max=1 inactive=1h; open_file_cache_valid 1h; }
		location /two/ { alias {dir}/files/; open_file_cache max=2 inactive=1h; open_file_cache_valid 1h; }
		location /short/ { alias {dir}/files/; open_file_cache max=2 inactive=1s; open_file_cache_valid 1h; }`
	both(t, dir, ways, func(t *testing.T, addr string) {
		get := func(target string) string {
			return bodyOf(raw(t, addr, "GET "+target+" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
		}
		put("a", "old")
		for _, way := range []string{"/one/", "/two/", "/short/"} {
			get(way + "a")
		}
		if err := os.Remove(filepath.Join(dir, "files", "a")); err != nil { // what is open keeps its content
			t.Fatal(err)
		}
		put("a", "new")
		put("b", "b")
		time.Sleep(2100 * time.Millisecond) // any more will do
		for _, way := range []string{"/one/", "/two/", "/short/"} {
			get(way + "b")
			want := "new"
			if way == "/two/" {
				want = "old"
			}
			if got := get(way + "a"); got != want {
				t.Errorf("%s: %q, want %q", way, got, want)
			}
		}
	})
}
