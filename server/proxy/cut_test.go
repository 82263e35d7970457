package proxy_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// A server that is cut off does not ask the next peer: who waits for the answer hears that there is none, and no connection is left.
func TestCutOffServerAsksNobody(t *testing.T) {
	for _, worker := range []bool{false, true} {
		asked, hungUp := make(chan bool, 100), make(chan bool, 100)
		silent := script(t, func(c *net.TCPConn, _ int) {
			asked <- true
			for b := make([]byte, 1024); ; {
				if _, err := c.Read(b); err != nil {
					hungUp <- true
					return
				}
			}
		})
		peers := make([]upstream.ServerConfig, 20)
		for i := range peers {
			peers[i] = upstream.ServerConfig{Address: silent.addr}
		}
		f := start(t, options{worker: worker, cfg: proxy.Config{}, up: upstream.Config{Servers: peers}})
		c := f.dial(t)
		say(c, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
		<-asked
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		within(t, time.Minute, "shutdown", func() { _ = f.srv.Shutdown(ctx) })
		within(t, time.Minute, "end of the connection", func() { <-hungUp })
		f.settled(t)
		select {
		case <-asked:
			t.Errorf("worker %v: another peer was asked", worker)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
