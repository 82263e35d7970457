package proxy_test

import (
	"bufio"
	"net"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/proxy"
)

// store makes a peer that gives the same answer to every line: a memcached that a test writes.
func store(t testing.TB, answer string) *peer {
	return script(t, func(c *net.TCPConn, _ int) {
		r := bufio.NewReader(c)
		for {
			if _, err := r.ReadString('\n'); err != nil {
				return
			}
			say(c, answer)
		}
	})
}

// valueOf is a gateway to memcached that asks for one key.
func valueOf(t testing.TB, peers ...*peer) *front {
	key := func(_ *pipeline.Ctx, dst []byte) []byte { return append(dst, 'k') }
	return start(t, options{cfg: proxy.Config{Protocol: proxy.Memcached, DropBody: true, DropFields: true, Next: proxy.On404, Key: key}}, peers...)
}

// TestMemcachedNextPeer has one peer without the value, and one with it: the answer of one does not count for the other.
func TestMemcachedNextPeer(t *testing.T) {
	f := valueOf(t, store(t, "END\r\n"), store(t, "VALUE k 0 5\r\nhello\r\nEND\r\n"))
	for i := range 4 {
		within(t, 5*time.Second, "an answer", func() {
			if g := f.get(t, "/x"); g.status != 200 || g.body != "hello" || g.err != nil {
				t.Errorf("request %d: %+v", i, g)
			}
		})
	}
}

// TestMemcachedBadTrailer has something else follow a value than its end. The reactor must go on, and the client must not take a
// value for whole whose length may be a lie.
func TestMemcachedBadTrailer(t *testing.T) {
	for _, text := range []string{"hello\r\nEND\r\nmore", "hello\r\nEXD\r\n", "hello more than was said", "hellox", "hello\r\nEND\rx"} {
		f := valueOf(t, store(t, "VALUE k 0 5\r\n"+text))
		within(t, 5*time.Second, text, func() {
			for range 3 {
				_ = f.get(t, "/x")
			}
		})
	}
}

// TestMemcachedWithoutKey does not ask for nothing: what memcached makes of an empty key is its business.
func TestMemcachedWithoutKey(t *testing.T) {
	p := store(t, "ERROR\r\n")
	key := func(_ *pipeline.Ctx, dst []byte) []byte { return dst }
	f := start(t, options{cfg: proxy.Config{Protocol: proxy.Memcached, DropBody: true, DropFields: true, Key: key}}, p)
	if g := f.get(t, "/x"); g.status != 500 || p.conns.Load() != 0 {
		t.Errorf("%+v, %d connections", g, p.conns.Load())
	}
}
