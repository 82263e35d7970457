package front_test

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// A body in chunks that nobody reads is dropped, be it longer than client_max_body_size, and the next request of the connection is
// answered; but not for longer than lingering_time.
func TestUnreadChunksAsNginx(t *testing.T) {
	const text = "client_max_body_size 1m; location / { keepalive_timeout 75s; return 200 some; } location /short { lingering_time 1s; return 200 some; } location /next { return 200 next; }"
	real := nginxtest.Start(t, publicDir(t), "", text)
	ours, _ := serve(t, "server { listen 127.0.0.1:%PORT%; "+text+" }")
	const head, next = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
	chunks := func(size int) string { return strings.Repeat("400\r\n"+strings.Repeat("x", 1024)+"\r\n", size>>10) }
	for name, addr := range map[string]string{"nginx": real.Addr, "ours": ours} {
		for _, size := range []int{1 << 10, 300 << 10, 900 << 10, 2 << 20} {
			out := raw(t, addr, head+chunks(size)+"0\r\n\r\n"+next)
			if strings.Count(out, "HTTP/1.1 200 OK") != 2 || !strings.HasSuffix(out, "next") || strings.Count(out, "Connection: close") != 1 {
				t.Errorf("%s: %d bytes: %q", name, size, out)
			}
		}
		conn, piece := dial(t, addr), chunks(64<<10)
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		_, err := io.WriteString(conn, strings.Replace(head, "/", "/short", 1))
		for err == nil {
			_, err = io.WriteString(conn, piece)
		}
		if os.IsTimeout(err) {
			t.Errorf("%s: the connection goes on", name)
		}
	}
}

// What client_max_body_size refused is not asked for, and nobody has it, or a part of it, who makes the page of the error.
func TestRefusedBodyIsKeptFromItsPage(t *testing.T) {
	back := startBackend(t, nil)
	const text = `client_max_body_size 5; proxy_http_version 1.1;
		location / { proxy_pass http://127.0.0.1:%BACKEND%; error_page 413 @page; }
		location /stream { proxy_request_buffering off; proxy_pass http://127.0.0.1:%BACKEND%; error_page 413 @page; }
		location /fine { proxy_pass http://127.0.0.1:%BACKEND%; error_page 413 =200 @page; }
		location @page { client_max_body_size 1m; proxy_request_buffering off; proxy_pass http://127.0.0.1:%BACKEND%; }`
	ours, _ := serve(t, "server { listen 127.0.0.1:%PORT%; "+strings.ReplaceAll(text, "%BACKEND%", back)+" }")
	for _, path := range []string{"/", "/stream", "/fine"} {
		head := "POST " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
		for _, pieces := range [][]string{
			{"Expect: 100-continue\r\nContent-Length: 10\r\n\r\n"},
			{"Content-Length: 400000\r\n\r\n", strings.Repeat("x", 400000)},
			{"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n", "4\r\nefgh\r\n4\r\nijkl\r\n0\r\n\r\n"},
		} {
			conn := dial(t, ours)
			_ = conn.SetDeadline(time.Now().Add(time.Minute))
			_, _ = io.WriteString(conn, head)
			for _, p := range pieces {
				time.Sleep(20 * time.Millisecond) // so that the server reads what came before by itself; it need not
				_, _ = io.WriteString(conn, p)
			}
			out, _ := io.ReadAll(conn)
			got, want := string(out), "HTTP/1.1 413 "
			if path == "/fine" {
				want = "HTTP/1.1 200 "
			}
			if !strings.HasPrefix(got, want) || !strings.Contains(got, "\nContent-Length: 0\n") || strings.Contains(got, "\r\nHTTP/1.1") || !strings.HasSuffix(got, "\n\n") {
				t.Errorf("%s %.40q: %q", path, pieces[0], got)
			}
		}
	}
}
