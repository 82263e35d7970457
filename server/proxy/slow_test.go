package proxy_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/proxy"
)

// readSlowly reads a response in small pieces with rests, so that every buffer on the way is full now and then.
func readSlowly(c *client, method string, rest time.Duration, every int) got {
	resp, err := http.ReadResponse(c.r, &http.Request{Method: method})
	if err != nil {
		return got{err: err}
	}
	var body []byte
	buf := make([]byte, 8<<10)
	for next := every; ; {
		n, err := resp.Body.Read(buf)
		body = append(body, buf[:n]...)
		if err == io.EOF {
			err = nil
		} else if err == nil {
			if len(body) >= next {
				next += every
				time.Sleep(rest)
			}
			continue
		}
		return got{resp.StatusCode, resp.Header, string(body), err}
	}
}

// TestSlowClientGetsEveryByte sends bodies larger than any buffer to a client that reads them in fits and starts.
func TestSlowClientGetsEveryByte(t *testing.T) {
	t.Parallel()
	body := pattern(12 << 20)
	p := script(t, each(func(c *net.TCPConn, req *http.Request, _ string) {
		if req.URL.Path == "/length" {
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
			return
		}
		say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		for rest := body; len(rest) > 0; {
			n := min(len(rest), 1+len(rest)%100000)
			say(c, strconv.FormatInt(int64(n), 16)+"\r\n"+rest[:n]+"\r\n")
			rest = rest[n:]
		}
		say(c, "0\r\n\r\n")
	}))
	for name, cfg := range map[string]proxy.Config{
		"buffered":   {MaxTempFile: 1 << 30},
		"small file": {MaxTempFile: 1 << 20},
		"no file":    {},
		"unbuffered": {Unbuffered: true},
	} {
		for _, worker := range []bool{false, true} {
			f := start(t, options{cfg: cfg, worker: worker}, p)
			for _, path := range []string{"/length", "/chunked"} {
				c := f.dial(t)
				_ = c.SetReadBuffer(16 << 10)
				say(c, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n")
				g := readSlowly(c, "GET", 20*time.Millisecond, 1<<20)
				if g.err != nil || g.body != body {
					t.Errorf("%s, worker %v, %s: %d of %d bytes, first difference at %d, %v", name, worker, path, len(g.body), len(body), differs(g.body, body), g.err)
				}
				c.Close()
			}
		}
	}
}

// differs is the first place where two texts differ.
func differs(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// TestClientSlowerThanReadTimeout has a client rest for longer than the read time-out of its peer, who has more to send.
func TestClientSlowerThanReadTimeout(t *testing.T) {
	body := pattern(8 << 20)
	p := script(t, each(func(c *net.TCPConn, req *http.Request, _ string) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
	}))
	for _, worker := range []bool{false, true} {
		t.Run(fmt.Sprintf("worker %v", worker), func(t *testing.T) {
			t.Parallel()
			f := start(t, options{cfg: proxy.Config{ReadTimeout: 3 * time.Second}, worker: worker}, p)
			c := f.dial(t)
			_ = c.SetReadBuffer(16 << 10)
			say(c, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
			time.Sleep(4 * time.Second)
			if g := c.response("GET"); g.err != nil || g.body != body {
				t.Errorf("status %d, %d of %d bytes, %v", g.status, len(g.body), len(body), g.err)
			}
		})
	}
}

// TestSlowClientGetsWhatThereIs breaks off an answer whose end is the end of the connection: a client that is slow gets every byte of
// it all the same, and then a reset.
func TestSlowClientGetsWhatThereIs(t *testing.T) {
	t.Parallel()
	body := pattern(3 << 20)
	p := script(t, each(func(c *net.TCPConn, _ *http.Request, _ string) {
		say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+strconv.FormatInt(int64(len(body)+1), 16)+"\r\n"+body)
		c.Close()
	}))
	for _, unbuffered := range []bool{false, true} {
		for _, worker := range []bool{false, true} {
			f := start(t, options{cfg: proxy.Config{Unbuffered: unbuffered}, worker: worker}, p)
			c := f.dial(t)
			_ = c.SetReadBuffer(16 << 10)
			say(c, "GET /a HTTP/1.0\r\nHost: a\r\n\r\n")
			g := readSlowly(c, "GET", 20*time.Millisecond, 1<<18)
			if g.err == nil || g.body != body {
				t.Errorf("unbuffered %v, worker %v: %d, %d of %d bytes, %v; want all of them, and a reset", unbuffered, worker, g.status, len(g.body), len(body), g.err)
			}
			c.Close()
		}
	}
}
