package front_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What was said to one client stays with it: a response that lies ready is made of none that has fields of an upstream, of an error,
// or of another type, and is not sent in the place of such a one. All requests go to one reactor, where the ready ones lie.
func TestFieldsOfOneClientAreNotKept(t *testing.T) {
	const answer = "HTTP/1.1 200 OK\r\nX-Accel-Redirect: %s\r\n%s\r\nContent-Length: 2\r\n\r\nok"
	back := startBackend(t, map[string]string{
		"/file":      fmt.Sprintf(answer, "/f.txt", "Set-Cookie: session=one"),
		"/other":     fmt.Sprintf(answer, "/f.txt", "Set-Cookie: session=two"),
		"/type":      fmt.Sprintf(answer, "/f.txt", "Content-Type: a/b"),
		"/text":      fmt.Sprintf(answer, "/said", "Set-Cookie: session=one"),
		"/texttype":  fmt.Sprintf(answer, "/said", "Content-Type: a/b"),
		"/who":       "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 2\r\n\r\nok",
		"/fixed/who": "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 2\r\n\r\nok",
	})
	addr, dir := serve(t, `server { listen 127.0.0.1:%PORT%; root %DIR%; proxy_http_version 1.1; keepalive_requests 1000;
		location / { proxy_pass http://127.0.0.1:`+back+`; proxy_intercept_errors on; error_page 401 =200 /f.txt; }
		location /fixed/ { proxy_pass http://127.0.0.1:`+back+`; proxy_intercept_errors on; error_page 401 = /said; }
		location = /f.txt { }
		location = /said { return 200 said; } }`)
	if err := os.WriteFile(filepath.Join(dir, "f.txt"), []byte("file"), 0o600); err != nil {
		t.Fatal(err)
	}
	conn := dial(t, addr)
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	in := bufio.NewReader(conn)
	ask := func(path string) string {
		_, _ = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n")
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(path, err)
		}
		body, _ := io.ReadAll(res.Body)
		h := res.Header
		return strings.Join([]string{res.Status[:3], h.Get("Content-Type"), h.Get("Set-Cookie"), h.Get("WWW-Authenticate"), string(body)}, "|")
	}
	want := map[string]string{
		"/file": "200|text/plain|session=one||file", "/other": "200|text/plain|session=two||file", "/type": "200|a/b|||file",
		"/who": "200|text/plain||Basic realm=x|file", "/f.txt": "200|text/plain|||file",
		"/text": "200|text/plain|session=one||said", "/texttype": "200|a/b|||said",
		"/fixed/who": "200|text/plain||Basic realm=x|said", "/said": "200|text/plain|||said",
	}
	paths := []string{"/file", "/file", "/f.txt", "/other", "/who", "/type", "/f.txt", "/f.txt", "/type", "/file",
		"/text", "/text", "/said", "/texttype", "/fixed/who", "/said", "/said", "/texttype", "/text", "/fixed/who"}
	for i, path := range append(paths, paths...) {
		if got := ask(path); got != want[path] {
			t.Errorf("%d: %s: %s, want %s", i, path, got, want[path])
		}
	}
}
