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

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/proxy"
)

// store makes a peer that gives the same answer to every line: a memcached that a test writes.
func store(t testing.TB, answer string) *peer {
	return script(t, func(c *net.TCPConn, _ int) {
		r := bufio.NewReader(c)
		for {
			if _, err := r.ReadString('\n'); err != nil {
				return
			}
			say(c, answer)
		}
	})
}

// valueOf is a gateway to memcached that asks for one key.
func valueOf(t testing.TB, peers ...*peer) *front {
	key := func(_ *pipeline.Ctx, dst []byte) []byte { return append(dst, 'k') }
	return start(t, options{cfg: proxy.Config{Protocol: proxy.Memcached, DropBody: true, DropFields: true, Next: proxy.On404, Key: key}}, peers...)
}

// TestMemcachedNextPeer has one peer without the value, and one with it: the answer of one does not count for the other.
func TestMemcachedNextPeer(t *testing.T) {
	f := valueOf(t, store(t, "END\r\n"), store(t, "VALUE k 0 5\r\nhello\r\nEND\r\n"))
	for i := range 4 {
		within(t, time.Minute, "an answer", func() {
			if g := f.get(t, "/x"); g.status != 200 || g.body != "hello" || g.err != nil {
				t.Errorf("request %d: %+v", i, g)
			}
		})
	}
}

// TestMemcachedBadTrailer has something else follow a value than its end. The reactor must go on, and the client must not take a
// value for whole whose length may be a lie.
func TestMemcachedBadTrailer(t *testing.T) {
	for _, text := range []string{"hello\r\nEND\r\nmore", "hello\r\nEXD\r\n", "hello more than was said", "hellox", "hello\r\nEND\rx"} {
		f := valueOf(t, store(t, "VALUE k 0 5\r\n"+text))
		within(t, time.Minute, text, func() {
			for range 3 {
				_ = f.get(t, "/x")
			}
		})
	}
}

// TestMemcachedWithoutKey does not ask for nothing: what memcached makes of an empty key is its business.
func TestMemcachedWithoutKey(t *testing.T) {
	p := store(t, "ERROR\r\n")
	key := func(_ *pipeline.Ctx, dst []byte) []byte { return dst }
	f := start(t, options{cfg: proxy.Config{Protocol: proxy.Memcached, DropBody: true, DropFields: true, Key: key}}, p)
	if g := f.get(t, "/x"); g.status != 500 || p.conns.Load() != 0 {
		t.Errorf("%+v, %d connections", g, p.conns.Load())
	}
}

// TestApplicationSwitchesProtocols has a FastCGI application answer 101, which none can mean: were the client joined to its
// connection, it could write records of its own, and with them run what it likes.
func TestApplicationSwitchesProtocols(t *testing.T) {
	for _, end := range []string{"", record(recordStdout, "") + record(recordEnd, "\x00\x00\x00\x00\x00\x00\x00\x00")} {
		a := application(t, func(int) string { return record(recordStdout, "Status: 101 Switching\r\nUpgrade: x\r\n\r\n") + end })
		for _, ask := range []string{"", "Connection: Upgrade\r\nUpgrade: x\r\n"} {
			for _, worker := range []bool{false, true} {
				f := start(t, options{worker: worker, cfg: proxy.Config{Protocol: proxy.FastCGI}}, a)
				c := f.dial(t)
				say(c, "GET /x HTTP/1.1\r\nHost: a\r\n"+ask+"\r\n")
				if g := c.response("GET"); g.status != 502 {
					t.Errorf("worker %v, %q: %+v", worker, ask, g)
				}
			}
		}
	}
}

// TestApplicationAnswersInterim has applications answer with a status after which a client awaits another answer: what they send
// as the body would be that, and the answer to the next request the one after.
func TestApplicationAnswersInterim(t *testing.T) {
	const evil = "\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
	for _, head := range []string{"Status: 100 Continue", "Status: 103 x", "Status: 199", "HTTP/1.1 100 Continue"} {
		a := application(t, func(int) string { return record(recordStdout, head+evil) })
		u := script(t, func(c *net.TCPConn, _ int) {
			_, _ = c.Read(make([]byte, 4096))
			say(c, head+evil)
		})
		for i, protocol := range []proxy.Protocol{proxy.FastCGI, proxy.UWSGI, proxy.SCGI} {
			f := start(t, options{cfg: proxy.Config{Protocol: protocol}}, []*peer{a, u, u}[i])
			if g := f.get(t, "/x"); g.status != 502 {
				t.Errorf("%s, protocol %d: %+v", head, protocol, g)
			}
		}
	}
}

// TestStatusOfApplications compares the status line.
func TestStatusOfApplications(t *testing.T) {
	for head, want := range map[string]string{
		"Status: 404 Nope": "HTTP/1.1 404 Nope\r\n", "Status: 404": "HTTP/1.1 404 Not Found\r\n", "HTTP/1.1 404 Nope": "HTTP/1.1 404 Nope\r\n",
	} {
		for _, p := range []proxy.Protocol{proxy.UWSGI, proxy.SCGI} {
			u := script(t, func(c *net.TCPConn, _ int) {
				_, _ = c.Read(make([]byte, 4096))
				say(c, head+"\r\n\r\n")
			})
			f := start(t, options{cfg: proxy.Config{Protocol: p}}, u)
			c := f.dial(t)
			say(c, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
			if line, err := c.r.ReadString('\n'); line != want || err != nil {
				t.Errorf("%s: %q, %v", head, line, err)
			}
			passed := false // NGINX passes the field on with uwsgi_pass alone
			for line := ""; line != "\r\n"; {
				var err error
				if line, err = c.r.ReadString('\n'); err != nil {
					t.Fatal(err)
				}
				passed = passed || line == head+"\r\n"
			}
			if wanted := p == proxy.UWSGI && strings.HasPrefix(head, "Status"); passed != wanted {
				t.Errorf("%v: %s is passed on: %v", p, head, passed)
			}
		}
	}
}

// TestInterimFlood has a peer send interim responses without end to a client that does not read them: it is refused, and no memory
// goes into what nobody takes.
func TestInterimFlood(t *testing.T) {
	for _, one := range []string{"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"} {
		p := script(t, func(c *net.TCPConn, _ int) {
			_, _ = c.Read(make([]byte, 4096))
			for err := error(nil); err == nil; {
				_, err = io.WriteString(c, strings.Repeat(one, 1000))
			}
		})
		f := start(t, options{cfg: proxy.Config{EarlyHints: func(*pipeline.Ctx) bool { return true }}}, p)
		c := f.dial(t)
		say(c, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
		b, n := "", 0
		for line := ""; !strings.Contains(line, "502"); b, n = b+line, n+len(line) {
			var err error
			if line, err = c.r.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		if n > 8<<10 || strings.Contains(one, "103") != strings.Contains(b, "Link: </x>\r\n") {
			t.Errorf("%s: %d bytes before the answer", one, n)
		}
	}
}

// TestInterimResponses has some come before the answer, of each try.
func TestInterimResponses(t *testing.T) {
	hints := strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </"+strings.Repeat("x", 1000)+">\r\n\r\n", 40)
	p := script(t, each(func(c *net.TCPConn, _ *http.Request, _ string) {
		say(c, hints+"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
	}))
	q := script(t, each(func(c *net.TCPConn, _ *http.Request, _ string) {
		say(c, hints+"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	}))
	f := start(t, options{cfg: proxy.Config{Next: proxy.On503}}, p, q)
	for range 4 {
		if g := f.get(t, "/x"); g.status != 200 || g.body != "ok" {
			t.Errorf("%+v", g)
		}
	}
}

// TestMethodOfTheRequest takes the method from the client, decoded, as a capture of a location is: it must not end the line.
func TestMethodOfTheRequest(t *testing.T) {
	seen := make(chan string, 8)
	p := script(t, each(func(c *net.TCPConn, req *http.Request, _ string) {
		seen <- req.Method
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	}))
	for method, status := range map[string]int{"PURGE": 200, "GET /evil HTTP/1.1\r\nX:": 500, "": 500, "A B": 500, "A\x00": 500} {
		f := start(t, options{cfg: proxy.Config{Method: func(_ *pipeline.Ctx, dst []byte) []byte { return append(dst, method...) }}}, p)
		if g := f.get(t, "/x"); g.status != status {
			t.Errorf("%q: %+v", method, g)
		}
		if len(seen) > 0 != (status == 200) {
			t.Errorf("%q: %d requests were passed on", method, len(seen))
		}
		for len(seen) > 0 {
			<-seen
		}
	}
}

// TestHeadByteByByte has peers send a head, and interim responses before one, in pieces that each come in time: together they do not.
func TestHeadByteByByte(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2000), strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100)} {
		p := script(t, func(c *net.TCPConn, _ int) {
			_, _ = c.Read(make([]byte, 4096))
			for i := range text {
				if _, err := io.WriteString(c, text[i:i+1]); err != nil {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
		})
		f := start(t, options{cfg: proxy.Config{ReadTimeout: 400 * time.Millisecond}}, p)
		within(t, time.Minute, "an answer", func() {
			if g := f.get(t, "/x"); g.status != 504 {
				t.Errorf("%+v", g)
			}
		})
	}
}

// TestBodyByteByByte has a body take longer than the time-out, which is for each piece.
func TestBodyByteByByte(t *testing.T) {
	piece := func(text string) string { return record(recordStdout, text) }
	for i, protocol := range []proxy.Protocol{proxy.HTTP, proxy.UWSGI, proxy.FastCGI, proxy.Memcached} {
		head := []string{"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n", "Content-Length: 8\r\n\r\n", piece("Content-Length: 8\r\n\r\n"), "VALUE k 0 8\r\n"}[i]
		p := script(t, func(c *net.TCPConn, _ int) {
			_, _ = c.Read(make([]byte, 4096))
			say(c, head)
			for range 8 {
				time.Sleep(600 * time.Millisecond)
				if protocol == proxy.FastCGI {
					say(c, piece("x"))
				} else {
					say(c, "x")
				}
			}
			say(c, []string{"", "", piece(""), "\r\nEND\r\n"}[i])
		})
		for _, worker := range []bool{false, true} {
			t.Run(fmt.Sprintf("protocol %d, worker %v", protocol, worker), func(t *testing.T) {
				t.Parallel()
				key := func(_ *pipeline.Ctx, dst []byte) []byte { return append(dst, 'k') }
				f := start(t, options{worker: worker, cfg: proxy.Config{Protocol: protocol, Key: key, ReadTimeout: 4 * time.Second}}, p)
				if g := f.get(t, "/x"); g.status != 200 || g.body != "xxxxxxxx" || g.err != nil {
					t.Errorf("%+v", g)
				}
			})
		}
	}
}

// TestEarlyAnswerToAStreamedBody has a peer answer before the body has come, and a client that sends no more before it has read the
// answer: it gets it at once, and its connection then ends.
func TestEarlyAnswerToAStreamedBody(t *testing.T) {
	for _, size := range []int{3, 100 << 10} {
		p := script(t, func(c *net.TCPConn, _ int) {
			_, _ = c.Read(make([]byte, 4096))
			say(c, "HTTP/1.1 413 Too Large\r\nContent-Length: "+strconv.Itoa(size)+"\r\n\r\n"+pattern(size))
			_, _ = io.Copy(io.Discard, c)
		})
		f := start(t, options{worker: true, cfg: proxy.Config{StreamRequest: true}}, p)
		for _, body := range []string{"Content-Length: 300000\r\n\r\nabc", "Content-Length: 300000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "Content-Length: 10\r\n\r\nabc"} {
			c := f.dial(t)
			say(c, "POST /x HTTP/1.1\r\nHost: a\r\n"+body)
			within(t, time.Minute, "an answer", func() {
				if g := c.response("POST"); g.status != 413 || g.body != pattern(size) || g.err != nil {
					t.Errorf("%q: %d, %d bytes, %v", body, g.status, len(g.body), g.err)
				}
			})
			if b, err := io.ReadAll(c.r); len(b) > 0 || err != nil {
				t.Errorf("%q: %q, %v behind the answer", body, b, err)
			}
		}
	}
}
