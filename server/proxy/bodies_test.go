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
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// echo answers with the body of the request.
func echo(c *net.TCPConn, _ *http.Request, body string) {
	say(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
}

// TestBodiesOfManyClientsKeepApart sends short bodies, each in one piece with its head, over connections that are made for
// each: what is still to be sent when the next client is read must not change.
func TestBodiesOfManyClientsKeepApart(t *testing.T) {
	p := script(t, each(echo))
	for _, worker := range []bool{false, true} {
		f := start(t, options{worker: worker, keep: proxy.KeepAlive{Requests: 1}}, p)
		var all sync.WaitGroup
		for i := range 16 {
			all.Add(1)
			go func() {
				defer all.Done()
				c := f.dial(t)
				for k := range 100 {
					body := strings.Repeat(fmt.Sprintf("<%d.%d>", i, k), 200)
					say(c, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
					if g := c.response("POST"); g.body != body {
						t.Errorf("worker %v: client %d, request %d: status %d, differs at %d of %d, %v", worker, i, k, g.status, differs(g.body, body), len(body), g.err)
						return
					}
				}
			}()
		}
		all.Wait()
	}
}

// TestBodyIsSentAgain has the first peer fail when it has the head, after other clients were read.
func TestBodyIsSentAgain(t *testing.T) {
	bad := script(t, func(c *net.TCPConn, _ int) {
		_, _ = bufio.NewReader(c).ReadString('\n')
		time.Sleep(50 * time.Millisecond)
		reset(c)
	})
	good := script(t, each(echo))
	for _, worker := range []bool{false, true} {
		f := start(t, options{worker: worker, up: upstream.Config{Servers: []upstream.ServerConfig{{Address: bad.addr}, {Address: good.addr}}}})
		var all sync.WaitGroup
		for i := range 8 {
			all.Add(1)
			go func() {
				defer all.Done()
				c := f.dial(t)
				for k := range 10 {
					body := strings.Repeat(fmt.Sprintf("<%d.%d>", i, k), 300)
					say(c, "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
					if g := c.response("PUT"); g.body != body {
						t.Errorf("worker %v: client %d, request %d: status %d, differs at %d of %d, %v", worker, i, k, g.status, differs(g.body, body), len(body), g.err)
						return
					}
				}
			}()
		}
		all.Wait()
	}
}

// TestPeerStopsReadingABody has a peer that ends, answers or sleeps in the middle of a large body: the client gets an answer.
func TestPeerStopsReadingABody(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("b", 8<<20)
	held := make(chan struct{}) // until the test is over: a peer that returns closes its connection
	defer close(held)
	for _, c := range []struct {
		name   string
		serve  func(c *net.TCPConn, _ int)
		status int
	}{
		{"reset", func(c *net.TCPConn, _ int) { _, _ = io.CopyN(io.Discard, c, 1000); reset(c) }, 502},
		{"close", func(c *net.TCPConn, _ int) { _, _ = io.CopyN(io.Discard, c, 1000) }, 502},
		{"sleep", func(c *net.TCPConn, _ int) { _, _ = io.CopyN(io.Discard, c, 1000); <-held }, 504},
		{"answer", func(c *net.TCPConn, _ int) {
			_, _ = io.CopyN(io.Discard, c, 1000)
			say(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno\n")
			<-held
		}, 413},
		{"answer and close", func(c *net.TCPConn, _ int) {
			_, _ = io.CopyN(io.Discard, c, 1000)
			say(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno\n")
		}, 413},
		{"answer in chunks", func(c *net.TCPConn, _ int) {
			_, _ = io.CopyN(io.Discard, c, 1000)
			say(c, "HTTP/1.1 413 Too Large\r\nTransfer-Encoding: chunked\r\n\r\n")
			time.Sleep(100 * time.Millisecond)
			say(c, "3\r\nno\n\r\n0\r\n\r\n")
			<-held
		}, 413},
	} {
		for _, stream := range []bool{false, true} {
			p := script(t, c.serve)
			timeout := time.Minute
			if c.status == 504 {
				timeout = time.Second
			}
			f := start(t, options{worker: true, cfg: proxy.Config{StreamRequest: stream, ReadTimeout: timeout, SendTimeout: timeout}}, p)
			for _, head := range []string{"Content-Length: " + strconv.Itoa(len(large)), "Transfer-Encoding: chunked"} {
				within(t, time.Minute, fmt.Sprintf("%s, stream %v, %s", c.name, stream, head), func() {
					k := f.dial(t)
					go func() {
						say(k, "POST /x HTTP/1.1\r\nHost: a\r\n"+head+"\r\n\r\n")
						if strings.HasPrefix(head, "T") {
							say(k, strconv.FormatInt(int64(len(large)), 16)+"\r\n"+large+"\r\n0\r\n\r\n")
							return
						}
						say(k, large)
					}()
					if g := k.response("POST"); g.status != c.status || g.err != nil {
						t.Errorf("%s, stream %v, %s: status %d, %v; want %d", c.name, stream, head, g.status, g.err, c.status)
					}
				})
			}
		}
	}
}

// TestClientSlowerThanReadTimeoutSends has a client rest in the middle of its body for longer than the read time-out of the
// peer, which has nothing to answer yet.
func TestClientSlowerThanReadTimeoutSends(t *testing.T) {
	t.Parallel()
	p := script(t, each(echo))
	f := start(t, options{worker: true, cfg: proxy.Config{StreamRequest: true, ReadTimeout: 3 * time.Second}}, p)
	c := f.dial(t)
	say(c, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234")
	time.Sleep(4 * time.Second)
	say(c, "56789")
	if g := c.response("POST"); g.body != "0123456789" {
		t.Errorf("%+v", g)
	}
}
