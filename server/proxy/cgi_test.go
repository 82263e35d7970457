package proxy_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/proxy"
)

// recordStderr is a complaint of an application.
const recordStderr = 7

// ended is END_REQUEST.
var ended = record(recordEnd, "\x00\x00\x00\x00\x00\x00\x00\x00")

// readStdin reads a request of FastCGI to its end.
func readStdin(c net.Conn) error {
	for head := make([]byte, 8); ; {
		if _, err := io.ReadFull(c, head); err != nil {
			return err
		}
		n := int(binary.BigEndian.Uint16(head[4:]))
		if _, err := io.CopyN(io.Discard, c, int64(n)+int64(head[6])); err != nil {
			return err
		}
		if head[1] == recordStdin && n == 0 {
			return nil
		}
	}
}

// TestCGIConnectionsAreNotKept asks servers that close behind each answer, whatever its length says.
func TestCGIConnectionsAreNotKept(t *testing.T) {
	const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	for name, protocol := range map[string]proxy.Protocol{"uwsgi": proxy.UWSGI, "scgi": proxy.SCGI, "fastcgi": proxy.FastCGI} {
		t.Run(name, func(t *testing.T) {
			p := script(t, func(c *net.TCPConn, _ int) {
				buf := make([]byte, 4096)
				if n, err := c.Read(buf); n == 0 || err != nil {
					return
				}
				if protocol != proxy.FastCGI {
					say(c, answer)
					return
				}
				say(c, record(recordStdout, answer[strings.Index(answer, "Content"):])+record(recordStdout, "")+ended)
			})
			f := start(t, options{cfg: proxy.Config{Protocol: protocol}}, p)
			c := f.dial(t)
			for i := range 5 {
				say(c, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
				if g := c.response("POST"); g.status != 200 || g.body != "ok" {
					t.Fatalf("request %d: %+v", i, g)
				}
			}
			if n := p.conns.Load(); n != 5 {
				t.Errorf("%d connections for 5 requests", n)
			}
		})
	}
}

// TestFastCGIApplicationMayFinish has an application write END_REQUEST in pieces, well behind its output.
func TestFastCGIApplicationMayFinish(t *testing.T) {
	failed, answered := make(chan error, 1), make(chan struct{})
	p := script(t, func(c *net.TCPConn, _ int) {
		if err := readStdin(c); err != nil {
			failed <- err
			return
		}
		say(c, record(recordStdout, "\r\nhello")+record(recordStdout, ""))
		<-answered // the client does not wait for the application to finish
		var err error
		for i := range ended {
			time.Sleep(10 * time.Millisecond)
			_, e := io.WriteString(c, ended[i:i+1])
			err = errors.Join(err, e)
		}
		failed <- err
	})
	f := start(t, options{cfg: proxy.Config{Protocol: proxy.FastCGI}}, p)
	g := f.get(t, "/x")
	close(answered)
	if g.body != "hello" || g.err != nil {
		t.Fatalf("%+v", g)
	}
	if err := <-failed; err != nil {
		t.Errorf("the application: %v", err)
	}
}

// TestFastCGIHeadThatEnds has an output that ends within its head: it is an invalid one, and another peer may be asked.
func TestFastCGIHeadThatEnds(t *testing.T) {
	bad := script(t, func(c *net.TCPConn, _ int) {
		_ = readStdin(c)
		say(c, record(recordStdout, "BAD")+record(recordStdout, "")+ended)
	})
	good := script(t, func(c *net.TCPConn, _ int) {
		_ = readStdin(c)
		say(c, record(recordStdout, "Status: 201 Made\r\n\r\nok")+record(recordStdout, "")+ended)
	})
	for next, want := range map[proxy.Condition]int{proxy.OnInvalidHeader: 201, proxy.OnError: 502} {
		var told words
		cfg := proxy.Config{Protocol: proxy.FastCGI, Next: next, Log: func(_ *pipeline.Ctx, _, text, _ string) { told.add(text) }}
		f := start(t, options{cfg: cfg}, bad, good)
		if g := f.get(t, "/x"); g.status != want {
			t.Errorf("%v: status %d, want %d", next, g.status, want)
		}
		if want := "upstream prematurely closed FastCGI stdout while reading response header from upstream"; !strings.Contains(told.String(), want) {
			t.Errorf("%v: the log says %q", next, told.String())
		}
	}
}

// TestFastCGIStderr logs what an application complains of, and fails when it is what fastcgi_catch_stderr names.
func TestFastCGIStderr(t *testing.T) {
	p := script(t, func(c *net.TCPConn, _ int) {
		_ = readStdin(c)
		say(c, record(recordStderr, "PHP Fatal error\n")+record(recordStdout, "\r\nok")+record(recordStdout, "")+ended)
	})
	for word, want := range map[string]int{"": 200, "Fatal": 502, "Warning": 200} {
		var told words
		cfg := proxy.Config{Protocol: proxy.FastCGI, Log: func(_ *pipeline.Ctx, _, text, _ string) { told.add(text) }}
		if word != "" {
			cfg.CatchStderr = []string{word}
		}
		if g := start(t, options{cfg: cfg}, p).get(t, "/x"); g.status != want {
			t.Errorf("fastcgi_catch_stderr %q: status %d, want %d", word, g.status, want)
		}
		if want := `FastCGI sent in stderr: "PHP Fatal error"`; !strings.Contains(told.String(), want) {
			t.Errorf("the log says %q", told.String())
		}
	}
}

// TestStreamedBodyComesAlong sends the beginning of a body with its head, and the rest when the peer has seen that.
func TestStreamedBodyComesAlong(t *testing.T) {
	for _, chunked := range []bool{false, true} {
		first := make(chan string, 1)
		p := script(t, func(c *net.TCPConn, _ int) {
			buf := make([]byte, 4096)
			n, _ := c.Read(buf)
			first <- string(buf[:n])
			_ = readStdin(c)
			say(c, record(recordStdout, "\r\nok")+record(recordStdout, "")+ended)
		})
		f := start(t, options{cfg: proxy.Config{Protocol: proxy.FastCGI, StreamRequest: true}, worker: true}, p)
		c := f.dial(t)
		head, rest := "Content-Length: 10\r\n\r\n01234", "56789"
		if chunked {
			head, rest = "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n", "5\r\n56789\r\n0\r\n\r\n"
		}
		say(c, "POST /x HTTP/1.1\r\nHost: a\r\n"+head)
		within(t, time.Minute, "the peer", func() {
			if seen := <-first; !strings.Contains(seen, "01234") {
				t.Errorf("chunked %v: the head came without the body: %q", chunked, seen)
			}
		})
		say(c, rest)
		if g := c.response("POST"); g.status != 200 || g.body != "ok" {
			t.Errorf("chunked %v: %+v", chunked, g)
		}
	}
}

// TestMemcachedHeadIsNotRead asks for the head of a value that never ends: only its length is needed.
func TestMemcachedHeadIsNotRead(t *testing.T) {
	gone := make(chan bool, 1)
	p := script(t, func(c *net.TCPConn, _ int) {
		buf := make([]byte, 4096)
		_, _ = c.Read(buf)
		say(c, "VALUE k 0 1000000\r\nsome of it")
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		_, err := c.Read(buf)
		gone <- err == io.EOF || strings.Contains(err.Error(), "reset")
	})
	key := func(_ *pipeline.Ctx, dst []byte) []byte { return append(dst, 'k') }
	f := start(t, options{cfg: proxy.Config{Protocol: proxy.Memcached, Key: key}}, p)
	c := f.dial(t)
	say(c, "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n")
	if g := c.response("HEAD"); g.status != 200 || g.header.Get("Content-Length") != "1000000" {
		t.Errorf("%+v", g)
	}
	within(t, time.Minute, "the peer", func() {
		if !<-gone {
			t.Error("the connection stays open, with the value unread")
		}
	})
}

// words are what the log was told, by the reactor.
type words struct {
	mu  sync.Mutex
	all strings.Builder
}

func (w *words) add(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all.WriteString(text)
}

// String returns them.
func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.String()
}
