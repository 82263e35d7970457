package proxy_test

import (
	"bufio"
	"net"
	"testing"

	"github.com/wheelpit/wheelpit/server/proxy"
)

// A request that is not sent again, for whatever reason, does not go over a connection that the peer has closed, even when the
// reactor has not heard of that yet.
func TestClosedConnectionIsNotUsedForWhatIsSentOnce(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		cfg    proxy.Config
	}{
		"POST":                {"POST", proxy.Config{}},
		"off":                 {"GET", proxy.Config{Next: proxy.Never}},
		"other conditions":    {"GET", proxy.Config{Next: proxy.OnInvalidHeader | proxy.On500}},
		"body as it comes":    {"PUT", proxy.Config{StreamRequest: true}},
		"what may be resent":  {"GET", proxy.Config{}},
		"error and some more": {"PUT", proxy.Config{Next: proxy.OnError | proxy.On500}},
	} {
		shut := make(chan struct{})
		closed := make(chan struct{})
		p := script(t, func(conn *net.TCPConn, n int) {
			r := bufio.NewReader(conn)
			req, body := request(r)
			if req == nil {
				return
			}
			echo(conn, req, body)
			if n == 0 {
				<-shut
				conn.Close()
				close(closed)
			}
		})
		s := startSeveral(t, 1, options{cfg: c.cfg}, p)
		s.on[0].ask(t, "GET", "/first")
		holder := s.dial(t)
		say(holder, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
		<-s.held
		say(s.on[0], c.method+" /second HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
		close(shut)
		<-closed // behind the request, so it is heard of behind it
		close(s.hold)
		if g := s.on[0].response(c.method); g.status != 200 {
			t.Errorf("%s: %+v", name, g)
		}
	}
}
