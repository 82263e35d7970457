package front_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// raw sends bytes and returns what comes until the server closes.
func raw(t *testing.T, addr, text string) string {
	t.Helper()
	conn := dial(t, addr)
	_, _ = io.WriteString(conn, text)
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	b, err := io.ReadAll(conn)
	if err != nil {
		t.Errorf("%q: %v", text, err)
	}
	return string(b)
}

// Fields that can be there once only are refused when they come twice, and no others.
func TestFieldsOnce(t *testing.T) {
	addr, _ := serve(t, `server { listen 127.0.0.1:%PORT%; location / { return 200 "$http_x_a|$content_type"; } }`)
	for name, status := range map[string]string{
		"If-Modified-Since": "400", "If-Unmodified-Since": "400", "If-Match": "400", "If-None-Match": "400", "Content-Range": "400",
		"If-Range": "400", "Authorization": "400", "Content-Length": "400", "Host": "400", "X-A": "200", "Content-Type": "200", "Cookie": "200", "Via": "200",
	} {
		const once, twice = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s\r\n", "%[1]s: 1\r\n%[1]s: 1\r\n"
		answer := raw(t, addr, fmt.Sprintf(once, fmt.Sprintf(twice, name)))
		if !strings.HasPrefix(answer, "HTTP/1.1 "+status+" ") {
			t.Errorf("%s twice: %q", name, answer)
		}
		if name == "Content-Type" && !strings.HasSuffix(answer, "|1, 1") {
			t.Errorf("$content_type: %q", answer)
		}
	}
}

// A directory that stands for another status is 301, and a URI that try_files finds beneath the alias of an expression is a file.
func TestFilesByOtherWays(t *testing.T) {
	addr, dir := serve(t, `server { listen 127.0.0.1:%PORT%; root %DIR%;
		location = /302 { error_page 302 /sub; return 302 first; }
		location = /405 { error_page 405 /sub/a.txt; return 405; }
		location ~ ^/re/(?<name>[^/]+)(?<rest>.*)$ { alias %DIR%/$name; try_files $rest $rest/ =404; }
	}`)
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sub", "a.txt"), []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string][2]string{
		"/302": {"HTTP/1.1 301 ", "/sub/\r\n"}, "/405": {"HTTP/1.1 405 ", "text"},
		"/re/sub/a.txt": {"HTTP/1.1 200 ", "text"}, "/re/sub/b.txt": {"HTTP/1.1 404 ", ""}, "/re/none/a.txt": {"HTTP/1.1 404 ", ""},
	} {
		answer := raw(t, addr, "GET "+target+" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		if !strings.HasPrefix(answer, want[0]) || !strings.Contains(answer, want[1]) || strings.Contains(answer, "first") {
			t.Errorf("%s: %q", target, answer)
		}
	}
}

// $sent_trailer_name has all the trailers of the name that stand before it.
func TestSentTrailer(t *testing.T) {
	addr, _ := serve(t, `server { listen 127.0.0.1:%PORT%; location / {
		add_trailer A 1; add_trailer A 2; add_trailer B <$sent_trailer_a>; add_trailer C <$sent_trailer_none>; return 200 x; } }`)
	answer := raw(t, addr, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	if !strings.HasSuffix(answer, "\r\n0\r\nA: 1\r\nA: 2\r\nB: <1, 2>\r\nC: <>\r\n\r\n") {
		t.Errorf("%q", answer)
	}
}
