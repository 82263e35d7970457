package proxy_test

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// single starts a peer that serves one connection until its end before it accepts the next, as an application server with one
// process does. It answers with the reactor that the request came by.
func single(t testing.TB) *peer {
	t.Helper()
	var busy sync.Mutex
	return script(t, func(c *net.TCPConn, _ int) {
		busy.Lock()
		defer busy.Unlock()
		r := bufio.NewReader(c)
		for {
			req, _ := request(r)
			if req == nil {
				return
			}
			text := req.Header.Get("X-Reactor")
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(len(text))+"\r\n\r\n"+text)
		}
	})
}

// reactorField tells the peer which reactor a request came by.
var reactorField = proxy.Field{Name: "X-Reactor", Value: func(c *pipeline.Ctx, dst []byte) []byte {
	return strconv.AppendInt(dst, int64(c.Transport().(server.Suspender).Reactor().Index()), 10)
}}

// A connection that rests on one reactor does not keep the requests of the others from a peer that can serve no more.
func TestRestingConnectionMakesRoom(t *testing.T) {
	p := single(t)
	f := start(t, options{reactors: 2, cfg: proxy.Config{Fields: []proxy.Field{reactorField}},
		up: upstream.Config{Servers: []upstream.ServerConfig{{Address: p.addr, MaxConns: 1}}}}, p)
	seen := map[string]bool{}
	for i := 0; i < 8 || len(seen) < 2; i++ {
		if i == 200 {
			t.Fatalf("all clients came to reactor %v", seen)
		}
		c := f.dial(t)
		for range 3 {
			say(c, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
			g := c.response("GET")
			if g.status != 200 {
				t.Fatalf("client %d: %+v", i, g)
			}
			seen[g.body] = true
		}
	}
}

// The same for requests that have waited in the queue, with clients of both reactors at once.
func TestRestingConnectionMakesRoomForQueue(t *testing.T) {
	p := single(t)
	f := start(t, options{reactors: 2, cfg: proxy.Config{Fields: []proxy.Field{reactorField}}, up: queued(p, 1, time.Minute)}, p)
	var all sync.WaitGroup
	errs := make(chan error, 16)
	for i := range 16 {
		all.Add(1)
		go func() {
			defer all.Done()
			c := f.dial(t)
			for k := range 6 { // each waits for all the others
				say(c, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
				if g := c.response("GET"); g.status != 200 {
					errs <- fmt.Errorf("client %d, request %d: %+v", i, k, g)
					return
				}
			}
		}()
	}
	all.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}

// One reactor alone, below the limit, or without one, keeps its connections.
func TestConnectionsRestWhileThereIsRoom(t *testing.T) {
	for _, most := range []int{0, 1, 5} {
		p := script(t, each(echo))
		f := start(t, options{up: upstream.Config{Servers: []upstream.ServerConfig{{Address: p.addr, MaxConns: most}}}}, p)
		for range 10 {
			if g := f.get(t, "/a"); g.status != 200 {
				t.Fatalf("%+v", g)
			}
		}
		if n := p.conns.Load(); n != 1 {
			t.Errorf("max_conns %d: %d connections for 10 requests, one after another", most, n)
		}
	}
}
