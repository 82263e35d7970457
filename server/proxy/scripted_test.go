package proxy_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// peer is a backend that does exactly what a test says, byte by byte.
type peer struct {
	addr  string
	conns atomic.Int32 // that were accepted
	ln    net.Listener
}

// script starts a peer; serve is called with every connection, numbered from 0, which is closed when it returns.
func script(t testing.TB, serve func(c *net.TCPConn, n int)) *peer {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	p := &peer{addr: ln.Addr().String(), ln: ln}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			n := p.conns.Add(1) - 1
			go func() {
				defer c.Close()
				serve(c.(*net.TCPConn), int(n))
			}()
		}
	}()
	return p
}

// request reads one request with its body, "" at the end.
func request(r *bufio.Reader) (*http.Request, string) {
	req, err := http.ReadRequest(r)
	if err != nil {
		return nil, ""
	}
	b, _ := io.ReadAll(req.Body)
	return req, string(b)
}

// each answers every request of a connection.
func each(answer func(c *net.TCPConn, req *http.Request, body string)) func(*net.TCPConn, int) {
	return func(c *net.TCPConn, _ int) {
		r := bufio.NewReader(c)
		for {
			req, body := request(r)
			if req == nil {
				return
			}
			answer(c, req, body)
		}
	}
}

// say writes text as it is.
func say(c net.Conn, text string) { _, _ = io.WriteString(c, text) }

// reset closes a connection so that the other side sees an error.
func reset(c *net.TCPConn) {
	_ = c.SetLinger(0)
	c.Close()
}

// front is a gateway with its group, for tests that look behind it.
type front struct {
	addr  string
	srv   *server.Server
	group *upstream.Group
}

// options are what the tests vary.
type options struct {
	cfg    proxy.Config
	up     upstream.Config
	keep   proxy.KeepAlive
	worker bool
	// reactors is how many the gateway has, 0 for 1.
	reactors int
	patience time.Duration       // with other reactors, 0 for what it is
	routes   func(*pipeline.App) // beside the one that is passed on
	log      func(*server.Entry) // is told of every request
	handler  **proxy.Handler     // is set to what passes on; may be nil
}

// start starts a gateway to peers.
func start(t testing.TB, o options, peers ...*peer) *front {
	t.Helper()
	if len(o.up.Servers) == 0 {
		for _, p := range peers {
			o.up.Servers = append(o.up.Servers, upstream.ServerConfig{Address: p.addr})
		}
	}
	o.up.Name = "backend"
	g, err := upstream.New(o.up)
	if err != nil {
		t.Fatal(err)
	}
	if o.keep.Requests == 0 {
		o.keep = proxy.KeepAlive{Max: 32, Requests: 100000, Time: time.Hour, Timeout: time.Minute}
	}
	o.cfg.Upstream = proxy.NewUpstream("backend", "backend", g, o.keep)
	if o.patience != 0 {
		o.cfg.Upstream.SetPatience(o.patience)
	}
	h, err := proxy.New(o.cfg)
	if err != nil {
		t.Fatal(err)
	}
	if o.handler != nil {
		*o.handler = h
	}
	app := pipeline.New()
	if o.routes != nil {
		o.routes(app)
	}
	if o.worker {
		app.Path("<path:rest>", h.Serve)
	} else {
		app.Path("<path:rest>", h.Serve, pipeline.Inline)
	}
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app, Reactors: max(o.reactors, 1), MaxBody: 1 << 30,
		ReusePort: o.reactors > 1, // or one that is quick would take all clients
		AccessLog: o.log, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	givesBack(t)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // nobody waits for what is idle
		_ = s.Shutdown(ctx)
	})
	f := &front{addr: s.Addrs()[0], srv: s, group: g}
	t.Cleanup(func() { f.settled(t) })
	return f
}

// running is how many gateways have not ended.
var running atomic.Int64

// givesBack checks that all calls were given back when the gateway that is about to be made has ended. They are counted for all
// gateways together: of those that run in parallel the last one checks.
func givesBack(t testing.TB) {
	running.Add(1)
	t.Cleanup(func() {
		if running.Add(-1) == 0 {
			allGivenBack(t)
		}
	})
}

// settled checks that every peer was given back.
func (f *front) settled(t testing.TB) {
	t.Helper()
	for range 3000 {
		busy := 0
		for _, p := range f.group.Snapshot(0).Peers {
			busy += p.Active
		}
		if busy == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("peers are still counted as active: %+v", f.group.Snapshot(0).Peers)
}

// client is a connection to a gateway that writes and reads bytes as they are.
type client struct {
	*net.TCPConn
	r *bufio.Reader
}

func (f *front) dial(t testing.TB) *client {
	t.Helper()
	c, err := net.Dial("tcp", f.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(60 * time.Second))
	return &client{c.(*net.TCPConn), bufio.NewReaderSize(c, 4096)}
}

// got is a response as its client saw it.
type got struct {
	status int
	header http.Header
	body   string
	err    error // of the body: a cut
}

// response reads one response; method is that of its request.
func (c *client) response(method string) got {
	resp, err := http.ReadResponse(c.r, &http.Request{Method: method})
	if err != nil {
		return got{err: err}
	}
	b, err := io.ReadAll(resp.Body)
	return got{resp.StatusCode, resp.Header, string(b), err}
}

// get asks for a path on a connection of its own.
func (f *front) get(t testing.TB, path string) got {
	t.Helper()
	c := f.dial(t)
	defer c.Close()
	say(c, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n")
	return c.response("GET")
}

// pattern is n bytes in which every place is different from those a page or a buffer away.
func pattern(n int) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 0, n+8)
	for i := 0; len(b) < n; i += 8 { // seven digits and a line's end; megabytes of them are made, under the race detector, too
		b = append(b, digits[i>>24&15], digits[i>>20&15], digits[i>>16&15], digits[i>>12&15], digits[i>>8&15], digits[i>>4&15], digits[i&15], '\n')
	}
	return string(b[:n])
}

// within fails a test that hangs.
func within(t testing.TB, d time.Duration, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(d):
		t.Fatalf("%s: nothing within %v", what, d)
	}
}
