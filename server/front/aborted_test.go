package front_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Requests that end without a response have a line in the access log all the same: return 444, and a body that is awaited
// for longer than client_body_timeout, by a worker as by the reactor.
func TestAbortedIsLogged(t *testing.T) {
	addr, dir := serve(t, `log_format s "$status $uri"; server {
		listen 127.0.0.1:%PORT%; root %DIR%; access_log %DIR%/s.log s; client_body_timeout 300ms;
		location /none { return 444; }
		location /put { dav_methods PUT; }
	}`)
	for _, request := range []string{
		"GET /none HTTP/1.1\r\nHost: h\r\n\r\n", "PUT /put HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf",
	} {
		conn, began := dial(t, addr), time.Now()
		_, _ = io.WriteString(conn, request)
		_ = conn.SetReadDeadline(began.Add(59 * time.Second)) // the time-out that is the default is a minute
		if answer, err := io.ReadAll(conn); len(answer) > 0 || err != nil {
			t.Errorf("%q: %q %v after %v", request, answer, err, time.Since(began))
		}
	}
	eventually(t, "both are logged, in order", func() bool {
		log, _ := os.ReadFile(filepath.Join(dir, "s.log"))
		return string(log) == "444 /none\n408 /put\n"
	})
}
