package front_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// An answer from the cache has the words of its upstream's status line, and the page of a condition that does not hold has none of
// its fields.
func TestCachedAnswerAsNginx(t *testing.T) {
	const answer = "HTTP/1.1 200 Very Fine\r\nContent-Length: 2\r\nX-Up: 1\r\nETag: \"a\"\r\n" +
		"Last-Modified: Mon, 06 May 2024 07:08:09 GMT\r\nConnection: close\r\n\r\nok"
	back := answering(t, answer)
	dir := publicDir(t)
	const zone = "proxy_cache_path {dir}/cache keys_zone=z:1m;"
	text := "location / { proxy_pass http://" + back + "; proxy_cache z; proxy_cache_valid 200 1h; add_header X-Cache $upstream_cache_status; }"
	real := nginxtest.Start(t, dir, zone, text)
	ours, _ := serve(t, strings.ReplaceAll(zone, "{dir}", t.TempDir())+"server { listen 127.0.0.1:%PORT%; "+text+" }")
	for _, fields := range []string{"", "", "If-Match: \"a\"\r\n", "If-Match: \"b\"\r\n", "If-None-Match: \"a\"\r\n", "Range: bytes=0-0\r\n"} {
		request := "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + fields + "\r\n"
		want, got := said(t, real.Addr, request), said(t, ours, request)
		if t.Logf("%q: %s", fields, want); got != want {
			t.Errorf("%q: %s, nginx %s", fields, got, want)
		}
	}
}

// said is the status line of an answer, with two of its fields.
func said(t *testing.T, addr, request string) string {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(raw(t, addr, request))), nil)
	if err != nil {
		t.Fatal(err)
	}
	return res.Status + " X-Up=" + res.Header.Get("X-Up") + " X-Cache=" + res.Header.Get("X-Cache")
}

// answering is the address of a server that gives every connection one answer.
func answering(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.WriteString(conn, answer)
				}
			}()
		}
	}()
	return l.Addr().String()
}
