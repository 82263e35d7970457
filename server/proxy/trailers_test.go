package proxy_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/proxy"
)

// Trailer fields come behind the last chunk: those of the connection and those that are hidden do not, nor any to a client that is
// sent no chunks, or unless they are wanted.
func TestTrailers(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: x-named\r\n\r\n"
	const lines = "X-One: 1\r\nX-Two:\t2 \r\nX-One: 3\r\nX-Inside: 4\r\nContent-Length: 5\r\nTransfer-Encoding: gzip\r\nX-Named: 6\r\nX-Empty:\r\n"
	const passed = "X-One: 1\r\nX-Two: 2\r\nX-One: 3\r\nX-Empty: \r\n"
	for _, test := range []struct {
		name, peer, request string
		off                 bool
		want                string // what the response ends with
	}{
		{"short", head + "2\r\nok\r\n0\r\n" + lines + "\r\n", "GET /a HTTP/1.1", false, "2\r\nok\r\n0\r\n" + passed + "\r\n"},
		{"none", head + "2\r\nok\r\n0\r\n\r\n", "GET /a HTTP/1.1", false, "2\r\nok\r\n0\r\n\r\n"},
		{"unwanted", head + "2\r\nok\r\n0\r\n" + lines + "\r\n", "GET /a HTTP/1.1", true, "2\r\nok\r\n0\r\n\r\n"},
		{"HTTP/1.0", head + "2\r\nok\r\n0\r\n" + lines + "\r\n", "GET /a HTTP/1.0", false, "\r\n\r\nok"},
		{"no content", head + "0\r\n" + lines + "\r\n", "GET /a HTTP/1.1", false, "\r\n\r\n0\r\n" + passed + "\r\n"},
		{"malformed", head + "2\r\nok\r\n0\r\nX-One : 1\r\n\r\n", "GET /a HTTP/1.1", false, "2\r\nok\r\n"},
		{"too many", head + "2\r\nok\r\n0\r\nX-One: " + strings.Repeat("1", 5000) + "\r\n\r\n", "GET /a HTTP/1.1", false, "2\r\nok\r\n"},
	} {
		for _, worker := range []bool{false, true} {
			for _, cut := range []int{0, len(head) + 9, len(test.peer) - 1} {
				t.Run(fmt.Sprint(test.name, worker, cut), func(t *testing.T) {
					p := script(t, each(func(c *net.TCPConn, _ *http.Request, _ string) {
						say(c, test.peer[:min(cut, len(test.peer))])
						if cut > 0 {
							time.Sleep(5 * time.Millisecond) // the pieces may come as one: both must do
						}
						say(c, test.peer[min(cut, len(test.peer)):])
					}))
					f := start(t, options{worker: worker, cfg: proxy.Config{Hide: []string{"X-Inside"}, PassTrailers: !test.off}}, p)
					c := f.dial(t)
					say(c, test.request+"\r\nHost: a\r\nConnection: close\r\n\r\n")
					all, _ := io.ReadAll(c)
					if !strings.HasPrefix(string(all), "HTTP/1.1 200 ") || !strings.HasSuffix(string(all), test.want) {
						t.Errorf("%q, want %q behind its head", all, test.want)
					}
				})
			}
		}
	}
}
