package proxy_test

import (
	"bufio"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// An answer that is refused may have said a field twice before it was. Its bytes were not taken: what is said of an answer that is
// passed on must not be said of it, with the bytes of an earlier one.
func TestRefusedAnswerThatSaysFieldsTwice(t *testing.T) {
	const twice = "Date: first\r\nDate: second\r\nServer: a\r\nServer: b\r\n"
	for name, sent := range map[string]string{
		"a bad field":      "HTTP/1.1 200 OK\r\n" + twice + "bad field\r\n\r\n",
		"too many bytes":   "HTTP/1.1 200 OK\r\n" + twice + "X: " + strings.Repeat("x", 8<<10) + "\r\n\r\n",
		"another is asked": "HTTP/1.1 500 Internal Server Error\r\n" + twice + "Content-Length: 0\r\n\r\n",
		"cut":              "HTTP/1.1 200 OK\r\n" + twice,
	} {
		var mu sync.Mutex
		var logs []string
		cfg := proxy.Config{Next: proxy.OnError | proxy.On500, Log: func(_ *pipeline.Ctx, level, text, _ string) {
			mu.Lock()
			defer mu.Unlock()
			logs = append(logs, level+": "+text)
		}}
		p := script(t, func(c *net.TCPConn, _ int) {
			_, _ = request(bufio.NewReader(c))
			say(c, sent)
		})
		closes := script(t, func(*net.TCPConn, int) {})
		f := start(t, options{cfg: cfg, up: upstream.Config{Servers: []upstream.ServerConfig{
			{Address: p.addr, MaxFails: -1}, {Address: closes.addr, MaxFails: -1, Backup: true}}}})
		for range 4 {
			if g := f.get(t, "/x"); g.err != nil || g.status != 502 {
				t.Errorf("%s: %+v", name, g)
			}
		}
		mu.Lock()
		if all := strings.Join(logs, "\n"); len(logs) == 0 || strings.Contains(all, "duplicate") {
			t.Errorf("%s: the log says\n%s", name, all)
		}
		mu.Unlock()
	}
}
