package uwsgi

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

const application = `def application(env, start_response):
    body = env["wsgi.input"].read()
    start_response("202 Accepted", [("X-Long", env["HTTP_X_LONG"]), ("X-Custom", env["CUSTOM"])])
    return [env["REQUEST_METHOD"].encode(), b" ", env["PATH_INFO"].encode(), b" ", body]
`

// startUWSGI runs the real uWSGI on a unix socket.
func startUWSGI(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("uwsgi")
	if err != nil {
		t.Skip("install uwsgi with its python3 plugin to test against it")
	}
	dir := t.TempDir()
	file, socket := filepath.Join(dir, "app.py"), filepath.Join(dir, "sock")
	if err := os.WriteFile(file, []byte(application), 0o644); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd := exec.Command(program, "--plugin", "python3", "--wsgi-file", file, "--socket", socket, "--need-app", "--die-on-term")
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Skipf("uwsgi does not start here: %v", err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	for limit := time.After(time.Minute); ; {
		if c, err := net.Dial("unix", socket); err == nil {
			_ = c.Close()
			return socket
		}
		select {
		case <-ended:
			t.Skipf("uwsgi does not run here: %s", out.String())
		case <-limit:
			t.Fatal("uwsgi does not listen")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestAgainstUWSGI(t *testing.T) {
	socket := startUWSGI(t)
	long := strings.Repeat("x", 3000)
	for _, content := range []string{"", "hello", strings.Repeat("0123456789", 5000)} {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		request := packet(0, 0, [][2]string{
			{"REQUEST_METHOD", "POST"}, {"SERVER_PROTOCOL", "HTTP/1.1"}, {"REQUEST_URI", "/a"}, {"PATH_INFO", "/a"}, {"QUERY_STRING", ""},
			{"CONTENT_LENGTH", fmt.Sprint(len(content))}, {"SERVER_NAME", "s"}, {"SERVER_PORT", "80"}, {"CUSTOM", "set"}, {"HTTP_X_LONG", long},
		})
		if _, err := conn.Write(append(request, content...)); err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(conn)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		want := "HTTP/1.1 202 Accepted\r\nX-Long: " + long + "\r\nX-Custom: set\r\n\r\nPOST /a " + content
		if string(answer) != want {
			t.Errorf("content of %d bytes: %.100q", len(content), answer)
		}
	}
}

// NGINX sends the same bytes.
func TestRequestOfNginx(t *testing.T) {
	want := packet(0, 3, [][2]string{
		{"A", "/u"}, {"HTTP_X_SET", "mine"}, {"HTTP_HOST", "h"}, {"HTTP_X_REAL_IP", "::1"}, {"HTTP_CONTENT_LENGTH", "7"},
	})
	want = append(want, "hello\r\n"...)
	got := nginxtest.Passed(t, "uwsgi_pass %s; uwsgi_modifier2 3; uwsgi_param A $uri; uwsgi_param HTTP_X_SET mine; uwsgi_param EMPTY $arg_e if_not_empty;",
		"POST /u HTTP/1.1\r\nHost: h\r\nX-Set: theirs\r\nX-Real-IP: ::1\r\nContent-Length: 7\r\n\r\nhello", nginxtest.CGIAnswer(len(want)))
	if string(got) != string(want) {
		t.Errorf("\n%q\nnginx:\n%q", want, got)
	}
}
