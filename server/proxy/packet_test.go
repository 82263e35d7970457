package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/proxy"
)

// What uwsgi_string says stands behind the parameters, within the packet: its size counts, and the limit of packets holds for it.
func TestPacketTail(t *testing.T) {
	seen := make(chan string, 1)
	p := script(t, func(c *net.TCPConn, _ int) {
		buf := make([]byte, 4096)
		n, _ := c.Read(buf)
		seen <- string(buf[:n])
		say(c, "HTTP/1.1 200 OK\r\n\r\nok")
	})
	cfg := proxy.Config{Protocol: proxy.UWSGI, Modifier1: 5, Modifier2: 6, DropFields: true, PacketTail: "the tail",
		Fields: []proxy.Field{{Name: "A", Text: "bc"}}}
	if g := start(t, options{cfg: cfg}, p).get(t, "/x"); g.body != "ok" {
		t.Fatalf("%+v", g)
	}
	if got, want := <-seen, "\x05\x0f\x00\x06\x01\x00A\x02\x00bcthe tail"; got != want {
		t.Errorf("the packet is %q, want %q", got, want)
	}
	cfg.PacketTail = strings.Repeat("x", 65530)
	if g := start(t, options{cfg: cfg}, p).get(t, "/x"); g.status != 500 {
		t.Errorf("a packet that is too long: %d", g.status)
	}
}

// A connection that begins with the address of a client is used for no other, whatever is kept.
func TestProxyHeaderIsOfOneClient(t *testing.T) {
	p := script(t, func(c *net.TCPConn, _ int) {
		r := bufio.NewReader(c)
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		for {
			req, _ := request(r)
			if req == nil {
				return
			}
			echo(c, req, line)
		}
	})
	for _, worker := range []bool{false, true} {
		f := start(t, options{worker: worker, cfg: proxy.Config{SendPROXY: true}}, p)
		for range 3 {
			c := f.dial(t)
			from, to := c.LocalAddr().(*net.TCPAddr), c.RemoteAddr().(*net.TCPAddr)
			want := fmt.Sprintf("PROXY TCP4 127.0.0.1 127.0.0.1 %d %d\r\n", from.Port, to.Port)
			for range 2 {
				_, _ = io.WriteString(c, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
				if g := c.response("GET"); g.status != 200 || g.body != want {
					t.Errorf("worker %v: the peer was told %q, want %q", worker, g.body, want)
				}
			}
		}
	}
}
