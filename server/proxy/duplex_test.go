package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
	"github.com/wheelpit/wheelpit/server/proxy"
)

// duplexPeer answers while it reads, as the path says. What it has seen of a body that it does not echo goes to seen.
func duplexPeer(t testing.TB, seen chan string) *peer {
	return script(t, func(c *net.TCPConn, _ int) {
		r := bufio.NewReader(c)
		for {
			req, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			if !duplexAnswer(c, req, seen) {
				return
			}
		}
	})
}

// duplexAnswer answers one request and tells whether the connection is kept.
func duplexAnswer(c *net.TCPConn, req *http.Request, seen chan string) bool {
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	switch piece := make([]byte, 3); req.URL.Path {
	case "/echo": // piece by piece
		say(c, chunked)
		echoBody(c, req.Body)
		say(c, "0\r\n\r\n")
	case "/length":
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.FormatInt(req.ContentLength, 10)+"\r\n\r\n")
		_, _ = io.Copy(c, req.Body)
	case "/close": // the end of the connection is that of the body
		say(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
		_, _ = io.Copy(c, req.Body)
		return false
	case "/early": // a whole answer to a part of the body
		_, _ = io.ReadFull(req.Body, piece)
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly")
		n, _ := io.Copy(io.Discard, req.Body)
		seen <- fmt.Sprint(n)
	case "/early/slow": // the same in two pieces
		_, _ = io.ReadFull(req.Body, piece)
		say(c, chunked+"1\r\ne\r\n")
		_, _ = io.ReadFull(req.Body, piece)
		say(c, "4\r\narly\r\n0\r\n\r\n")
		n, _ := io.Copy(io.Discard, req.Body)
		seen <- fmt.Sprint(n)
	case "/early/close":
		_, _ = io.ReadFull(req.Body, piece)
		say(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nearly")
		_ = c.CloseWrite()
		n, _ := io.Copy(io.Discard, req.Body)
		seen <- fmt.Sprint(n)
		return false
	case "/cut": // in the middle of the answer
		_, _ = io.ReadFull(req.Body, piece)
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart")
		_, _ = io.ReadFull(req.Body, piece)
		return false
	case "/body": // reads on when its answer has begun, and tells how much the rest was
		_, _ = io.ReadFull(req.Body, piece)
		say(c, chunked+"4\r\nhead\r\n")
		n, err := io.Copy(io.Discard, req.Body)
		seen <- fmt.Sprint(n, kind(err))
		say(c, "0\r\n\r\n")
	}
	return true
}

// echoBody sends what it reads in chunks of what came at once.
func echoBody(w io.Writer, r io.Reader) {
	b := make([]byte, 64<<10)
	for {
		n, err := r.Read(b)
		if n > 0 {
			_, _ = fmt.Fprintf(w, "%x\r\n%s\r\n", n, b[:n])
		}
		if err != nil {
			return
		}
	}
}

// talk is a client of a request whose body it sends as it likes, and whose answer it reads meanwhile.
type talk struct {
	net.Conn
	r    *bufio.Reader
	resp *http.Response
	said []string
}

// open sends the head of a request, with fields.
func open(t testing.TB, addr, line string, fields ...string) *talk {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	say(c, "POST "+line+"\r\nHost: a\r\n"+strings.Join(fields, "\r\n")+"\r\n\r\n")
	return &talk{Conn: c, r: bufio.NewReader(c)}
}

// head reads the head of the answer.
func (k *talk) head() {
	resp, err := http.ReadResponse(k.r, nil)
	if err != nil {
		k.tell("no head: " + kind(err))
		return
	}
	k.resp = resp
	k.tell(resp.StatusCode, " ", resp.TransferEncoding, resp.ContentLength)
}

// hear reads n bytes of the body.
func (k *talk) hear(n int) {
	if k.resp == nil {
		return
	}
	b := make([]byte, n)
	n, err := io.ReadFull(k.resp.Body, b)
	k.tell(string(b[:n]), kind(err))
}

// rest reads what is left of the body, and tells whether the connection ends behind it.
func (k *talk) rest() {
	if k.resp == nil {
		return
	}
	b, err := io.ReadAll(k.resp.Body)
	k.tell("rest "+string(b), kind(err))
}

// ends waits for the end of the connection.
func (k *talk) ends() {
	_, err := k.r.ReadByte()
	k.tell("then " + kind(err))
}

// hearOf waits for what the peer has to say of the body.
func (k *talk) hearOf(seen chan string) {
	select {
	case s := <-seen:
		k.tell("the peer had ", s, " more")
	case <-time.After(time.Minute):
		k.tell("the peer was not asked")
	}
}

func (k *talk) tell(what ...any) { k.said = append(k.said, fmt.Sprint(what...)) }

// kind is an error as both servers' clients see it.
func kind(err error) string {
	switch {
	case err == nil:
		return ""
	case err == io.EOF:
		return " EOF"
	case err == io.ErrUnexpectedEOF, strings.Contains(err.Error(), "reset"), strings.Contains(err.Error(), "broken pipe"):
		return " cut"
	case strings.Contains(err.Error(), "timeout"):
		return " nothing"
	}
	return " " + err.Error()
}

// dialogues are what clients do. Each step waits for what the one before it brought about.
var dialogues = []struct {
	name string
	play func(t testing.TB, addr string, seen chan string) []string
}{
	{"each piece is echoed before the next is sent", func(t testing.TB, addr string, _ chan string) []string {
		k := open(t, addr, "/length HTTP/1.1", "Content-Length: 6")
		for i, piece := range []string{"ab", "cd", "ef"} {
			if say(k, piece); i == 0 {
				k.head()
			}
			k.hear(2)
		}
		k.rest()
		return k.said
	}},
	{"the same in chunks", func(t testing.TB, addr string, _ chan string) []string {
		k := open(t, addr, "/echo HTTP/1.1", "Transfer-Encoding: chunked")
		for i, piece := range []string{"ab", "cd", "ef"} {
			if say(k, "2\r\n"+piece+"\r\n"); i == 0 {
				k.head()
			}
			k.hear(2)
		}
		say(k, "0\r\n\r\n")
		k.rest()
		return k.said
	}},
	{"the head comes before any of the body", func(t testing.TB, addr string, _ chan string) []string {
		k := open(t, addr, "/length HTTP/1.1", "Content-Length: 4")
		k.head()
		say(k, "abcd")
		k.rest()
		return k.said
	}},
	{"HTTP/1.0", func(t testing.TB, addr string, _ chan string) []string {
		k := open(t, addr, "/echo HTTP/1.0", "Content-Length: 4")
		say(k, "ab")
		k.head()
		k.hear(2)
		say(k, "cd")
		k.rest()
		k.ends()
		return k.said
	}},
	{"the end of the upstream's connection ends the answer", func(t testing.TB, addr string, _ chan string) []string {
		k := open(t, addr, "/close HTTP/1.1", "Content-Length: 4")
		say(k, "ab")
		k.head()
		k.hear(2)
		say(k, "cd")
		k.rest()
		return k.said
	}},
	{"the client waits for 100 Continue", func(t testing.TB, addr string, _ chan string) []string {
		k := open(t, addr, "/length HTTP/1.1", "Content-Length: 4", "Expect: 100-continue")
		k.head()
		say(k, "ab")
		k.head()
		k.hear(2)
		say(k, "cd")
		k.rest()
		return k.said
	}},
	{"a whole answer to a part of the body", func(t testing.TB, addr string, seen chan string) []string {
		k := open(t, addr, "/early HTTP/1.1", "Content-Length: 1000")
		say(k, "abc")
		k.head()
		k.rest()
		k.hearOf(seen)
		say(k, strings.Repeat("x", 997)+"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
		k.ends()
		return k.said
	}},
	{"an answer that ends before the body", func(t testing.TB, addr string, seen chan string) []string {
		k := open(t, addr, "/early/slow HTTP/1.1", "Transfer-Encoding: chunked")
		say(k, "3\r\nabc\r\n")
		k.head()
		k.hear(1)
		say(k, "3\r\ndef\r\n")
		k.rest()
		k.hearOf(seen)
		say(k, "1\r\nx\r\n0\r\n\r\nPOST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
		k.ends()
		return k.said
	}},
	{"the upstream closes behind its answer, before it has the body", func(t testing.TB, addr string, seen chan string) []string {
		k := open(t, addr, "/early/close HTTP/1.1", "Content-Length: 1000")
		say(k, "abc")
		k.head()
		k.rest()
		k.hearOf(seen)
		k.ends()
		return k.said
	}},
	{"the upstream cuts its answer", func(t testing.TB, addr string, _ chan string) []string {
		k := open(t, addr, "/cut HTTP/1.1", "Content-Length: 1000")
		say(k, "abc")
		k.head()
		k.hear(4)
		say(k, "def")
		k.rest()
		return k.said
	}},
	{"the client cuts its body", func(t testing.TB, addr string, seen chan string) []string {
		k := open(t, addr, "/body HTTP/1.1", "Content-Length: 1000")
		say(k, "abc")
		k.head()
		k.hear(4)
		k.Close()
		k.hearOf(seen)
		return k.said
	}},
	{"the client closes its side in the middle of its body", func(t testing.TB, addr string, seen chan string) []string {
		k := open(t, addr, "/body HTTP/1.1", "Content-Length: 1000")
		say(k, "abc")
		k.head()
		k.hear(4)
		_ = k.Conn.(*net.TCPConn).CloseWrite()
		k.rest()
		k.hearOf(seen)
		return k.said
	}},
	{"a chunk that is none", func(t testing.TB, addr string, seen chan string) []string {
		k := open(t, addr, "/body HTTP/1.1", "Transfer-Encoding: chunked")
		say(k, "3\r\nabc\r\n")
		k.head()
		k.hear(4)
		say(k, "nonsense\r\n")
		k.rest()
		k.hearOf(seen)
		return k.said
	}},
}

// TestBothWaysAtOnce has NGINX and us pass the answer on while the body is sent.
func TestBothWaysAtOnce(t *testing.T) {
	for _, d := range dialogues {
		t.Run(d.name, func(t *testing.T) {
			seen := make(chan string, 1)
			p := duplexPeer(t, seen)
			f := start(t, options{worker: true, cfg: proxy.Config{StreamRequest: true, Unbuffered: true}}, p)
			ours := d.play(t, f.addr, seen)
			t.Log(ours)
			n := nginxtest.Start(t, t.TempDir(), "", `location / { proxy_pass http://`+p.addr+`; proxy_http_version 1.1; proxy_set_header Connection "";
				proxy_request_buffering off; proxy_buffering off; keepalive_timeout 60; }`)
			if theirs := d.play(t, n.Addr, seen); fmt.Sprintf("%q", theirs) != fmt.Sprintf("%q", ours) {
				t.Errorf("nginx %q\nours  %q", theirs, ours)
			}
		})
	}
}
