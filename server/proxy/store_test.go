package proxy_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/proxy"
)

// storing is a gateway that stores answers under their paths in dir/stored, by way of dir/temp.
func storing(t *testing.T, worker bool, dir string, change func(*proxy.Config), serve func(c *net.TCPConn, n int)) *front {
	t.Helper()
	for _, d := range []string{"stored", "temp"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cfg := proxy.Config{TempDir: filepath.Join(dir, "temp"), StoreTo: func(c *pipeline.Ctx, b []byte) []byte {
		return append(append(b, dir+"/stored"...), c.PathView()...)
	}}
	if change != nil {
		change(&cfg)
	}
	return start(t, options{cfg: cfg, worker: worker}, script(t, serve))
}

// files lists what lies in a directory and below. What is removed meanwhile may be in the list or not.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			names = append(names, strings.TrimPrefix(path, dir))
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// gathers waits until a file has its content.
func gathers(t *testing.T, path, want string) {
	t.Helper()
	var got []byte
	for range 6000 {
		if got, _ = os.ReadFile(path); string(got) == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s has %d bytes, want %d", path, len(got), len(want))
}

// empties waits until a directory has no files: a copy has its name before what was copied is removed.
func empties(t *testing.T, dir string) {
	t.Helper()
	var left []os.DirEntry
	for range 6000 {
		if left, _ = os.ReadDir(dir); len(left) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("left in %s: %v", dir, left)
}

const storedAt = "Tue, 01 Feb 2022 10:00:00 GMT"

// Whole answers with status 200 are stored, however their length is told, and the client gets them as well.
func TestAnswersAreStored(t *testing.T) {
	long := pattern(300 << 10)
	for _, worker := range []bool{false, true} {
		for name, answer := range map[string]string{
			"a length":      fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(long), long),
			"chunks":        fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(long), long),
			"a close":       "Connection: close\r\n\r\n" + long,
			"a small one":   "Content-Length: 5\r\n\r\nshort",
			"nothing in it": "Content-Length: 0\r\n\r\n",
		} {
			t.Run(fmt.Sprintf("%s, worker %v", name, worker), func(t *testing.T) {
				dir := t.TempDir()
				f := storing(t, worker, dir, nil, func(c *net.TCPConn, n int) {
					each(func(c *net.TCPConn, _ *http.Request, _ string) {
						say(c, "HTTP/1.1 200 OK\r\nLast-Modified: "+storedAt+"\r\n"+answer)
						if strings.HasPrefix(answer, "Connection: close") {
							c.Close()
						}
					})(c, n)
				})
				g := f.get(t, "/new/dir/x")
				if g.status != 200 || g.err != nil {
					t.Fatalf("the client gets %d, %v", g.status, g.err)
				}
				path := dir + "/stored/new/dir/x"
				gathers(t, path, g.body)
				info, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				if at := info.ModTime().UTC().Format(http.TimeFormat); at != storedAt || info.Mode() != 0o600 {
					t.Errorf("of %s, mode %v", at, info.Mode())
				}
				if left := files(t, dir+"/temp"); left != nil {
					t.Errorf("temporary files are left: %q", left)
				}
			})
		}
	}
}

// proxy_store_access is the mode of the file, and that of directories that are made for it, which can be entered as well.
func TestStoredRights(t *testing.T) {
	for _, mode := range []os.FileMode{0o600, 0o640, 0o644, 0o666} {
		dir := t.TempDir()
		f := storing(t, false, dir, func(c *proxy.Config) { c.StoreAccess = uint32(mode) }, each(func(c *net.TCPConn, _ *http.Request, _ string) {
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
		}))
		f.get(t, "/new/x")
		gathers(t, dir+"/stored/new/x", "x")
		info, err := os.Stat(dir + "/stored/new/x")
		if err != nil || info.Mode() != mode {
			t.Errorf("%v: %v, %v", mode, info.Mode(), err)
		}
		above, err := os.Stat(dir + "/stored/new")
		if err != nil || above.Mode().Perm()&0o700 != 0o700 || mode&0o004 == 0 && above.Mode().Perm()&0o007 != 0 {
			t.Errorf("%v: directory %v, %v", mode, above.Mode(), err)
		}
	}
}

// What is no whole answer to GET with status 200 is not stored, and leaves nothing; a file from before stays.
func TestAnswersAreNotStored(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		serve  func(c *net.TCPConn)
	}{
		"HEAD": {"HEAD", func(c *net.TCPConn) { say(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") }},
		"404":  {"GET", func(c *net.TCPConn) { say(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nnever") }},
		"206":  {"GET", func(c *net.TCPConn) { say(c, "HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\n\r\nnever") }},
		"redirected": {"GET", func(c *net.TCPConn) {
			say(c, "HTTP/1.1 200 OK\r\nX-Accel-Redirect: /y\r\nContent-Length: 5\r\n\r\nnever")
		}},
		"cut": {"GET", func(c *net.TCPConn) {
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n"+pattern(200000))
			c.Close()
		}},
		"reset": {"GET", func(c *net.TCPConn) {
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n"+pattern(200000))
			reset(c)
		}},
		"a chunk is cut": {"GET", func(c *net.TCPConn) {
			say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nnev")
			c.Close()
		}},
		"no last chunk": {"GET", func(c *net.TCPConn) {
			say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nnever\r\n")
			c.Close()
		}},
		"wrong chunks": {"GET", func(c *net.TCPConn) { say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nneverxx\r\n") }},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f := storing(t, false, dir, nil, each(func(conn *net.TCPConn, _ *http.Request, _ string) { c.serve(conn) }))
			if err := os.WriteFile(dir+"/stored/x", []byte("before"), 0o600); err != nil {
				t.Fatal(err)
			}
			client := f.dial(t)
			say(client, c.method+" /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
			client.response(c.method)
			f.settled(t)
			for range 6000 { // the file goes with the request, of which the client has seen the end
				if files(t, dir+"/temp") == nil {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			if left := files(t, dir+"/temp"); left != nil {
				t.Errorf("temporary files are left: %q", left)
			}
			if b, _ := os.ReadFile(dir + "/stored/x"); string(b) != "before" || len(files(t, dir+"/stored")) != 1 {
				t.Errorf("stored: %.20q of %q", b, files(t, dir+"/stored"))
			}
		})
	}
}

// An answer is stored though its client leaves, and who reads the file that it replaces reads on in that.
func TestStoredWithoutClient(t *testing.T) {
	dir, more, long := t.TempDir(), make(chan struct{}), pattern(2<<20)
	f := storing(t, false, dir, nil, each(func(c *net.TCPConn, _ *http.Request, _ string) {
		say(c, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(long), long[:1000]))
		<-more
		say(c, long[1000:])
	}))
	if err := os.WriteFile(dir+"/stored/x", []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	old, err := os.Open(dir + "/stored/x")
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	client := f.dial(t)
	say(client, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
	if _, err := client.r.ReadByte(); err != nil {
		t.Fatal(err)
	}
	client.Close()
	close(more)
	gathers(t, dir+"/stored/x", long)
	b := make([]byte, 10)
	if n, _ := old.Read(b); string(b[:n]) != "before" {
		t.Errorf("the old file has %q", b[:n])
	}
}

// Where the temporary file cannot be renamed to its place, because that is on another file system, it is copied; where there can
// be no temporary file, the client gets its answer all the same.
func TestStoredElsewhere(t *testing.T) {
	dir := t.TempDir()
	other, err := os.MkdirTemp("/dev/shm", "wheelpit-store")
	if err != nil {
		t.Skip("there is no second file system: ", err)
	}
	defer os.RemoveAll(other)
	var a, b syscall.Stat_t
	if syscall.Stat(dir, &a) != nil || syscall.Stat(other, &b) != nil || a.Dev == b.Dev {
		t.Skip("there is no second file system")
	}
	long := pattern(200 << 10)
	serve := each(func(c *net.TCPConn, _ *http.Request, _ string) {
		say(c, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(long), long))
	})
	f := storing(t, false, dir, func(c *proxy.Config) { c.TempDir, c.StoreAccess = other, 0o644 }, serve)
	if g := f.get(t, "/x"); g.body != long {
		t.Errorf("the client gets %d bytes, %v", len(g.body), g.err)
	}
	gathers(t, dir+"/stored/x", long)
	empties(t, other)
	if names := files(t, dir+"/stored"); len(names) != 1 {
		t.Errorf("stored %q", names)
	}
	if info, err := os.Stat(dir + "/stored/x"); err != nil || info.Mode() != 0o644 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	f = storing(t, false, dir, func(c *proxy.Config) { c.TempDir = dir + "/stored/x/temp" }, serve)
	if g := f.get(t, "/y"); g.body != long {
		t.Errorf("without a temporary file the client gets %d bytes, %v", len(g.body), g.err)
	}
	if names := files(t, dir+"/stored"); len(names) != 1 {
		t.Errorf("stored %q", names)
	}
}
