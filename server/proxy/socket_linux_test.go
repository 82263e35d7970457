package proxy_test

import (
	"net"
	"net/http"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/server/proxy"
)

// bufferOf returns a buffer size of the socket of this process that is connected to addr; Linux tells twice what was asked for.
func bufferOf(addr string, option int) int {
	to := netip.MustParseAddrPort(addr)
	for fd := 3; fd < 4096; fd++ {
		sa, err := unix.Getpeername(fd)
		if in, ok := sa.(*unix.SockaddrInet4); err == nil && ok && in.Port == int(to.Port()) {
			n, _ := unix.GetsockoptInt(fd, unix.SOL_SOCKET, option)
			return n
		}
	}
	return 0
}

// The sizes of the kernel's buffers are as configured, each alone and both.
func TestSocketBuffers(t *testing.T) {
	for _, test := range []struct{ receive, send int }{{0, 0}, {20480, 0}, {0, 40960}, {24576, 49152}} {
		seen := make(chan [2]int, 1)
		var p *peer
		p = script(t, each(func(c *net.TCPConn, req *http.Request, body string) {
			seen <- [2]int{bufferOf(p.addr, unix.SO_RCVBUF), bufferOf(p.addr, unix.SO_SNDBUF)}
			echo(c, req, body)
		}))
		f := start(t, options{cfg: proxy.Config{ReceiveBuffer: test.receive, SendBuffer: test.send}}, p)
		if g := f.get(t, "/a"); g.status != 200 {
			t.Fatalf("%+v", g)
		}
		got := <-seen
		for i, want := range []int{test.receive, test.send} {
			if want > 0 && got[i] != 2*want || want == 0 && (got[i] == 2*20480 || got[i] == 2*40960) {
				t.Errorf("%+v: the buffers are %v", test, got)
			}
		}
	}
}
