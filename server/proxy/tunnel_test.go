package proxy_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/proxy"
)

// upgradeFields are what a location for WebSocket sets.
var upgradeFields = []proxy.Field{
	{Name: "Upgrade", Value: func(c *pipeline.Ctx, dst []byte) []byte { return append(dst, "echo"...) }},
	{Name: "Connection", Text: "upgrade"},
}

const (
	upgradeRequest = "GET /x HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
	upgradeAnswer  = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
)

// upgraded starts a gateway to a peer that speaks another protocol once it has answered 101 and first.
func upgraded(t testing.TB, cfg proxy.Config, first string, speak func(c *net.TCPConn, r *bufio.Reader)) *front {
	cfg.Fields = upgradeFields
	return start(t, options{cfg: cfg}, script(t, func(c *net.TCPConn, _ int) {
		r := bufio.NewReader(c)
		if req, _ := request(r); req != nil {
			say(c, upgradeAnswer+first)
			speak(c, r)
		}
	}))
}

// TestTunnelNotAskedFor has a peer switch protocols though the location has not passed the client's wish on.
func TestTunnelNotAskedFor(t *testing.T) {
	f := start(t, options{}, script(t, func(c *net.TCPConn, _ int) {
		if req, _ := request(bufio.NewReader(c)); req != nil {
			say(c, upgradeAnswer+"hello")
		}
	}))
	c := f.dial(t)
	say(c, upgradeRequest)
	if line, _ := c.r.ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 502 ") {
		t.Errorf("%q", line)
	}
}

// open asks for the other protocol; more is sent along.
func (f *front) open(t testing.TB, more string) *client {
	c := f.dial(t)
	say(c, upgradeRequest+more)
	if !c.switched() {
		t.Fatal("no 101")
	}
	return c
}

// switched reads the head of a 101.
func (c *client) switched() bool {
	line, _ := c.r.ReadString('\n')
	for rest := line; len(rest) > 2; {
		rest, _ = c.r.ReadString('\n')
	}
	return strings.HasPrefix(line, "HTTP/1.1 101 ")
}

func echoAll(c *net.TCPConn, r *bufio.Reader) { _, _ = io.Copy(c, r) }

// TestTunnelLosesNothingAtItsBeginning has both sides send before the other has seen the 101.
func TestTunnelLosesNothingAtItsBeginning(t *testing.T) {
	f := upgraded(t, proxy.Config{}, "hello ", echoAll)
	c := f.open(t, "early ")
	say(c, "late")
	_ = c.CloseWrite()
	if b, err := io.ReadAll(c.r); string(b) != "hello early late" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

// TestTunnelCarriesMuchBothWays echoes more than all buffers hold, through a client that is slow to read.
func TestTunnelCarriesMuchBothWays(t *testing.T) {
	f := upgraded(t, proxy.Config{}, "", echoAll)
	c := f.open(t, "")
	_ = c.SetReadBuffer(16 << 10)
	body := pattern(16 << 20)
	go func() {
		say(c, body)
		_ = c.CloseWrite()
	}()
	time.Sleep(300 * time.Millisecond)
	b, err := io.ReadAll(c.r)
	if string(b) != body || err != nil {
		t.Errorf("%d of %d bytes, first difference at %d, %v", len(b), len(body), differs(string(b), body), err)
	}
}

// TestTunnelHalfClosed ends one direction and goes on with the other.
func TestTunnelHalfClosed(t *testing.T) {
	f := upgraded(t, proxy.Config{}, "", func(c *net.TCPConn, r *bufio.Reader) {
		b, _ := io.ReadAll(r)
		time.Sleep(50 * time.Millisecond)
		say(c, "got "+string(b))
	})
	c := f.open(t, "")
	say(c, "all of it")
	_ = c.CloseWrite()
	if b, err := io.ReadAll(c.r); string(b) != "got all of it" || err != nil {
		t.Errorf("client first: %q, %v", b, err)
	}
	heard := make(chan string, 1)
	f = upgraded(t, proxy.Config{}, "", func(c *net.TCPConn, r *bufio.Reader) {
		say(c, "bye")
		_ = c.CloseWrite()
		b, _ := io.ReadAll(r)
		heard <- string(b)
	})
	c = f.open(t, "")
	if b, err := io.ReadAll(c.r); string(b) != "bye" || err != nil {
		t.Errorf("peer first: %q, %v", b, err)
	}
	say(c, "and you")
	c.Close()
	within(t, time.Minute, "peer first", func() {
		if s := <-heard; s != "and you" {
			t.Errorf("the peer heard %q", s)
		}
	})
}

// TestTunnelEnds has each side vanish, and neither say anything for the read time-out.
func TestTunnelEnds(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	wait := func(c *net.TCPConn, r *bufio.Reader) {
		_, err := io.Copy(io.Discard, r)
		ended <- err
	}
	f := upgraded(t, proxy.Config{}, "", wait)
	reset(f.open(t, "").TCPConn)
	within(t, time.Minute, "a client that is gone", func() { <-ended })
	f = upgraded(t, proxy.Config{ReadTimeout: 3 * time.Second}, "", wait)
	c := f.open(t, "")
	within(t, time.Minute, "silence", func() {
		_, _ = io.ReadAll(c.r)
		<-ended
	})
	f = upgraded(t, proxy.Config{}, "", func(c *net.TCPConn, r *bufio.Reader) { reset(c) })
	c = f.open(t, "")
	within(t, time.Minute, "a peer that is gone", func() { _, _ = io.ReadAll(c.r) })
}

// TestTunnelAtShutdown has a server shut down with a tunnel open: it goes on until the server may wait no longer, and is cut then.
func TestTunnelAtShutdown(t *testing.T) {
	f := upgraded(t, proxy.Config{}, "", echoAll)
	c := f.open(t, "")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- f.srv.Shutdown(ctx) }()
	time.Sleep(time.Second) // longer than the grace of idle connections
	var b [4]byte
	say(c, "ping")
	if _, err := io.ReadFull(c.r, b[:]); err != nil || string(b[:]) != "ping" {
		t.Errorf("while the server waits: %q, %v", b, err)
	}
	cancel()
	within(t, time.Minute, "the end of the tunnel", func() {
		_, _ = io.ReadAll(c.r)
		<-ended
	})
}

// TestTunnelOfManyConnections opens as many as the descriptors allow, each with an echo, and states what one costs.
func TestTunnelOfManyConnections(t *testing.T) {
	n := 5000
	var lim syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim) == nil { // four descriptors each: all sides are this process
		n = min(n, (int(min(lim.Cur, 1<<20))-200)/4)
	}
	if testing.Short() {
		n = min(n, 200)
	}
	f := upgraded(t, proxy.Config{}, "", func(c *net.TCPConn, r *bufio.Reader) {
		var b [64]byte
		for {
			k, err := r.Read(b[:])
			if err != nil {
				return
			}
			_, _ = c.Write(b[:k])
		}
	})
	clients := make([]*client, n)
	var all sync.WaitGroup
	for at := 0; at < n; at += 50 {
		for i := at; i < min(at+50, n); i++ {
			all.Add(1)
			go func() { defer all.Done(); clients[i] = f.open(t, "") }()
		}
		all.Wait()
	}
	for round := range 2 {
		for i, c := range clients {
			say(c, strings.Repeat(string(rune('a'+(i+round)%26)), 32))
		}
		for i, c := range clients {
			var b [32]byte
			_ = c.SetDeadline(time.Now().Add(time.Minute))
			if _, err := io.ReadFull(c.r, b[:]); err != nil || b[0] != byte('a'+(i+round)%26) || b[31] != b[0] {
				t.Fatalf("tunnel %d: %q, %v", i, b, err)
			}
		}
	}
	runtime.GC()
	t.Logf("%d tunnels", n)
	for _, c := range clients {
		c.Close()
	}
}
