package proxy_test

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// several is a gateway with more than one reactor, whose clients know theirs.
type several struct {
	*front
	on      []*client // by reactor
	reactor []atomic.Pointer[loop.Reactor]
	hold    chan struct{} // what a request for /hold waits for on its reactor
	held    chan struct{}
}

// startSeveral starts one with a client on each reactor.
func startSeveral(t *testing.T, n int, o options, peers ...*peer) *several {
	t.Helper()
	s := &several{on: make([]*client, n), reactor: make([]atomic.Pointer[loop.Reactor], n), hold: make(chan struct{}), held: make(chan struct{})}
	o.reactors = n
	o.routes = func(app *pipeline.App) {
		app.Path("reactor", func(c *pipeline.Ctx) error {
			r := c.Transport().(server.Suspender).Reactor()
			s.reactor[r.Index()].Store(r)
			return c.Text(200, strconv.Itoa(r.Index()))
		}, pipeline.Inline)
		app.Path("hold", func(c *pipeline.Ctx) error {
			close(s.held)
			<-s.hold
			return c.Text(200, "held")
		}, pipeline.Inline)
	}
	s.front = start(t, o, peers...)
	for range 1000 {
		c := s.dial(t)
		i, err := strconv.Atoi(c.ask(t, "GET", "/reactor").body)
		if err != nil {
			t.Fatal(err)
		}
		if s.on[i] != nil {
			c.Close()
			continue
		}
		if s.on[i], n = c, n-1; n == 0 {
			return s
		}
	}
	t.Fatal("some reactors get no clients")
	return nil
}

// ask sends a request and returns its answer.
func (c *client) ask(t *testing.T, method, path string) got {
	t.Helper()
	say(c, method+" "+path+" HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
	g := c.response(method)
	if g.err != nil || g.status != 200 {
		t.Errorf("%s %s: %+v", method, path, g)
	}
	return g
}

// pause waits until each reactor can do without what rests there now.
func (s *several) pause(t *testing.T) {
	t.Helper()
	from := make([]uint32, len(s.reactor))
	for i := range s.reactor {
		from[i] = s.reactor[i].Load().Ticks()
	}
	within(t, time.Minute, "some ticks", func() {
		for i, at := range from {
			for s.reactor[i].Load().Ticks()-at < 4 {
				time.Sleep(loop.Tick / 4)
			}
		}
	})
}

// slowAccept is a peer that takes its time for each new connection, and counts the requests on each.
func slowAccept(t *testing.T) *peer {
	return script(t, func(c *net.TCPConn, n int) {
		time.Sleep(20 * time.Millisecond)
		each(echo)(c, n)
	})
}

// Clients on four reactors in turn, with the time of some ticks in between: the connection that one reactor can do without goes
// along with them. NGINX's workers would make one each.
func TestThinTrafficSharesItsConnection(t *testing.T) {
	p := slowAccept(t)
	s := startSeveral(t, 4, options{patience: time.Minute}, p)
	for range 2 {
		for _, c := range s.on {
			c.ask(t, "GET", "/a")
			c.ask(t, "POST", "/a")
			s.pause(t)
		}
	}
	if n := p.conns.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// Without a pause each reactor makes one and keeps it, whatever rests elsewhere for the moment.
func TestBusyReactorsKeepTheirOwn(t *testing.T) {
	p := slowAccept(t)
	s := startSeveral(t, 4, options{patience: time.Minute}, p)
	for range 50 {
		for _, c := range s.on {
			c.ask(t, "GET", "/a")
		}
	}
	if n := p.conns.Load(); n < 1 || n > 4 {
		t.Errorf("%d connections", n)
	}
}

// A peer that has max_conns gets no new connection while one rests somewhere: 200 requests of four reactors in turn go over one.
func TestFullPeerIsReachedByWhatRests(t *testing.T) {
	p := slowAccept(t)
	s := startSeveral(t, 4, options{patience: time.Minute, cfg: proxy.Config{},
		up: upstream.Config{Servers: []upstream.ServerConfig{{Address: p.addr, MaxConns: 1}}}}, p)
	for range 50 {
		for _, c := range s.on {
			c.ask(t, "GET", "/a")
		}
	}
	if n := p.conns.Load(); n != 1 {
		t.Errorf("%d connections for 200 requests", n)
	}
}

// A connection that the peer has closed, or closes when it is used, is no reason for an error, also when it came from elsewhere.
func TestStolenConnectionMayBeStale(t *testing.T) {
	var served atomic.Int32
	p := script(t, func(c *net.TCPConn, n int) {
		left := 1 + n%2
		each(func(c *net.TCPConn, req *http.Request, body string) {
			if left--; left < 0 {
				reset(c) // with the request read
				return
			}
			served.Add(1)
			echo(c, req, body)
			if n%3 == 2 {
				c.Close()
			}
		})(c, n)
	})
	s := startSeveral(t, 3, options{patience: time.Minute,
		up: upstream.Config{Servers: []upstream.ServerConfig{{Address: p.addr, MaxConns: 1}}}}, p)
	for range 20 {
		for _, c := range s.on {
			c.ask(t, "GET", "/a")
		}
	}
	if n := served.Load(); n != 60 {
		t.Errorf("%d requests were answered", n)
	}
}

// A reactor that does not answer is not waited for; what it brings late rests with the asker.
func TestBusyReactorIsNotWaitedFor(t *testing.T) {
	p := script(t, each(echo))
	s := startSeveral(t, 2, options{
		up: upstream.Config{Servers: []upstream.ServerConfig{{Address: p.addr, MaxConns: 2}}}}, p)
	s.on[0].ask(t, "GET", "/a")
	s.pause(t)
	say(s.on[0], "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
	<-s.held
	s.on[1].ask(t, "GET", "/a") // reactor 0 is asked, and stands
	if n := p.conns.Load(); n != 2 {
		t.Errorf("%d connections while a reactor stands", n)
	}
	close(s.hold)
	if g := s.on[0].response("GET"); g.body != "held" {
		t.Fatalf("%+v", g)
	}
	within(t, time.Minute, "the connection comes all the same", func() {
		for s.resting(1) != 2 {
			time.Sleep(time.Millisecond)
		}
	})
	for _, c := range s.on {
		c.ask(t, "GET", "/a")
	}
}

// resting is how many connections rest on a reactor.
func (s *several) resting(reactor int) (n int32) {
	for _, p := range s.group.Snapshot(0).Peers {
		n += p.Peer.Resting(reactor)
	}
	return n
}

// A client that leaves while its request waits for another reactor leaves nothing behind.
func TestClientLeavesWhileAnotherReactorIsAsked(t *testing.T) {
	p := script(t, each(echo))
	s := startSeveral(t, 2, options{patience: time.Minute}, p)
	s.on[0].ask(t, "GET", "/a")
	s.pause(t)
	say(s.on[0], "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
	<-s.held
	say(s.on[1], "GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
	s.active(t, 1)
	s.on[1].Close()
	s.active(t, 0)
	close(s.hold)
	if g := s.on[0].response("GET"); g.body != "held" {
		t.Fatalf("%+v", g)
	}
	within(t, time.Minute, "the connection comes all the same", func() {
		for s.resting(1) != 1 {
			time.Sleep(time.Millisecond)
		}
	})
	if n := p.conns.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// active waits until n requests are counted.
func (s *several) active(t *testing.T, n int) {
	t.Helper()
	within(t, time.Minute, strings.Repeat("request ", n)+"at the peer", func() {
		for {
			sum := 0
			for _, p := range s.group.Snapshot(0).Peers {
				sum += p.Active
			}
			if sum == n {
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
}

// A connection that comes late from another reactor does not occupy a peer that is full: the one that was dialled instead waits there
// until it is closed.
func TestLateConnectionMakesRoom(t *testing.T) {
	p := single(t)
	s := startSeveral(t, 2, options{cfg: proxy.Config{Fields: []proxy.Field{reactorField}},
		up: upstream.Config{Servers: []upstream.ServerConfig{{Address: p.addr, MaxConns: 1}}}}, p)
	s.on[0].ask(t, "GET", "/a")
	say(s.on[0], "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
	<-s.held
	say(s.on[1], "GET /a HTTP/1.1\r\nHost: a\r\n\r\n") // reactor 0 is asked, and stands
	within(t, time.Minute, "a second connection", func() {
		for p.conns.Load() < 2 {
			time.Sleep(time.Millisecond)
		}
	})
	close(s.hold)
	_ = s.on[1].SetReadDeadline(time.Now().Add(time.Minute))
	if g := s.on[1].response("GET"); g.status != 200 || g.body != "1" {
		t.Errorf("%+v", g)
	}
}
