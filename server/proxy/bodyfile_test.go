package proxy_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// none waits until no file is left in a directory: they go with their requests, of which the client has seen the end.
func none(t *testing.T, dir string) {
	t.Helper()
	for range 6000 {
		if files(t, dir) == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("files are left: %q", files(t, dir))
}

// Bodies are written to files as client_body_in_file_only says, and the peer gets each as it was.
func TestBodiesInFiles(t *testing.T) {
	short, long := pattern(100), pattern(300<<10)
	for _, c := range []struct {
		in    proxy.InFile
		body  string
		stays bool
	}{
		{proxy.IfLarge, short, false}, {proxy.IfLarge, long, false}, {proxy.IfLarger, short, false}, {proxy.IfLarger, long, false},
		{proxy.Always, short, true}, {proxy.Always, long, true}, {proxy.AlwaysAndEnd, short, false}, {proxy.AlwaysAndEnd, long, false},
	} {
		for form, text := range map[string]string{
			"length": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(c.body), c.body),
			"chunks": fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(c.body), c.body),
		} {
			t.Run(fmt.Sprintf("%d, %d bytes by %s", c.in, len(c.body), form), func(t *testing.T) {
				dir := t.TempDir()
				f := start(t, options{cfg: proxy.Config{BodyDir: dir, BodyBuffer: 1 << 10, InFile: c.in}}, script(t, each(echo)))
				client := f.dial(t)
				say(client, "POST /x HTTP/1.1\r\nHost: a\r\n"+text)
				if g := client.response("POST"); g.body != c.body {
					t.Fatalf("%d, %d bytes come back, %v", g.status, len(g.body), g.err)
				}
				if !c.stays {
					none(t, dir)
					return
				}
				names := files(t, dir)
				if len(names) != 1 {
					t.Fatalf("files %q", names)
				}
				if b, err := os.ReadFile(dir + names[0]); string(b) != c.body {
					t.Errorf("the file has %d bytes, %v", len(b), err)
				}
				if info, err := os.Stat(dir + names[0]); err != nil || info.Mode() != 0o600 {
					t.Errorf("mode %v, %v", info.Mode(), err)
				}
			})
		}
	}
}

// A body in a file is sent to the next peer when one fails, from its beginning.
func TestBodyInFileIsSentAgain(t *testing.T) {
	long, failed := pattern(300<<10), atomic.Int32{}
	broken := script(t, func(c *net.TCPConn, _ int) {
		b := make([]byte, 64<<10)
		_, _ = c.Read(b)
		failed.Add(1)
		reset(c)
	})
	dir := t.TempDir()
	f := start(t, options{
		cfg: proxy.Config{BodyDir: dir, BodyBuffer: 1 << 10, InFile: proxy.AlwaysAndEnd, Next: proxy.OnError | proxy.NonIdempotent},
		up:  upstream.Config{Servers: []upstream.ServerConfig{{Address: broken.addr}, {Address: script(t, each(echo)).addr}}},
	})
	for range 4 {
		client := f.dial(t)
		say(client, fmt.Sprintf("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(long), long))
		if g := client.response("POST"); g.body != long {
			t.Errorf("%d, %d bytes come back, %v", g.status, len(g.body), g.err)
		}
	}
	if failed.Load() == 0 {
		t.Error("no peer has failed")
	}
	none(t, dir)
}

// A client that leaves in the middle of its body leaves no file, and the peer is not asked.
func TestBodyInFileIsCut(t *testing.T) {
	for name, text := range map[string]string{
		"length":       "Content-Length: 300000\r\n\r\n" + pattern(200000),
		"chunks":       "Transfer-Encoding: chunked\r\n\r\n30d40\r\n" + pattern(200000) + "\r\n10\r\nx",
		"wrong chunks": "Transfer-Encoding: chunked\r\n\r\n30d40\r\n" + pattern(200000) + "xx",
	} {
		t.Run(name, func(t *testing.T) {
			asked, dir := atomic.Int32{}, t.TempDir()
			f := start(t, options{worker: true, cfg: proxy.Config{BodyDir: dir, BodyBuffer: 1 << 10, InFile: proxy.AlwaysAndEnd}},
				script(t, each(func(c *net.TCPConn, r *http.Request, body string) { asked.Add(1); echo(c, r, body) })))
			client := f.dial(t)
			say(client, "POST /x HTTP/1.1\r\nHost: a\r\n"+text)
			if name == "wrong chunks" {
				if g := client.response("POST"); g.status != 400 {
					t.Errorf("%+v", g)
				}
			} else {
				within(t, time.Minute, "a file", func() {
					for files(t, dir) == nil {
						time.Sleep(time.Millisecond)
					}
				})
			}
			client.Close()
			none(t, dir)
			if asked.Load() != 0 {
				t.Error("the peer has got it")
			}
		})
	}
}

// Where no file can be made the request fails; $request_body_file names the file that there is.
func TestBodyFileFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	asked := atomic.Int32{}
	p := script(t, each(func(c *net.TCPConn, r *http.Request, body string) { asked.Add(1); echo(c, r, body) }))
	f := start(t, options{cfg: proxy.Config{BodyDir: dir + "/file/none", BodyBuffer: 1 << 10, InFile: proxy.Always}}, p)
	client := f.dial(t)
	say(client, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
	if g := client.response("POST"); g.status != 500 || asked.Load() != 0 {
		t.Errorf("%d, the peer was asked %d times", g.status, asked.Load())
	}
	name := atomic.Pointer[string]{}
	f = start(t, options{cfg: proxy.Config{BodyDir: dir, BodyBuffer: 1 << 10, InFile: proxy.Always, Fields: []proxy.Field{{Name: "X-File", Value: func(c *pipeline.Ctx, b []byte) []byte {
		s := strings.Clone(proxy.BodyFile(c))
		name.Store(&s)
		return append(b, s...)
	}}}}}, p)
	client = f.dial(t)
	say(client, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
	client.response("POST")
	if s := name.Load(); s == nil || *s == "" {
		t.Error("the file has no name")
	} else if b, err := os.ReadFile(*s); string(b) != "abc" {
		t.Errorf("%s has %q, %v", *s, b, err)
	}
}
