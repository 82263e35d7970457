package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// mode is how a peer behaves.
type mode int32

const (
	well     mode = iota
	killed        // it closes every connection, at once
	hung          // it reads and says nothing
	slow          // it answers late
	garbage       // it speaks something else
	broken        // it resets in the middle of a body
	stopping      // it closes kept connections when the next request has come
)

func (m mode) String() string {
	return [...]string{"well", "killed", "hung", "slow", "garbage", "broken", "stopping"}[m]
}

// patient is a peer whose mode changes while it works. It answers with the path, or a long body that begins with it.
type patient struct {
	*peer
	mode   atomic.Int32
	served atomic.Int32
	posts  sync.Map // path → times it was received
}

func newPatient(t testing.TB) *patient {
	p := &patient{}
	p.peer = script(t, func(c *net.TCPConn, _ int) {
		r := bufio.NewReader(c)
		for n := 0; mode(p.mode.Load()) != killed; n++ {
			req, _ := request(r)
			if req == nil || !p.treat(c, req, n) {
				return
			}
		}
		reset(c)
	})
	return p
}

// longBody is behind the path in what /long is answered with.
var longBody = pattern(200 << 10)

// treat answers one request as the mode says.
func (p *patient) treat(c *net.TCPConn, req *http.Request, n int) bool {
	if req.Method == "POST" {
		count, _ := p.posts.LoadOrStore(req.URL.Path, new(atomic.Int32))
		count.(*atomic.Int32).Add(1)
	}
	body := req.URL.Path
	if strings.HasPrefix(body, "/long") {
		body += longBody
	}
	switch m := mode(p.mode.Load()); m {
	case killed:
		reset(c)
		return false
	case hung:
		_, _ = io.Copy(io.Discard, c) // until the gateway has had enough
		return false
	case slow:
		time.Sleep(30 * time.Millisecond)
	case garbage:
		say(c, "SSH-2.0-OpenSSH_9.2\r\n")
		return false
	case broken:
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body[:len(body)/2])
		reset(c)
		return false
	case stopping:
		if n > 0 {
			reset(c)
			return false
		}
	}
	p.served.Add(1)
	say(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
	return true
}

// ledger is what clients saw.
type ledger struct{ right, wrong, cut, failed, none atomic.Int32 }

func (l *ledger) String() string {
	return fmt.Sprintf("%d right, %d wrong, %d cut, %d failed, %d without an answer", l.right.Load(), l.wrong.Load(), l.cut.Load(), l.failed.Load(), l.none.Load())
}

// load has clients ask for different things until stop is closed.
func (f *front) load(t testing.TB, clients int, method string, stop chan struct{}) (*ledger, *sync.WaitGroup) {
	l, all := &ledger{}, &sync.WaitGroup{}
	for i := range clients {
		all.Add(1)
		go func() {
			defer all.Done()
			c := f.dial(t)
			for k := 0; ; k++ {
				select {
				case <-stop:
					return
				default:
				}
				path := fmt.Sprintf("/%d-%d", i, k)
				if k%5 == 0 && method == "GET" {
					path = "/long" + path
				}
				say(c, method+" "+path+" HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
				g := c.response(method)
				switch {
				case g.status == 0:
					l.none.Add(1)
				case g.status != 200:
					l.failed.Add(1)
				case g.err != nil:
					l.cut.Add(1)
				case strings.HasPrefix(g.body, path) && (len(g.body) == len(path) || len(g.body) == len(path)+200<<10):
					l.right.Add(1)
				default:
					l.wrong.Add(1)
				}
				if g.status == 0 || g.err != nil || g.header.Get("Connection") == "close" {
					c.Close()
					c = f.dial(t)
				}
			}
		}()
	}
	return l, all
}

// TestOneOfThreeFails has one of three peers fail in every way while clients ask. Nothing is lost: a GET is answered by another
// peer. Only what a peer has begun to answer is cut, and that is seen.
func TestOneOfThreeFails(t *testing.T) {
	const clients = 8
	for _, m := range []mode{killed, hung, slow, garbage, broken, stopping} {
		a, b, c := newPatient(t), newPatient(t), newPatient(t)
		timeout := time.Minute
		if m == hung {
			timeout = 3 * time.Second
		}
		f := start(t, options{cfg: proxy.Config{ReadTimeout: timeout, Next: proxy.OnError | proxy.OnTimeout | proxy.OnInvalidHeader},
			up: upstream.Config{Servers: []upstream.ServerConfig{{Address: a.addr, FailTimeout: time.Second}, {Address: b.addr, MaxFails: -1}, {Address: c.addr, MaxFails: -1}}}})
		stop := make(chan struct{})
		l, all := f.load(t, clients, "GET", stop)
		time.Sleep(100 * time.Millisecond)
		a.mode.Store(int32(m))
		time.Sleep(500 * time.Millisecond)
		a.mode.Store(int32(well))
		time.Sleep(100 * time.Millisecond)
		close(stop)
		all.Wait()
		t.Logf("%s: %s", m, l)
		cuts := l.cut.Load()
		if m == broken || m == killed && cuts <= clients { // what it was sending at that moment
			cuts = 0
		}
		if l.wrong.Load()+l.failed.Load()+l.none.Load()+cuts > 0 || l.right.Load() == 0 {
			t.Errorf("%s: %s", m, l)
		}
		f.settled(t)
	}
}

// TestPostIsNeverSentTwice has a peer fail while clients post: one may fail, but none reaches two peers.
func TestPostIsNeverSentTwice(t *testing.T) {
	for _, m := range []mode{killed, hung, garbage, stopping} {
		a, b := newPatient(t), newPatient(t)
		f := start(t, options{cfg: proxy.Config{ReadTimeout: time.Second, Next: proxy.OnError | proxy.OnTimeout | proxy.OnInvalidHeader},
			up: upstream.Config{Servers: []upstream.ServerConfig{{Address: a.addr, MaxFails: -1}, {Address: b.addr, MaxFails: -1}}}})
		stop := make(chan struct{})
		l, all := f.load(t, 8, "POST", stop)
		time.Sleep(50 * time.Millisecond)
		a.mode.Store(int32(m))
		time.Sleep(300 * time.Millisecond)
		close(stop)
		all.Wait()
		seen := map[any]int32{}
		for _, p := range []*patient{a, b} {
			p.posts.Range(func(path, n any) bool { seen[path] += n.(*atomic.Int32).Load(); return true })
		}
		for path, n := range seen {
			if n > 1 {
				t.Errorf("%s: %s was received %d times", m, path, n)
			}
		}
		if l.wrong.Load()+l.none.Load()+l.cut.Load() > 0 || l.right.Load() == 0 {
			t.Errorf("%s: %s", m, l)
		}
		t.Logf("%s: %s, %d paths", m, l, len(seen))
	}
}

// TestAllDown has no peer answer: each client is told so in time, and served again as soon as there is one.
func TestAllDown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode   mode
		status int
	}{{killed, 502}, {hung, 504}, {garbage, 502}} {
		for _, worker := range []bool{false, true} {
			a, b := newPatient(t), newPatient(t)
			timeout := time.Minute
			if c.mode == hung {
				timeout = time.Second
			}
			f := start(t, options{worker: worker, cfg: proxy.Config{ReadTimeout: timeout},
				up: upstream.Config{Servers: []upstream.ServerConfig{{Address: a.addr, FailTimeout: time.Second}, {Address: b.addr, FailTimeout: time.Second}}}})
			a.mode.Store(int32(c.mode))
			b.mode.Store(int32(c.mode))
			within(t, time.Minute, c.mode.String(), func() {
				if g := f.get(t, "/x"); g.status != c.status {
					t.Errorf("%s, worker %v: %d, want %d", c.mode, worker, g.status, c.status)
				}
			})
			a.mode.Store(int32(well))
			b.mode.Store(int32(well))
			deadline := time.Now().Add(time.Minute)
			for {
				if g := f.get(t, "/x"); g.body == "/x" {
					break
				}
				if time.Now().After(deadline) {
					t.Errorf("%s, worker %v: not served again", c.mode, worker)
					break
				}
				time.Sleep(50 * time.Millisecond)
			}
		}
	}
}

// TestKeptConnectionsAreClosed has peers close their kept connections just when they may be used again: no client sees it.
func TestKeptConnectionsAreClosed(t *testing.T) {
	var late atomic.Int32
	p := script(t, func(c *net.TCPConn, n int) {
		r := bufio.NewReader(c)
		for k := 0; ; k++ {
			req, body := request(r)
			if req == nil {
				return
			}
			echo(c, req, req.URL.Path+body)
			if (n+k)%3 == 0 {
				time.Sleep(time.Duration((n+k)%7) * 100 * time.Microsecond)
				if (n+k)%2 == 0 {
					reset(c)
				}
				late.Add(1)
				return
			}
		}
	})
	for _, tries := range []int{0, 1} {
		f := start(t, options{cfg: proxy.Config{Tries: tries}}, p)
		var all sync.WaitGroup
		for i := range 8 {
			all.Add(1)
			go func() {
				defer all.Done()
				c := f.dial(t)
				for k := range 300 {
					path := fmt.Sprintf("/%d-%d", i, k)
					say(c, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n")
					if g := c.response("GET"); g.body != path {
						t.Errorf("tries %d, %s: %d %q %v", tries, path, g.status, g.body, g.err)
						return
					}
				}
			}()
		}
		all.Wait()
	}
	t.Logf("%d were closed", late.Load())
}
