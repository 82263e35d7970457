package front_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// An answer from the cache is the same however often it was asked for, and whoever asked before: heads that are kept ready belong to
// their location, and to requests that want all of the answer.
func TestHotAnswersAsNginx(t *testing.T) {
	const answer = "HTTP/1.1 200 Very Fine\r\nContent-Length: 5\r\nContent-Type: text/x-a\r\nX-Up: 1\r\nETag: \"a\"\r\n" +
		"Last-Modified: Mon, 06 May 2024 07:08:09 GMT\r\nConnection: close\r\n\r\nhello"
	back := answering(t, answer)
	text := strings.ReplaceAll(`
		access_log {dir}/log f;
		location /a { keepalive_timeout 75; proxy_pass http://BACK/; proxy_cache z; proxy_cache_valid 200 1h; }
		location /b { proxy_pass http://BACK/; proxy_cache z; proxy_cache_valid 200 1h; proxy_hide_header X-Up; keepalive_timeout 60 30; }
		location /c { keepalive_timeout 75; proxy_pass http://BACK/; proxy_cache z; proxy_cache_valid 200 1h; if ($arg_x) { add_header X-If 1; } }
		location /d { keepalive_timeout 75; proxy_pass http://BACK/; proxy_cache z; proxy_cache_valid 200 1h; add_header X-Type $sent_http_content_type; }
		location /e { keepalive_timeout 75; limit_rate 1m; proxy_pass http://BACK/; proxy_cache z; proxy_cache_valid 200 1h; }`, "BACK", back)
	const http = `log_format f "$uri $status $body_bytes_sent $sent_http_content_length $sent_http_etag $sent_http_content_type $upstream_cache_status";
		proxy_cache_path {dir}/cache keys_zone=z:1m; proxy_cache_key $arg_k;`
	theirs, ours := publicDir(t), t.TempDir()
	real := nginxtest.Start(t, theirs, http, text)
	addr, _ := serve(t, strings.ReplaceAll(http+"server { listen 127.0.0.1:%PORT%; "+text+" }", "{dir}", ours))
	want := converse(t, real.Addr)
	got := converse(t, addr)
	for i, w := range want {
		if got[i] != w {
			t.Errorf("step %d:\n%s\nnginx:\n%s", i, got[i], w)
		}
	}
	if want, got := logged(t, theirs+"/log", len(want)), logged(t, ours+"/log", len(want)); want != got {
		t.Errorf("log:\n%s\nnginx:\n%s", got, want)
	}
}

// converse asks for answers that are hot, and for variations of them, over one connection, and describes what came.
func converse(t *testing.T, addr string) (list []string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	r := bufio.NewReader(conn)
	ask := func(method, target, fields string) {
		if _, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n", method, target, fields); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("%s, step %d: %s %s: %v", addr, len(list), method, target, err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatalf("%s, step %d: %s %s: %v", addr, len(list), method, target, err)
		}
		var lines []string
		for name, values := range res.Header {
			if name != "Date" && name != "Server" {
				lines = append(lines, fmt.Sprint(name, values))
			}
		}
		slices.Sort(lines)
		list = append(list, fmt.Sprintf("%s %s %q: %s %q %q", method, target, fields, res.Status, lines, body))
	}
	for _, fields := range []string{"", "Range: bytes=1-2\r\n", "If-None-Match: \"a\"\r\n", "If-Modified-Since: Mon, 06 May 2024 07:08:09 GMT\r\n"} {
		for _, path := range []string{"/a?k=1", "/b?k=1", "/a?k=1", "/c?k=1&x=1", "/d?k=1", "/e?k=1", "/c?k=1", "/a?k=2"} {
			for range 3 {
				ask("GET", path, "")
			}
			ask("GET", path, fields)
			ask("HEAD", path, fields)
		}
	}
	ask("GET", "/a?k=1", "Connection: close\r\n")
	return list
}

// logged is a log of so many lines.
func logged(t *testing.T, file string, lines int) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		text, _ := os.ReadFile(file)
		if n := bytes.Count(text, []byte("\n")); n >= lines || time.Now().After(end) {
			return string(text)
		}
	}
}
