package proxy_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/proxy"
)

// Early hints come before the answer, without what is of the connection or hidden, and only for who wants and understands them.
func TestEarlyHints(t *testing.T) {
	const (
		early = "HTTP/1.1 103 Early Hints\r\n"
		last  = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	)
	for _, test := range []struct {
		name, peer, version string
		want                string // of the interim responses that the client gets
	}{
		{"one", early + "Link: </a>; rel=preload\r\n\r\n" + last, "1.1", early + "Link: </a>; rel=preload\r\n\r\n"},
		{"two", early + "Link: </a>\r\n\r\n" + early + "Link: </b>\r\n\r\n" + last, "1.1", early + "Link: </a>\r\n\r\n" + early + "Link: </b>\r\n\r\n"},
		{"no fields", early + "\r\n" + last, "1.1", ""},
		{"of the connection", early + "Connection: x-a, close\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\nLink: </a>\r\n\r\n" + last, "1.1", early + "Link: </a>\r\n\r\n"},
		{"hidden", early + "Server: s\r\nX-Accel-Redirect: /b\r\nX-Inside: 1\r\nLink: </a>\r\n\r\n" + last, "1.1", early + "Link: </a>\r\n\r\n"},
		{"hidden alone", early + "X-Inside: 1\r\n\r\n" + last, "1.1", ""},
		{"of another kind", "HTTP/1.1 102 Processing\r\nLink: </a>\r\n\r\n" + last, "1.1", ""},
		{"to HTTP/1.0", early + "Link: </a>\r\n\r\n" + last, "1.0", ""},
		{"unwanted", early + "Link: </a>\r\n\r\n" + last, "1.1\r\nX-No: 1", ""},
		{"too many", early + "Link: " + strings.Repeat("a", 3000) + "\r\n\r\n" + early + "Link: " + strings.Repeat("b", 3000) + "\r\n\r\n" + last, "1.1",
			early + "Link: " + strings.Repeat("a", 3000) + "\r\n\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := script(t, each(func(c *net.TCPConn, _ *http.Request, _ string) { say(c, test.peer) }))
			f := start(t, options{cfg: proxy.Config{Hide: []string{"X-Inside"}, EarlyHints: func(c *pipeline.Ctx) bool {
				return c.Header("X-No") == ""
			}}}, p)
			c := f.dial(t)
			fmt.Fprintf(c, "GET /a HTTP/%s\r\nHost: a\r\nConnection: close\r\n\r\n", test.version)
			all, err := io.ReadAll(c)
			if err != nil {
				t.Fatal(err)
			}
			i := strings.Index(string(all), "HTTP/1.1 200 ")
			if i < 0 || !strings.HasSuffix(string(all), "ok") {
				t.Fatalf("no answer: %q", all)
			}
			if got := string(all[:i]); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// A peer that has hints and no answer is one that failed: the next is asked.
func TestEarlyHintsAlone(t *testing.T) {
	p := script(t, func(c *net.TCPConn, _ int) { say(c, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n") })
	f := start(t, options{cfg: proxy.Config{EarlyHints: func(*pipeline.Ctx) bool { return true }}}, p)
	c := f.dial(t)
	say(c, "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	all, _ := io.ReadAll(c)
	if !strings.HasPrefix(string(all), "HTTP/1.1 103 ") || !strings.Contains(string(all), "HTTP/1.1 502 ") {
		t.Errorf("%q", all)
	}
}
