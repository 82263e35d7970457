package front_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// countingBackend answers with how often a path was asked for, the method and the content, and goes over to a protocol that repeats
// lines when it is asked to, or when the path says so.
func countingBackend(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var mu sync.Mutex
	asked := map[string]int{}
	serve := func(c net.Conn) {
		defer func() { _ = c.Close() }()
		in := bufio.NewReader(c)
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		mu.Lock()
		asked[req.URL.Path]++
		text := fmt.Sprintf("%d %s %q", asked[req.URL.Path], req.Method, body)
		mu.Unlock()
		if req.Header.Get("Upgrade") == "" && !strings.Contains(req.URL.Path, "unasked") {
			_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(text), text)
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n"+text+"\n")
		_, _ = io.Copy(c, in)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l.Addr().String()
}

// exchangeOf sends a head and, when its sending is over, the content in two pieces; behind a 101 a line follows, which comes back.
func exchangeOf(t *testing.T, addr, head, body string) string {
	t.Helper()
	c := dial(t, addr)
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	for _, piece := range []string{head + "\r\n\r\n", body[:len(body)/2], body[len(body)/2:]} {
		if _, err := io.WriteString(c, piece); err != nil {
			return err.Error()
		}
		time.Sleep(time.Millisecond) // pieces of their own, if chance has it
	}
	in := bufio.NewReader(c)
	method, _, _ := strings.Cut(head, " ")
	resp, err := http.ReadResponse(in, &http.Request{Method: method})
	if err != nil {
		return err.Error()
	}
	said := fmt.Sprintf("%d %s ", resp.StatusCode, resp.Header.Get("X-Cache"))
	if resp.StatusCode != 101 {
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			return said + err.Error()
		}
		if resp.StatusCode != 200 {
			return said
		}
		return said + string(b)
	}
	first, _ := in.ReadString('\n')
	_, _ = io.WriteString(c, "a line\n")
	second, err := in.ReadString('\n')
	return fmt.Sprint(said, first, second, kindOf(err))
}

func kindOf(err error) string {
	if err != nil {
		return err.Error()
	}
	return ""
}

// A cache, tunnels, and bodies that are sent as they come, together: beside the real nginx.
func TestCacheAndUpgradeWithUploads(t *testing.T) {
	const zone = "proxy_cache_path {dir}/cache keys_zone=z:1m;"
	conf := `client_max_body_size 0; proxy_http_version 1.1; proxy_cache z; proxy_cache_valid any 1h; add_header X-Cache $upstream_cache_status always;
		proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection;
		location / { proxy_request_buffering off; proxy_pass http://%s; }
		location /post/ { proxy_request_buffering off; proxy_cache_methods POST; proxy_pass http://%s; }
		location /lock/ { proxy_request_buffering off; proxy_cache_methods POST; proxy_cache_lock on; proxy_pass http://%s; }
		location /bypass/ { proxy_request_buffering off; proxy_cache_methods POST; proxy_cache_bypass $http_x_bypass; proxy_no_cache $http_x_no; proxy_pass http://%s; }
		location /whole/ { proxy_cache_methods POST; proxy_pass http://%s; }`
	text := func() string {
		return strings.ReplaceAll(conf, "%s", countingBackend(t))
	}
	real := nginxtest.Start(t, publicDir(t), zone, text())
	ours, _ := serve(t, strings.ReplaceAll(zone, "{dir}", t.TempDir())+"server { listen 127.0.0.1:%PORT%; "+text()+" }")
	const upgrade = "|Upgrade: echo|Connection: upgrade"
	large := strings.Repeat("0123456789", 30000)
	for _, c := range []struct {
		head, body string
		ours       string // when it is another than nginx's, which passes on a 101 that nobody asked for
	}{
		{"GET /a", "", ""}, {"GET /a", "", ""}, {"POST /a", "abc", ""}, {"POST /a", "abc", ""}, {"GET /a", "", ""}, {"POST /a", large, ""},
		{"PUT /a chunked", "abc", ""}, {"GET /a|X: y", "with a body", ""}, {"GET /b", "with a body", ""}, {"GET /b", "", ""},
		{"POST /post/a", "abc", ""}, {"POST /post/a", "def", ""}, {"POST /post/a chunked", "ghi", ""}, {"GET /post/a", "", ""}, {"POST /post/l", large, ""}, {"POST /post/l", large, ""},
		{"POST /lock/a chunked", "abc", ""}, {"POST /lock/a", "def", ""},
		{"POST /bypass/a", "abc", ""}, {"POST /bypass/a|X-Bypass: 1", "def", ""}, {"POST /bypass/a", "ghi", ""}, {"POST /bypass/a|X-Bypass: 1|X-No: 1", "jkl", ""}, {"POST /bypass/a", "", ""},
		{"POST /whole/a", "abc", ""}, {"POST /whole/a", "def", ""},
		{"GET /ws" + upgrade, "", ""}, {"GET /ws", "", ""}, {"GET /ws" + upgrade, "", ""},
		{"GET /ws2" + upgrade, "", ""}, {"GET /ws2" + upgrade, "", ""},
		{"POST /ws3" + upgrade, "abc", ""}, {"POST /ws3" + upgrade, large, ""}, {"POST /ws3 chunked" + upgrade, "abc", ""},
		{"POST /post/ws" + upgrade, "abc", ""}, {"POST /post/ws" + upgrade, "abc", ""}, {"POST /post/ws", "abc", ""}, {"POST /post/ws" + upgrade, "abc", ""},
		{"POST /whole/ws" + upgrade, "abc", ""}, {"POST /whole/ws" + upgrade, large, ""},
		{"GET /unasked", "", "502 MISS "}, {"GET /unasked", "", "502 HIT "}, {"POST /unasked", "abc", "502  "}, {"POST /post/unasked", large, "502 MISS "}, {"POST /whole/unasked", "abc", "502 MISS "},
	} {
		line, fields, _ := strings.Cut(c.head, "|")
		line, chunked := strings.CutSuffix(line, " chunked")
		head, body := line+" HTTP/1.1\r\nHost: a", c.body
		switch {
		case chunked:
			head += "\r\nTransfer-Encoding: chunked"
			body = fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
		case body != "" || strings.HasPrefix(line, "POST"):
			head += fmt.Sprintf("\r\nContent-Length: %d", len(body))
		}
		if fields != "" {
			head += "\r\n" + strings.ReplaceAll(fields, "|", "\r\n")
		}
		want, got := c.ours, exchangeOf(t, ours, head, body)
		if want == "" {
			want = exchangeOf(t, real.Addr, head, body)
		}
		if got != want {
			t.Errorf("%s, %d bytes: %.300q, want %.300q", c.head, len(c.body), got, want)
		}
	}
}
