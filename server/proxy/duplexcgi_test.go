package proxy_test

import (
	"bytes"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/proxy"
)

// await reads until text came, in whatever framing.
func await(c net.Conn, text string) bool {
	var all []byte
	for b := make([]byte, 4096); !bytes.Contains(all, []byte(text)); {
		n, err := c.Read(b)
		if all = append(all, b[:n]...); err != nil {
			return false
		}
	}
	return true
}

// TestBothWaysAtOnceOfCGI has applications answer each piece of a body before the next is sent.
func TestBothWaysAtOnceOfCGI(t *testing.T) {
	plain := func(s string) string { return s }
	stdout := func(s string) string { return record(recordStdout, s) }
	for protocol, frame := range map[proxy.Protocol]func(string) string{proxy.FastCGI: stdout, proxy.UWSGI: plain, proxy.SCGI: plain} {
		p := script(t, func(c *net.TCPConn, _ int) {
			if await(c, "<ab>") {
				say(c, frame("Status: 200 OK\r\n\r\n[ab]"))
			}
			if await(c, "<cd>") {
				say(c, frame("[cd]"))
			}
			if protocol == proxy.FastCGI {
				say(c, frame("")+ended)
			}
		})
		f := start(t, options{worker: true, cfg: proxy.Config{Protocol: protocol, StreamRequest: true}}, p)
		k := open(t, f.addr, "/x HTTP/1.1", "Content-Length: 8")
		say(k, "<ab>")
		k.head()
		k.hear(4)
		say(k, "<cd>")
		k.rest()
		if got := fmt.Sprint(k.said); got != "[200 [chunked] -1 [ab] rest [cd]]" {
			t.Errorf("protocol %v: %s", protocol, got)
		}
	}
}

// TestOneLineForARequest counts what the access log is told of requests whose answer begins, and ends, before their body does.
func TestOneLineForARequest(t *testing.T) {
	for _, d := range dialogues {
		seen := make(chan string, 1)
		var lines atomic.Int32
		f := start(t, options{worker: true, cfg: proxy.Config{StreamRequest: true}, log: func(*server.Entry) { lines.Add(1) }}, duplexPeer(t, seen))
		d.play(t, f.addr, seen)
		waitLines(t, d.name, &lines, 1)
		k := open(t, f.addr, "/echo HTTP/1.1", "Content-Length: 1")
		say(k, "x")
		k.head()
		k.rest()
		waitLines(t, d.name+", and one more", &lines, 2)
	}
}

// waitLines waits until there are n lines, and fails when there are more.
func waitLines(t *testing.T, name string, lines *atomic.Int32, n int32) {
	t.Helper()
	within(t, time.Minute, name, func() {
		for lines.Load() < n {
			time.Sleep(time.Millisecond)
		}
	})
	if got := lines.Load(); got != n {
		t.Errorf("%s: %d lines, want %d", name, got, n)
	}
}
