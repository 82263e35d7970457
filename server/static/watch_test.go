//go:build linux

package static_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/static"
)

// trusting is a tree whose entries only a watch can make stale.
func trusting(o *static.Options) { o.Revalidate, o.Precompressed = time.Hour, true }

// put replaces a file as an editor does: by another that is renamed.
func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, os.Rename(path+".new", path))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A request that is sent after a change has happened sees it.
func TestChangesAreSeenAtOnce(t *testing.T) {
	write := func(t *testing.T, path, content string) {
		t.Helper()
		must(t, os.WriteFile(path, []byte(content), 0o644))
	}
	for _, c := range []struct {
		name, target, before string
		change               func(t *testing.T, dir string)
		after                string
	}{
		{"written in place", "/a.txt", "0123456789", func(t *testing.T, dir string) { write(t, dir+"/a.txt", "abcdefghij") }, "abcdefghij"},
		{"truncated", "/a.txt", "0123456789", func(t *testing.T, dir string) { must(t, os.Truncate(dir+"/a.txt", 3)) }, "012"},
		{"replaced", "/a.txt", "0123456789", func(t *testing.T, dir string) { put(t, dir+"/a.txt", "new") }, "new"},
		{"removed", "/a.txt", "0123456789", func(t *testing.T, dir string) { must(t, os.Remove(dir+"/a.txt")) }, "404"},
		{"created", "/none.txt", "404", func(t *testing.T, dir string) { write(t, dir+"/none.txt", "new") }, "new"},
		{"created with its directories", "/x/y/z.txt", "404", func(t *testing.T, dir string) {
			must(t, os.MkdirAll(dir+"/x/y", 0o755))
			write(t, dir+"/x/y/z.txt", "new")
		}, "new"},
		{"linked", "/none.txt", "404", func(t *testing.T, dir string) { must(t, os.Link(dir+"/a.txt", dir+"/none.txt")) }, "0123456789"},
		{"index removed", "/sub/", "sub", func(t *testing.T, dir string) { must(t, os.Remove(dir+"/sub/index.html")) }, "403"},
		{"index created", "/list/", "403", func(t *testing.T, dir string) { write(t, dir+"/list/index.html", "new") }, "new"},
		{"directory renamed", "/sub/index.html", "sub", func(t *testing.T, dir string) { must(t, os.Rename(dir+"/sub", dir+"/other")) }, "404"},
		{"directory put in place", "/list/dir/x", "x", func(t *testing.T, dir string) {
			must(t, os.MkdirAll(dir+"/next/dir", 0o755))
			write(t, dir+"/next/dir/x", "new")
			must(t, os.Rename(dir+"/list", dir+"/last"))
			must(t, os.Rename(dir+"/next", dir+"/list"))
		}, "new"},
		{"root put in place", "/a.txt", "0123456789", func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir+".next", 0o755))
			write(t, dir+".next/a.txt", "new")
			must(t, os.Rename(dir, dir+".last"))
			must(t, os.Rename(dir+".next", dir))
		}, "new"},
		{"link turned", "/in", "0123456789", func(t *testing.T, dir string) {
			must(t, os.Symlink("page.html", dir+"/in.next"))
			must(t, os.Rename(dir+"/in.next", dir+"/in"))
		}, "plain page"},
		{"behind a link", "/in", "0123456789", func(t *testing.T, dir string) { write(t, dir+"/a.txt", "new") }, "new"},
		{"sibling removed", "/page.html", "gz page", func(t *testing.T, dir string) { must(t, os.Remove(dir+"/page.html.gz")) }, "plain page"},
		{"sibling created", "/a.txt", "0123456789", func(t *testing.T, dir string) { write(t, dir+"/a.txt.gz", "gz") }, "gz"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, addr := site(t, trusting)
			ask := func() string {
				res, body := get(t, addr, "GET", c.target, "Accept-Encoding: gzip")
				if res.StatusCode != 200 {
					return res.Status[:3]
				}
				return body
			}
			for range 3 {
				if got := ask(); got != c.before {
					t.Fatalf("before: %q, want %q", got, c.before)
				}
			}
			c.change(t, dir)
			if got := ask(); got != c.after {
				t.Errorf("after: %q, want %q", got, c.after)
			}
		})
	}
}

// The release that a link points to is the root: a deployment turns the link.
func TestTurnedRoot(t *testing.T) {
	top := t.TempDir()
	for _, release := range []string{"1", "2"} {
		must(t, os.MkdirAll(filepath.Join(top, release), 0o755))
		must(t, os.WriteFile(filepath.Join(top, release, "v.txt"), []byte(release), 0o644))
	}
	turn := func(to string) {
		must(t, os.Symlink(to, filepath.Join(top, "next")))
		must(t, os.Rename(filepath.Join(top, "next"), filepath.Join(top, "current")))
	}
	turn("1")
	_, addr := site(t, trusting, func(o *static.Options) { o.Root = filepath.Join(top, "current") })
	for i := range 20 {
		want := []string{"1", "2"}[i%2]
		turn(want)
		for range 3 {
			if _, got := get(t, addr, "GET", "/v.txt"); got != want {
				t.Fatalf("turn %d: release %q, want %q", i, got, want)
			}
		}
	}
}

// A root that is moved away, or whose link is removed or leads nowhere, is gone: with it what was kept of its files.
func TestRootGone(t *testing.T) {
	top := t.TempDir()
	must(t, os.MkdirAll(top+"/real/sub", 0o755))
	must(t, os.WriteFile(top+"/real/sub/v.txt", []byte("here"), 0o644))
	must(t, os.Symlink("real", top+"/link"))
	for _, root := range []string{"/real", "/link"} {
		_, addr := site(t, trusting, func(o *static.Options) { o.Root, o.Lazy = top+root, true })
		expect := func(when string, want int) {
			t.Helper()
			for range 3 {
				if res, _ := get(t, addr, "GET", "/sub/v.txt"); res.StatusCode != want {
					t.Fatalf("%s, %s: %s", root, when, res.Status)
				}
			}
		}
		expect("at first", 200)
		must(t, os.Rename(top+"/real", top+"/away"))
		expect("moved away", 404)
		must(t, os.Rename(top+"/away", top+"/real"))
		expect("back", 200)
		must(t, os.Rename(top+"/link", top+"/other"))
		expect("link gone", map[string]int{"/real": 200, "/link": 404}[root])
		must(t, os.Rename(top+"/other", top+"/link"))
		expect("link back", 200)
	}
}

// A root may climb behind a link: where that leads to is the kernel's to say, and not to be read from the text.
func TestRootBehindLink(t *testing.T) {
	top := t.TempDir()
	must(t, os.MkdirAll(top+"/real/deep", 0o755))
	must(t, os.MkdirAll(top+"/real/www", 0o755))
	must(t, os.Symlink("real/deep", top+"/link"))
	must(t, os.WriteFile(top+"/real/www/v.txt", []byte("old"), 0o644))
	_, addr := site(t, trusting, func(o *static.Options) { o.Root = top + "/link/../www" })
	for range 3 {
		if _, got := get(t, addr, "GET", "/v.txt"); got != "old" {
			t.Fatalf("before: %q", got)
		}
	}
	put(t, top+"/real/www/v.txt", "new")
	if _, got := get(t, addr, "GET", "/v.txt"); got != "new" {
		t.Errorf("after: %q", got)
	}
}

// gated is a server with one reactor that "/gate" holds until its gate is opened.
type gated struct {
	t    *testing.T
	dir  string
	addr string
	in   chan struct{} // a request is at the gate
	open chan struct{}
}

func newGated(t *testing.T) *gated {
	g := &gated{t: t, dir: t.TempDir(), in: make(chan struct{}), open: make(chan struct{})}
	g.write("old")
	files, err := static.New(static.Options{Root: g.dir, Revalidate: time.Hour})
	must(t, err)
	app := pipeline.New()
	app.Get("/gate", func(c *pipeline.Ctx) error {
		g.in <- struct{}{}
		<-g.open
		return c.Text(200, "gate")
	}, pipeline.Inline)
	app.Mount("/", files.Serve, pipeline.Inline)
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app, Reactors: 1, SlowInline: -1})
	must(t, err)
	must(t, s.Start())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Shutdown(ctx)
	})
	g.addr = s.Addrs()[0]
	return g
}

func (g *gated) write(content string) {
	g.t.Helper()
	must(g.t, os.WriteFile(filepath.Join(g.dir, "f"), []byte(content), 0o644))
}

func (g *gated) dial() net.Conn {
	g.t.Helper()
	c, err := net.Dial("tcp", g.addr)
	must(g.t, err)
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	g.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (g *gated) send(c net.Conn, text string) {
	g.t.Helper()
	_, err := io.WriteString(c, text)
	must(g.t, err)
}

// answer reads one response.
func (g *gated) answer(r *bufio.Reader) string {
	g.t.Helper()
	res, err := http.ReadResponse(r, nil)
	must(g.t, err)
	body, err := io.ReadAll(res.Body)
	must(g.t, err)
	return string(body)
}

const (
	askFile = "GET /f HTTP/1.1\r\nHost: localhost\r\n\r\n"
	askGate = "GET /gate HTTP/1.1\r\nHost: localhost\r\n\r\n"
)

// warm has the file in the cache, and connections known to the reactor.
func (g *gated) warm(conns ...net.Conn) {
	for range 3 {
		for _, c := range conns {
			g.send(c, askFile)
			if got := g.answer(bufio.NewReader(c)); got != "old" {
				g.t.Fatalf("before: %q", got)
			}
		}
	}
}

// Where the poller's order does not tell that a request came behind a change, the reactor looks for itself (loop.Reactor.Late).
func TestRequestsOutOfOrder(t *testing.T) {
	changed := func(t *testing.T, g *gated, r *bufio.Reader) {
		t.Helper()
		if got := g.answer(r); got != "new" {
			t.Errorf("after: %q, want \"new\"", got)
		}
	}
	t.Run("pipelined", func(t *testing.T) { // the connection was ready before the change, its second request is read with the first
		g := newGated(t)
		first, second, c := g.dial(), g.dial(), g.dial()
		g.warm(first, second, c)
		g.send(first, askGate)
		<-g.in
		g.send(second, askGate)
		g.send(c, askFile)
		g.open <- struct{}{}
		<-g.in
		g.write("new")
		g.send(c, askFile)
		g.open <- struct{}{}
		r := bufio.NewReader(c)
		g.answer(r)
		changed(t, g, r)
	})
	t.Run("accepted before", func(t *testing.T) { // the listener was ready before the change
		g := newGated(t)
		gate := g.dial()
		g.warm(gate)
		for i := range 40 { // requests that come with their connections are read at once
			g.send(gate, askGate)
			<-g.in
			c := g.dial()
			if i == 39 {
				g.write("new")
			}
			g.send(c, askFile)
			g.open <- struct{}{}
			if r := bufio.NewReader(c); i == 39 {
				changed(t, g, r)
			} else {
				g.answer(r)
			}
			g.answer(bufio.NewReader(gate))
		}
	})
	t.Run("registered before", func(t *testing.T) { // a new connection is ready to be written
		g := newGated(t)
		first, second := g.dial(), g.dial()
		g.warm(first, second)
		g.send(first, askGate)
		<-g.in
		c := g.dial()
		g.send(second, askGate)
		g.open <- struct{}{}
		<-g.in
		g.write("new")
		g.send(c, askFile)
		g.open <- struct{}{}
		changed(t, g, bufio.NewReader(c))
	})
	t.Run("several packets", func(t *testing.T) { // the second came between the poll and the read: the connection stays listed
		g := newGated(t)
		first, second, third, c := g.dial(), g.dial(), g.dial(), g.dial()
		g.warm(first, second, third, c)
		long := "GET /f HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 2000) + "\r\n\r\n"
		g.send(first, askGate)
		<-g.in
		g.send(second, askGate)
		g.send(c, long[:1500])
		g.send(third, askGate)
		g.open <- struct{}{}
		<-g.in
		g.send(c, long[1500:])
		g.open <- struct{}{}
		<-g.in
		r := bufio.NewReader(c)
		g.answer(r)
		g.write("new")
		g.send(c, askFile)
		g.open <- struct{}{}
		changed(t, g, r)
	})
}

// Under load, on several reactors, nobody who asks after a change sees what was before it.
func TestChangesUnderLoad(t *testing.T) {
	dir := t.TempDir()
	files, err := static.New(static.Options{Root: dir, Revalidate: time.Hour})
	must(t, err)
	app := pipeline.New()
	app.Mount("/", files.Serve, pipeline.Inline)
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app, Reactors: 3})
	must(t, err)
	must(t, s.Start())
	g := &gated{t: t, dir: dir, addr: s.Addrs()[0]}
	g.write("-1")
	stop, done := make(chan struct{}), make(chan struct{})
	const loaders = 6
	for i := range loaders {
		c := g.dial()
		go func() {
			defer func() { done <- struct{}{} }()
			r, ask := bufio.NewReader(c), strings.Repeat(askFile, 1+i*3)
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := io.WriteString(c, ask); err != nil {
					return
				}
				for range 1 + i*3 {
					if res, err := http.ReadResponse(r, nil); err == nil {
						_, _ = io.Copy(io.Discard, res.Body)
					}
				}
			}
		}()
	}
	kept := []net.Conn{g.dial(), g.dial(), g.dial(), g.dial()}
	for i := range 1000 {
		want := strconv.Itoa(i)
		if i%2 == 0 {
			g.write(want)
		} else {
			put(t, filepath.Join(dir, "f"), want)
		}
		c := kept[i%len(kept)]
		if i%5 == 0 {
			c = g.dial()
		}
		for range i % 4 { // some changes find the file in the cache, others do not
			g.send(c, askFile)
			if got := g.answer(bufio.NewReader(c)); got != want {
				t.Fatalf("change %d: %q", i, got)
			}
		}
	}
	close(stop)
	for range loaders {
		<-done
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = s.Shutdown(ctx)
}

// With NGINX's open_file_cache what is found is used for a time though it has changed, but not before it was asked for often
// enough; errors only when that is said.
func TestTrustedThoughChanged(t *testing.T) {
	for _, c := range []struct {
		name          string
		trust         static.Trust
		uses          int // requests that the reactor answers before the change
		file, created string
	}{
		{"none", static.TrustNone, 3, "new", "new"},
		{"found", static.TrustFound, 3, "0123456789", "new"},
		{"all", static.TrustAll, 3, "0123456789", "404"},
		{"not often enough", static.TrustAll, 1, "new", "new"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, addr := site(t, trusting, func(o *static.Options) { o.Trust, o.MinUses = c.trust, 3 })
			ask := func(target string) string {
				res, body := get(t, addr, "GET", target)
				if res.StatusCode != 200 {
					return res.Status[:3]
				}
				return body
			}
			for range 1 + c.uses { // the first is a worker's
				if a, b := ask("/a.txt"), ask("/none.txt"); a != "0123456789" || b != "404" {
					t.Fatalf("before: %q, %q", a, b)
				}
			}
			put(t, dir+"/a.txt", "new")
			put(t, dir+"/none.txt", "new")
			if a, b := ask("/a.txt"), ask("/none.txt"); a != c.file || b != c.created {
				t.Errorf("after: %q, %q, want %q, %q", a, b, c.file, c.created)
			}
		})
	}
}
