//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// gateway is a daemon in front of backends.
type gateway struct {
	*daemon
	backends []*appServer
	pass     string // how the location passes on to the upstream "app"
}

// newGateway has n backends of the test's own started; configure and start are what follows.
func newGateway(t *testing.T, n int) *gateway {
	t.Helper()
	if testing.Short() {
		t.Skip("starts processes, and loads them")
	}
	g := &gateway{daemon: newDaemon(t), pass: "proxy_pass http://app; proxy_http_version 1.1;\n" +
		"   proxy_set_header Connection $http_connection; proxy_set_header Upgrade $http_upgrade;"}
	for range n {
		g.backends = append(g.backends, newBackend(t))
	}
	return g
}

// configure writes a configuration: the upstream "app" of all backends, each with the parameters; main, server and location are
// added where they say. The time-outs are short, since a test waits for them; nobody else may be as quick to give up.
func (g *gateway) configure(main, parameters, server, location string) {
	g.t.Helper()
	text := "pid nginx.pid;\nerror_log error.log info;\n" + main + "\nevents { }\nhttp {\n access_log off;\n upstream app {\n"
	for _, b := range g.backends {
		text += "  server " + b.addr + " " + parameters + ";\n"
	}
	text += "  keepalive 32;\n }\n server {\n  listen " + g.addr + ";\n  keepalive_requests 1000000;\n  " + server + "\n" +
		"  location / { " + g.pass + " " + location + " }\n }\n}\n"
	if err := os.WriteFile(filepath.Join(g.dir, "nginx.conf"), []byte(text), 0o644); err != nil {
		g.t.Fatal(err)
	}
}

// ledger is what the clients of a load saw.
type ledger struct {
	right, wrong, cut, lost, failed, refused atomic.Int64
	// wrong is a body with an end, and not what was asked for; cut one whose end the client was told is missing; lost a connection that
	// ended without an answer; failed a status that is not 200; refused a connection that could not be made.

	mu    sync.Mutex
	first map[string]string // of each kind, for the message
}

func (l *ledger) total() int64 {
	return l.right.Load() + l.wrong.Load() + l.cut.Load() + l.lost.Load() + l.failed.Load() + l.refused.Load()
}

func (l *ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%d right, %d wrong, %d cut, %d lost, %d failed, %d refused %v",
		l.right.Load(), l.wrong.Load(), l.cut.Load(), l.lost.Load(), l.failed.Load(), l.refused.Load(), l.first)
}

func (l *ledger) note(counter *atomic.Int64, kind string, what string) {
	l.mu.Lock()
	if l.first[kind] == "" {
		l.first[kind] = what
	}
	l.mu.Unlock()
	counter.Add(1)
}

// load is clients at work.
type load struct {
	ledger
	t    *testing.T
	addr string
	stop chan struct{}
	all  sync.WaitGroup
}

// startLoad has clients send requests, each on a kept connection, none of them twice. What they ask for are short and long bodies,
// with and without a length; one in five is a POST if posts is set.
func startLoad(t *testing.T, addr string, clients int, posts bool) *load {
	l := &load{t: t, addr: addr, stop: make(chan struct{})}
	l.first = map[string]string{}
	for i := range clients {
		l.all.Add(1)
		go func() {
			defer l.all.Done()
			c := &client{addr: addr}
			defer c.close()
			for k := 0; ; k++ {
				select {
				case <-l.stop:
					return
				default:
				}
				size, form := 100, "size"
				if k%7 == 3 {
					size = 100_000
				}
				if k%3 == 1 {
					form = "chunked"
				}
				target, content := fmt.Sprintf("/%s/%d?%d-%d", form, size, i, k), []byte(nil)
				if posts && k%5 == 2 {
					content = bytes.Repeat([]byte{'a' + byte(k%26)}, 1+k%3*10_000)
				}
				c.ask(&l.ledger, target, content)
			}
		}()
	}
	return l
}

// reach waits until n more requests have come to their end.
func (l *load) reach(n int64) {
	l.t.Helper()
	want := l.total() + n
	until(l.t, fmt.Sprintf("%d more requests", n), func() bool { return l.total() >= want })
}

// end stops the clients and returns what they saw.
func (l *load) end() *ledger {
	close(l.stop)
	l.all.Wait()
	l.t.Logf("%v", &l.ledger)
	return &l.ledger
}

// clean reports what is worse than a number of answers cut.
func (l *ledger) clean(t *testing.T, cut int64) {
	t.Helper()
	if l.wrong.Load()+l.lost.Load()+l.failed.Load()+l.refused.Load() > 0 || l.cut.Load() > cut {
		t.Errorf("%v; at most %d may be cut", l, cut)
	}
}

// client has a connection, kept as long as the server keeps it.
type client struct {
	addr string
	conn net.Conn
	r    *bufio.Reader
}

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// patience is how long a client waits for anything: longer than every time-out of the servers.
const patience = 90 * time.Second

func (c *client) dial() (err error) {
	if c.conn, err = net.DialTimeout("tcp", c.addr, patience); err != nil {
		c.conn = nil
		return err
	}
	c.r = bufio.NewReader(c.conn)
	return nil
}

// ask sends one request and notes what comes of it.
func (c *client) ask(l *ledger, target string, content []byte) {
	if c.conn == nil {
		if err := c.dial(); err != nil {
			l.note(&l.refused, "refused", err.Error())
			return
		}
	}
	_ = c.conn.SetDeadline(time.Now().Add(patience))
	request := "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"
	if content != nil {
		request = fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", target, len(content), content)
	}
	_, err := io.WriteString(c.conn, request)
	var res *http.Response
	if err == nil {
		res, err = http.ReadResponse(c.r, nil)
	}
	if err != nil {
		c.close()
		l.note(&l.lost, "lost", target+": "+err.Error())
		return
	}
	right, n, err := sealed(target, content, res.Body)
	switch {
	case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
		l.note(&l.cut, "cut", fmt.Sprintf("%s: %v behind %d bytes", target, err, n))
	case err == nil && res.StatusCode != 200:
		l.note(&l.failed, res.Status, target)
	case err != nil || !right:
		l.note(&l.wrong, "wrong", fmt.Sprintf("%s: %d bytes of a body, %v", target, n, err))
	default:
		l.right.Add(1)
	}
	if err != nil || res.Close {
		c.close()
	}
}
