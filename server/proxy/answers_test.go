package proxy_test

import (
	"bufio"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/server/proxy"
)

// answer is what a peer sends, and what the client is to get of it. A peer that is not kept closes behind its answer.
type answer struct {
	name, method, sent string
	status             int
	body               string
	kept               bool // the connection to the peer may be used again
	cut                bool // the client must see that the body is not whole
}

// extra is what is sent behind the end of the answer. Once it comes when the next request was sent, nobody can tell it from the
// answer to that.
func (a *answer) extra() string {
	switch {
	case strings.HasPrefix(a.name, "more than its chunks"):
		return "more"
	case strings.HasPrefix(a.name, "more than"), strings.HasPrefix(a.name, "a body of"):
		return a.sent[strings.LastIndex(a.sent, "HTTP/"):]
	}
	return "\xff"
}

var answers = []answer{
	{"length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true, false},
	{"no content", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true, false},
	{"chunked", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nX-T: 1\r\n\r\n", 200, "hello world", true, false},
	{"close", "GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", false, false},
	{"until close", "GET", "HTTP/1.1 200 OK\r\n\r\nhello", 200, "hello", false, false},
	{"1.0", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", false, false},
	{"1.0 kept", "GET", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true, false},
	{"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", 200, "", true, false},
	{"HEAD chunked", "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, "", true, false},
	{"HEAD until close", "HEAD", "HTTP/1.1 200 OK\r\n\r\n", 200, "", false, false},
	{"204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", true, false},
	{"304", "GET", "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 5\r\n\r\n", 304, "", true, false},
	{"100 and 103 before", "GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true, false},
	{"more than its length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad", 200, "hello", false, false},
	{"more than its chunks", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nmore", 200, "hello", false, false},
	{"a body of 204", "GET", "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad", 204, "", false, false},
	{"shorter", "GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhello", 200, "hello", false, true},
	{"no last chunk", "GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 200, "hello", false, true},
	{"bad chunk", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n", 200, "hello", false, true},
	{"two lengths", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 502, "", false, false},
	{"length and chunks", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 502, "", false, false},
	{"chunks of 1.0", "GET", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 502, "", false, false},
	{"gzip, chunked", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 502, "", false, false},
	{"0.9", "GET", "hello there", 502, "", false, false},
	{"no status", "GET", "HTTP/1.1 OK\r\n\r\n", 502, "", false, false},
	{"folded", "GET", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n", 502, "", false, false},
	{"NUL", "GET", "HTTP/1.1 200 OK\r\nA: b\x00c\r\nContent-Length: 0\r\n\r\n", 502, "", false, false},
	{"CR in a value", "GET", "HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 0\r\n\r\n", 502, "", false, false},
	{"101 unasked", "GET", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", 502, "", false, false},
	{"half a head", "GET", "HTTP/1.1 200 OK\r\nContent-Le", 502, "", false, false},
	{"nothing", "GET", "", 502, "", false, false},
	{"head of 5000 bytes", "GET", "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("a", 5000) + "\r\n\r\n", 502, "", false, false},
}

// TestEveryCutOfAnAnswer sends each answer in two pieces, cut at every byte, and asks again on the same connection of the client:
// what the first answer said too much must not be heard.
func TestEveryCutOfAnAnswer(t *testing.T) {
	t.Parallel()
	const next = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext"
	for _, a := range answers {
		cut := make(chan int, 1)
		p := script(t, func(c *net.TCPConn, _ int) {
			r := bufio.NewReader(c)
			for {
				req, _ := request(r)
				if req == nil {
					return
				}
				if req.URL.Path == "/next" {
					say(c, next)
					continue
				}
				at := <-cut
				say(c, a.sent[:at])
				if at > 0 && at < len(a.sent) {
					time.Sleep(time.Millisecond)
				}
				say(c, a.sent[at:])
				if !a.kept {
					return
				}
			}
		})
		for _, worker := range []bool{false, true} {
			f := start(t, options{worker: worker, cfg: proxy.Config{ReadTimeout: time.Minute}}, p)
			c := f.dial(t)
			last, step := len(a.sent), max(1, len(a.sent)/200)
			if !a.kept && !a.cut && a.status < 300 && strings.Contains(a.sent, a.extra()) {
				last = strings.Index(a.sent, a.extra()) - 1
			}
			for at := 0; at <= last; at += step {
				cut <- at
				say(c, a.method+" /x HTTP/1.1\r\nHost: a\r\n\r\n")
				g := c.response(a.method)
				if g.status != a.status || a.status != 502 && g.body != a.body || (g.err != nil) != a.cut {
					t.Fatalf("%s, worker %v, cut at %d: %d %q %v; want %d %q, cut %v", a.name, worker, at, g.status, g.body, g.err, a.status, a.body, a.cut)
				}
				if a.cut {
					c = f.dial(t)
				}
				say(c, "GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
				if g := c.response("GET"); g.body != "next" {
					t.Fatalf("%s, worker %v, cut at %d: the next answer is %d %q %v", a.name, worker, at, g.status, g.body, g.err)
				}
			}
		}
		if n := p.conns.Load(); a.kept && n > 2 {
			t.Errorf("%s: %d connections", a.name, n)
		}
	}
}

// TestAnswerToA10Client has clients that know neither chunks nor kept connections.
func TestAnswerToA10Client(t *testing.T) {
	for _, a := range answers {
		if a.status != 200 || a.method == "HEAD" {
			continue
		}
		p := script(t, each(func(c *net.TCPConn, _ *http.Request, _ string) {
			say(c, a.sent)
			if !a.kept {
				c.Close()
			}
		}))
		f := start(t, options{}, p)
		c := f.dial(t)
		say(c, "GET /x HTTP/1.0\r\n\r\n")
		g := c.response("GET")
		if a.cut && g.status == 0 && g.err != nil { // a reset, which is all that such a client can be told
			continue
		}
		if g.status != 200 || g.body != a.body || (g.err != nil) != a.cut || g.header.Get("Transfer-Encoding") != "" {
			t.Errorf("%s: %d %q %v %v; cut %v", a.name, g.status, g.body, g.err, g.header, a.cut)
		}
	}
}

// TestAnswerWithoutRequest has a peer say more, later, when nobody asks: it must not be heard by who asks next.
func TestAnswerWithoutRequest(t *testing.T) {
	said := make(chan struct{})
	p := script(t, func(c *net.TCPConn, _ int) {
		r := bufio.NewReader(c)
		for {
			req, _ := request(r)
			if req == nil {
				return
			}
			echo(c, req, req.URL.Path)
			if req.URL.Path == "/bad" {
				<-said // the answer is with the client
				echo(c, req, "poison")
				arrived(t, c)
				said <- struct{}{}
			}
		}
	})
	for _, worker := range []bool{false, true} {
		f := start(t, options{worker: worker}, p)
		for range 5 {
			for _, path := range []string{"/bad", "/good"} {
				if g := f.get(t, path); g.body != path {
					t.Errorf("worker %v, %s: %+v", worker, path, g)
				}
				if path == "/bad" {
					said <- struct{}{}
					<-said
				}
			}
		}
	}
}

// arrived waits until the other side's kernel has all that was sent: on a busy machine that is later than the write, even on the
// loopback.
func arrived(t *testing.T, c *net.TCPConn) {
	raw, err := c.SyscallConn()
	if err != nil {
		t.Error(err)
		return
	}
	for left := 1; left > 0; time.Sleep(time.Millisecond) {
		if fault := raw.Control(func(fd uintptr) { left, err = unix.IoctlGetInt(int(fd), unix.TIOCOUTQ) }); fault != nil || err != nil {
			return // closed, which tells as much
		}
	}
}

// TestPipelinedRequests sends many requests at once, with bodies between them; the answers come in their order.
func TestPipelinedRequests(t *testing.T) {
	p := script(t, each(func(c *net.TCPConn, req *http.Request, body string) {
		if strings.HasPrefix(req.URL.Path, "/slow") {
			time.Sleep(5 * time.Millisecond)
		}
		echo(c, req, req.URL.Path+body)
	}))
	for _, worker := range []bool{false, true} {
		f := start(t, options{worker: worker}, p)
		c := f.dial(t)
		var all strings.Builder
		for i := range 50 {
			n := string(rune('a' + i%26))
			switch i % 3 {
			case 0:
				all.WriteString("GET /slow" + n + " HTTP/1.1\r\nHost: a\r\n\r\n")
			case 1:
				all.WriteString("POST /" + n + " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n=" + n + n)
			case 2:
				all.WriteString("POST /" + n + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n=" + n + n + "\r\n0\r\n\r\n")
			}
		}
		go say(c, all.String())
		for i := range 50 {
			n := string(rune('a' + i%26))
			want := "/slow" + n
			if i%3 > 0 {
				want = "/" + n + "=" + n + n
			}
			if g := c.response("GET"); g.body != want {
				t.Fatalf("worker %v, answer %d: %d %q %v, want %q", worker, i, g.status, g.body, g.err, want)
			}
		}
	}
}

// TestHalfClosedPipeline has a client end its side behind two requests, while the first is passed on: both are answered. (One that ends
// its side while the second is, with nothing behind it, is taken to have left, as by NGINX.)
func TestHalfClosedPipeline(t *testing.T) {
	asked, ended := make(chan struct{}), make(chan struct{})
	p := script(t, each(func(c *net.TCPConn, req *http.Request, body string) {
		if req.URL.Path == "/a" {
			close(asked)
			<-ended
		}
		echo(c, req, req.URL.Path)
	}))
	c := start(t, options{}, p).dial(t)
	say(c, "GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
	<-asked
	_ = c.CloseWrite()
	arrived(t, c.TCPConn)
	close(ended)
	for _, want := range []string{"/a", "/b"} {
		if g := c.response("GET"); g.body != want {
			t.Errorf("%+v, want %s", g, want)
		}
	}
}
