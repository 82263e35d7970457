package proxy_test

import (
	"context"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/proxy"
)

// A worker that passes a request on after its server was cut off hears that there is no answer: nobody would bring it one.
func TestPassedOnBehindTheEnd(t *testing.T) {
	p := script(t, each(echo))
	began, over, logged := make(chan bool, 1), make(chan bool), make(chan bool, 1)
	f := start(t, options{worker: true, log: func(*server.Entry) { logged <- true }, cfg: proxy.Config{
		Fields: []proxy.Field{{Name: "X-Late", Value: func(_ *pipeline.Ctx, dst []byte) []byte {
			began <- true
			<-over
			return append(dst, "yes"...)
		}}},
	}}, p)
	c := f.dial(t)
	say(c, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
	<-began
	cut, cancel := context.WithCancel(context.Background())
	cancel()
	within(t, time.Minute, "shutdown", func() { _ = f.srv.Shutdown(cut) })
	close(over)
	within(t, time.Minute, "end of the request", func() { <-logged })
	if n := p.conns.Load(); n != 0 {
		t.Errorf("%d connections to the peer were made", n)
	}
}
