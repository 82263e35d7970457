package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/proxy"
)

// descriptors counts the open files of this process, -1 where that cannot be known.
func descriptors() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(list)
}

// comesBack waits until a count is what it was.
func comesBack(t testing.TB, what string, was int, count func() int) {
	t.Helper()
	n := 0
	for range 3000 {
		if n = count(); n <= was {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%s: %d, %d before", what, n, was)
}

// TestClientsThatLeave has clients leave in every phase of an exchange, in three ways. The peer's connection ends soon after, and
// nothing is left of any of them.
func TestClientsThatLeave(t *testing.T) {
	long := pattern(24 << 20)
	var open atomic.Int32 // exchanges that a peer has begun
	p := script(t, func(c *net.TCPConn, _ int) {
		open.Add(1)
		defer open.Add(-1)
		r := bufio.NewReader(c)
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch {
		case strings.Contains(line, "/silent"):
		case strings.Contains(line, "/half"):
			say(c, "HTTP/1.1 200 OK\r\nContent-Le")
		case strings.Contains(line, "/head"):
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
		case strings.Contains(line, "/chunk"):
			say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
		case strings.Contains(line, "/long"):
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(len(long))+"\r\n\r\n"+long)
		}
		_, _ = io.Copy(io.Discard, r)
	})
	ways := map[string]func(c *client){
		"reset": func(c *client) { reset(c.TCPConn) },
		"close": func(c *client) { c.Close() },
		"end":   func(c *client) { _ = c.CloseWrite() },
	}
	get := func(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n" }
	phases := map[string]string{
		"in the head":            "GET /x HTTP/1.1\r\nHo",
		"in a body":              "POST /silent HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf",
		"in a large body":        "POST /silent HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n" + long[:2<<20],
		"before the answer":      get("/silent"),
		"within its head":        get("/half"),
		"behind its head":        get("/head"),
		"within its body":        get("/chunk"),
		"while it does not read": get("/long"),
	}
	for _, o := range []options{{}, {worker: true}, {worker: true, cfg: proxy.Config{StreamRequest: true}}, {cfg: proxy.Config{MaxTempFile: 1 << 30}}} {
		o.keep.Requests = 1 // an exchange that is over is seen to be
		f := start(t, o, p)
		c := f.dial(t) // everything that is made once is made
		say(c, phases["within its body"])
		time.Sleep(50 * time.Millisecond)
		c.Close()
		comesBack(t, "exchanges of the peer", 0, func() int { return int(open.Load()) })
		goroutines, fds := runtime.NumGoroutine(), descriptors()
		for way, leave := range ways {
			for phase, sent := range phases {
				name := fmt.Sprintf("worker %v, stream %v, %s, %s", o.worker, o.cfg.StreamRequest, phase, way)
				c := f.dial(t)
				_ = c.SetReadBuffer(16 << 10)
				go say(c, sent)
				for k := 0; k < 100 && sent[:3] == "GET" && phase != "in the head" && open.Load() == 0; k++ {
					time.Sleep(20 * time.Millisecond) // who closes its side along with its request is answered all the same
				}
				time.Sleep(30 * time.Millisecond)
				leave(c)
				if way == "end" { // it may go on reading; nothing more will come of it
					_ = c.SetReadDeadline(time.Now().Add(time.Minute))
					if _, err := io.Copy(io.Discard, c.r); err != nil && os.IsTimeout(err) {
						t.Errorf("%s: the connection stays", name)
					}
					c.Close()
				}
				comesBack(t, name+": exchanges of the peer", 0, func() int { return int(open.Load()) })
			}
		}
		comesBack(t, "goroutines", goroutines+4, runtime.NumGoroutine)
		comesBack(t, "descriptors", fds, descriptors)
		f.settled(t)
	}
}
