//go:build !race && !invariants

package proxy_test

import (
	"bytes"
	"io"
	"net"
	"runtime"
	"testing"
)

// TestAllocations counts what a proxied request allocates, on connections that are kept on both sides: nothing. The peer, and the
// client, are in this process and allocate nothing themselves.
func TestAllocations(t *testing.T) {
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!")
	chunks := []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nd\r\nHello, world!\r\n0\r\n\r\n")
	p := script(t, func(c *net.TCPConn, _ int) {
		buf := make([]byte, 4096)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			say := answer
			if bytes.Contains(buf[:n], []byte("/chunks")) {
				say = chunks
			}
			if _, err := c.Write(say); err != nil {
				return
			}
		}
	})
	f := start(t, options{}, p)
	for name, c := range map[string]struct {
		request string
		end     string
	}{
		"GET":    {"GET /x HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\n\r\n", "world!"},
		"POST":   {"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody", "world!"},
		"chunks": {"GET /chunks HTTP/1.1\r\nHost: a\r\n\r\n", "0\r\n\r\n"},
	} {
		k := f.dial(t)
		request, end := []byte(c.request), []byte(c.end)
		buf := make([]byte, 4096)
		once := func() {
			if _, err := k.Write(request); err != nil {
				t.Fatal(err)
			}
			for n := 0; n == 0 || !bytes.HasSuffix(buf[:n], end); {
				got, err := k.TCPConn.Read(buf[n:])
				if n += got; err != nil && err != io.EOF {
					t.Fatal(err)
				}
			}
		}
		for range 200 {
			once()
		}
		const times = 2000
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range times {
			once()
		}
		runtime.ReadMemStats(&after)
		if n := after.Mallocs - before.Mallocs; n > times/20 { // a collection in between empties pools
			t.Errorf("%s: %d allocations of %d bytes in all, for %d requests", name, n, after.TotalAlloc-before.TotalAlloc, times)
		}
	}
}
