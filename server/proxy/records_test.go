package proxy_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

const (
	recordEnd    = 3
	recordStdin  = 5
	recordStdout = 6
)

// record makes a record of FastCGI.
func record(kind byte, content string) string {
	h := []byte{1, kind, 0, 1, 0, 0, 0, 0}
	binary.BigEndian.PutUint16(h[4:], uint16(len(content)))
	return string(h) + content
}

// application makes a peer that speaks FastCGI; answer makes the records of the nth request of a connection.
func application(t testing.TB, answer func(n int) string) *peer {
	return script(t, func(c *net.TCPConn, _ int) {
		r := bufio.NewReader(c)
		var h [8]byte
		for n := 0; ; {
			if _, err := io.ReadFull(r, h[:]); err != nil {
				return
			}
			size := int(binary.BigEndian.Uint16(h[4:]))
			_, _ = r.Discard(size + int(h[6]))
			if h[1] == recordStdin && size == 0 {
				say(c, answer(n))
				n++
			}
		}
	})
}

// TestRecordsOfAnotherTry has a peer say more behind a status by which the next peer is asked: that is not the next one's answer.
func TestRecordsOfAnotherTry(t *testing.T) {
	end := record(recordStdout, "") + record(recordEnd, "\x00\x00\x00\x00\x00\x00\x00\x00")
	good := record(recordStdout, "Content-Type: text/plain\r\n\r\ngood") + end
	var bad atomic.Bool
	a := application(t, func(n int) string {
		if bad.Load() {
			return record(recordStdout, "Status: 503\r\n\r\n") + record(recordStdout, "Content-Type: text/plain\r\n\r\npoison") + end
		}
		return good
	})
	b := application(t, func(int) string { return good })
	for _, worker := range []bool{false, true} {
		bad.Store(false)
		f := start(t, options{worker: worker, cfg: proxy.Config{Protocol: proxy.FastCGI, KeepConn: true, Next: proxy.OnError | proxy.On503},
			up: upstream.Config{Servers: []upstream.ServerConfig{{Address: a.addr, MaxFails: -1}, {Address: b.addr, MaxFails: -1}}}})
		for i := range 10 {
			if i == 4 {
				bad.Store(true)
			}
			if g := f.get(t, "/x"); g.status != 200 || g.body != "good" || g.err != nil {
				t.Errorf("worker %v, request %d: %+v", worker, i, g)
			}
		}
	}
}
