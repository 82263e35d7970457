package proxy_test

import (
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/upstream"
)

// queued is a group of one peer that serves max requests at a time; others wait.
func queued(p *peer, most int, wait time.Duration) upstream.Config {
	return upstream.Config{Servers: []upstream.ServerConfig{{Address: p.addr, MaxConns: most}}, Queue: 1000, QueueTimeout: wait}
}

// TestQueueIsServed has more clients than a peer may serve at once; each gets its own answer, and the peer is never given more.
func TestQueueIsServed(t *testing.T) {
	var now, most atomic.Int32
	p := script(t, each(func(c *net.TCPConn, req *http.Request, _ string) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(time.Millisecond)
		now.Add(-1)
		echo(c, req, req.URL.Path)
	}))
	for _, worker := range []bool{false, true} {
		f := start(t, options{worker: worker, up: queued(p, 2, time.Minute)}, p)
		var all sync.WaitGroup
		for i := range 20 {
			all.Add(1)
			go func() {
				defer all.Done()
				c := f.dial(t)
				for k := range 20 {
					path := "/" + string(rune('a'+i)) + string(rune('a'+k))
					say(c, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n")
					if g := c.response("GET"); g.body != path {
						t.Errorf("worker %v: %s: %d %q %v", worker, path, g.status, g.body, g.err)
						return
					}
				}
			}()
		}
		all.Wait()
	}
	if most.Load() > 2 {
		t.Errorf("%d requests at a time", most.Load())
	}
}

// TestQueueTimeout has a request wait for longer than it may.
func TestQueueTimeout(t *testing.T) {
	t.Parallel()
	asked, held := make(chan struct{}, 10), make(chan struct{}, 10)
	p := script(t, each(func(c *net.TCPConn, req *http.Request, _ string) {
		asked <- struct{}{}
		<-held
		echo(c, req, "late")
	}))
	for _, worker := range []bool{false, true} {
		f := start(t, options{worker: worker, up: queued(p, 1, 2*time.Second)}, p)
		first := make(chan got, 1)
		go func() { first <- f.get(t, "/a") }()
		<-asked
		within(t, time.Minute, "the queue's time-out", func() {
			if g := f.get(t, "/b"); g.status != 502 {
				t.Errorf("worker %v: %+v, want 502", worker, g)
			}
		})
		held <- struct{}{}
		if g := <-first; g.body != "late" {
			t.Errorf("worker %v: %+v", worker, g)
		}
		held <- struct{}{}
		if g := f.get(t, "/c"); g.body != "late" {
			t.Errorf("worker %v: after the time-out: %+v", worker, g)
		}
		<-asked
	}
}

// TestQueueIsLeft has clients leave while they wait, just when there is room, too: no peer is lost with them.
func TestQueueIsLeft(t *testing.T) {
	p := script(t, each(func(c *net.TCPConn, req *http.Request, _ string) {
		time.Sleep(500 * time.Microsecond)
		echo(c, req, req.URL.Path)
	}))
	for _, worker := range []bool{false, true} {
		f := start(t, options{worker: worker, up: queued(p, 1, time.Minute)}, p)
		goroutines := runtime.NumGoroutine()
		var all sync.WaitGroup
		for i := range 16 {
			all.Add(1)
			go func() {
				defer all.Done()
				for k := range 40 {
					c := f.dial(t)
					say(c, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
					time.Sleep(time.Duration((i*7+k*13)%9) * time.Millisecond)
					reset(c.TCPConn)
				}
			}()
		}
		all.Wait()
		f.settled(t)
		comesBack(t, "goroutines", goroutines+8, runtime.NumGoroutine)
		within(t, time.Minute, "a request after all have left", func() {
			if g := f.get(t, "/after"); g.body != "/after" {
				t.Errorf("worker %v: %+v", worker, g)
			}
		})
	}
}
