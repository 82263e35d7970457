package front_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// both serves a server block's directives with the real nginx and with us, and runs a test with the address of each.
func both(t *testing.T, dir, text string, test func(t *testing.T, addr string)) {
	t.Helper()
	real := nginxtest.Start(t, dir, "", text)
	addr, _ := serve(t, "server { listen 127.0.0.1:%PORT%; root "+dir+";\n"+strings.ReplaceAll(text, "{dir}", dir)+"}")
	t.Run("nginx", func(t *testing.T) { test(t, real.Addr) })
	t.Run("ours", func(t *testing.T) { test(t, addr) })
}

// publicDir is a directory that nginx's workers can read.
func publicDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A closing connection takes what its client still sends as long as lingering_close, lingering_time and lingering_timeout say.
// Each time is either far longer than the test, or may be passed by any amount.
func TestLingering(t *testing.T) {
	const unread, whole = "Content-Length: 1000000\r\n", ""
	for _, c := range []struct {
		name, conf, fields string
		every              time.Duration // between two bytes that are sent
		lasts              bool          // and they are taken
	}{
		{"default", "", unread, 50 * time.Millisecond, true},
		{"off", "lingering_close off;", unread, 50 * time.Millisecond, true}, // as the length of the content is known
		{"on", "lingering_close on;", whole, 50 * time.Millisecond, false},
		{"always", "lingering_close always; lingering_time 1h; lingering_timeout 1h;", whole, 50 * time.Millisecond, true},
		{"time", "lingering_time 300ms; lingering_timeout 1h;", unread, 50 * time.Millisecond, false},
		{"time0", "lingering_time 0;", unread, 50 * time.Millisecond, false},
		{"timeout", "lingering_time 1h; lingering_timeout 100ms;", unread, 500 * time.Millisecond, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			both(t, publicDir(t), "location / { "+c.conf+" return 200 ok; }", func(t *testing.T, addr string) {
				conn := dial(t, addr)
				_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"+c.fields+"\r\n")
				readAnswer(t, conn)
				if lasts := takes(conn, c.every, c.lasts); lasts != c.lasts {
					t.Errorf("it takes what is sent: %v", lasts)
				}
			})
		})
	}
}

// readAnswer reads up to the end of the content "ok": nginx does not end its side before it is done with lingering.
func readAnswer(t *testing.T, conn net.Conn) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	for answer := []byte(nil); !bytes.HasSuffix(answer, []byte("\r\n\r\nok")); {
		buf := make([]byte, 4096)
		n, err := conn.Read(buf)
		if answer = append(answer, buf[:n]...); err != nil {
			t.Fatalf("%q, %v", answer, err)
		}
	}
}

// takes tells whether the other side still takes bytes: after a second when it is to, and within a minute when it is not.
func takes(conn net.Conn, every time.Duration, expected bool) bool {
	bound := time.Minute
	if expected {
		bound = time.Second
	}
	for end := time.Now().Add(bound); time.Now().Before(end); time.Sleep(every) {
		if _, err := conn.Write([]byte("x")); err != nil {
			return false
		}
	}
	return true
}

// reset_timedout_connection has requests that time out, and return 444, end with a reset.
func TestResetTimedOut(t *testing.T) {
	for _, on := range []string{"off", "on"} {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			text := "reset_timedout_connection " + on + "; client_header_timeout 200ms; location /444 { return 444; }"
			both(t, publicDir(t), text, func(t *testing.T, addr string) {
				for _, request := range []string{"GET / HTTP/1.1\r\nHo", "GET /444 HTTP/1.1\r\nHost: a\r\n\r\n"} {
					conn := dial(t, addr)
					_, _ = io.WriteString(conn, request)
					_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
					_, err := io.ReadAll(conn)
					if reset := errors.Is(err, syscall.ECONNRESET); reset != (on == "on") {
						t.Errorf("%q: %v", request, err)
					}
				}
			})
		})
	}
}

// So does a response whose client takes nothing for send_timeout.
func TestResetSlowReader(t *testing.T) {
	for _, on := range []string{"off", "on"} {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			dir := publicDir(t)
			if err := os.WriteFile(filepath.Join(dir, "big"), make([]byte, 32<<20), 0o644); err != nil {
				t.Fatal(err)
			}
			text := "reset_timedout_connection " + on + "; send_timeout 300ms; access_log {dir}/LOG;"
			logs := 0
			both(t, dir, text, func(t *testing.T, addr string) {
				conn := dial(t, addr)
				_, _ = io.WriteString(conn, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
				logs++
				for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) { // until it is over
					if log, _ := os.ReadFile(filepath.Join(dir, "LOG")); bytes.Count(log, []byte("\n")) >= logs {
						break
					}
				}
				n, err := io.Copy(io.Discard, conn)
				if reset := errors.Is(err, syscall.ECONNRESET); reset != (on == "on") || n > 32<<20 {
					t.Errorf("%d bytes, %v", n, err)
				}
			})
		})
	}
}
