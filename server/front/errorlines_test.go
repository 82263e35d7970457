package front_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The error log tells of a request what NGINX's does, in its words where they matter to who reads logs by program.
func TestErrorLines(t *testing.T) {
	addr, dir := serve(t, `server { listen 127.0.0.1:%PORT%; server_name s; root %DIR%; error_log %DIR%/e.log info;
		location /named { try_files /none @none; }
		location /cycle { try_files /none /cycle/x; }
		location /back { error_page 404 @back; recursive_error_pages on; return 404; }
		location @back { error_page 404 @back; recursive_error_pages on; return 404; }
		location /sub { auth_request /gone; }
		location /dav { dav_methods PUT; }
	}`)
	const behind = `, client: 127.0.0.1, server: s, request: "`
	for _, c := range []struct{ send, want string }{
		{"GET /named HTTP/1.1\r\nHost: a\r\n\r\n", `[error] could not find named location "@none"` + behind + `GET /named HTTP/1.1", host: "a"`},
		{"GET /cycle HTTP/1.1\r\nHost: a\r\n\r\n", `[error] rewrite or internal redirection cycle while internally redirecting to "/cycle/x"` + behind + "GET /cycle "},
		{"GET /back HTTP/1.1\r\nHost: a\r\n\r\n", `[error] rewrite or internal redirection cycle while redirect to named location "@back"` + behind + "GET /back "},
		{"GET /sub HTTP/1.1\r\nHost: a\r\n\r\n", `/gone" failed (2: No such file or directory)` + behind + `GET /sub HTTP/1.1", subrequest: "/gone", host: "a"`},
		{"GET /sub HTTP/1.1\r\nHost: a\r\n\r\n", `[error] auth request unexpected status: 404` + behind + "GET /sub "},
		{"PUT /dav/x/y HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", `/dav/x/.put-`},
		{"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", `[info] client sent invalid request (request target) while reading client request headers` + behind + `GET /%00 HTTP/1.1"`},
		{"get / HTTP/1.1\r\n\r\n", `[info] client sent invalid request (malformed method) while reading client request line, client: 127.0.0.1, server: s`},
		{"GET / HTTP/1.1\r\n\r\n", `[info] client sent invalid request (HTTP/1.1 request without Host) while reading client request headers` + behind + `GET / HTTP/1.1"`},
		{"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", `[info] client sent invalid request (malformed Content-Length) while reading client request headers` + behind},
	} {
		conn := dial(t, addr)
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		if _, err := io.WriteString(conn, c.send); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAtLeast(conn, make([]byte, 4096), 12); err != nil {
			t.Errorf("%q: %v", c.send, err)
		}
		var text []byte
		eventually(t, c.want, func() bool {
			text, _ = os.ReadFile(filepath.Join(dir, "e.log"))
			return strings.Contains(connections(text), c.want)
		})
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "e.log")); bytes.Contains(text, []byte("logger=")) {
		t.Errorf("a line of another log:\n%s", text)
	}
}

// connections takes the numbers of processes and connections out of an error log.
func connections(text []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		level := line[strings.IndexByte(line, '['):]
		level, rest, _ := strings.Cut(level, "] ")
		_, rest, _ = strings.Cut(rest, ": ")
		if strings.HasPrefix(rest, "*") {
			_, rest, _ = strings.Cut(rest, " ")
		}
		b.WriteString(level + "] " + rest)
	}
	return b.String()
}
