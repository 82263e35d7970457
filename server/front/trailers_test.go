package front_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// proxy_pass_trailers passes trailers on, before those of add_trailer; variables know what came and what was sent.
func TestPassTrailers(t *testing.T) {
	const chunks = "5\r\nhello\r\n0\r\nX-Sum: abc\r\nX-Sum: def\r\n\r\n"
	port := startBackend(t, map[string]string{"/a": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" + chunks})
	addr, dir := serve(t, strings.ReplaceAll(`log_format t "$upstream_trailer_x_sum|$sent_trailer_x_sum|$sent_trailer_x_own";
	server {
		listen 127.0.0.1:%PORT%; access_log %DIR%/t.log t;
		location / { proxy_pass http://127.0.0.1:%BACKEND%; }
		location /on/ { proxy_pass_trailers on; proxy_pass http://127.0.0.1:%BACKEND%/; }
		location /both/ { proxy_pass_trailers on; add_trailer X-Own "<$sent_trailer_x_sum>"; proxy_pass http://127.0.0.1:%BACKEND%/; }
		location /zip/ { proxy_pass_trailers on; gzip on; gzip_types *; gzip_min_length 0; proxy_pass http://127.0.0.1:%BACKEND%/; }
		location /unbuffered/ { proxy_pass_trailers on; proxy_buffering off; proxy_pass http://127.0.0.1:%BACKEND%/; }
		location /hidden/ { proxy_pass_trailers on; proxy_hide_header x-sum; proxy_pass http://127.0.0.1:%BACKEND%/; }
	}`, "%BACKEND%", port))
	for _, test := range []struct{ target, tail, log string }{
		{"/a", "hello\r\n0\r\n\r\n", "-|-|-"},
		{"/on/a", chunks, "abc, def|abc, def|-"},
		{"/both/a", "hello\r\n0\r\nX-Sum: abc\r\nX-Sum: def\r\nX-Own: <abc, def>\r\n\r\n", "abc, def|abc, def|<abc, def>"},
		{"/zip/a", "\r\n0\r\nX-Sum: abc\r\nX-Sum: def\r\n\r\n", "abc, def|abc, def|-"},
		{"/unbuffered/a", chunks, "abc, def|abc, def|-"},
		{"/hidden/a", "hello\r\n0\r\n\r\n", "abc, def|-|-"},
	} {
		_ = os.Truncate(filepath.Join(dir, "t.log"), 0)
		conn := dial(t, addr)
		_, _ = io.WriteString(conn, "GET "+test.target+" HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n")
		all, err := io.ReadAll(conn)
		if err != nil || !strings.HasSuffix(string(all), test.tail) {
			t.Errorf("%s: %q, %v, want %q at its end", test.target, all, err, test.tail)
		}
		eventually(t, "the log of "+test.target+" to say "+test.log, func() bool {
			log, _ := os.ReadFile(filepath.Join(dir, "t.log"))
			return string(log) == test.log+"\n"
		})
	}
}
