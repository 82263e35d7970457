package front_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// unreadBodies are locations that answer without reading the content of a request, on the reactor and on workers, with and without an
// internal redirect on the way.
const unreadBodies = `
	client_max_body_size 8m;
	location /return { return 200 some; }
	location /redirect { return 302 /next; }
	location /forbidden { return 403; }
	location /page { error_page 404 /file; return 404; }
	location /named { error_page 404 = @named; return 404; }
	location @named { return 200 named; }
	location /rewritten { rewrite ^ /return last; }
	location /try { try_files /none /return; }
	location /file { error_page 405 =200 $uri; }
	location /index/ { autoindex on; error_page 405 /file; }
	location /secret { auth_basic x; auth_basic_user_file %DIR%/users; }
	location /denied { deny all; }
	location /close { keepalive_timeout 0; return 200 some; }
	location /broken { return 500; }
	location /unimplemented { return 501; }
	location /small { client_max_body_size 1k; return 200 small; }
	location /small-page { client_max_body_size 1k; error_page 413 /file; return 200 small; }
	location /short { client_max_body_size 0; lingering_time 1s; return 200 some; }
	location /shorter { client_max_body_size 0; lingering_timeout 500ms; return 200 some; }
	location /abrupt { lingering_close off; return 200 some; }
	location /gone { return 444; }
	location /buffered { proxy_pass %BACK%; }
	location /whole { proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_pass %BACK%; }
	location /next { return 200 next; }
`

// unreadServers starts both servers with unreadBodies.
func unreadServers(t *testing.T) map[string]string {
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or nginx finds it reset, at times
		_, _ = io.WriteString(w, "from behind")
	}))
	t.Cleanup(back.Close)
	dir := publicDir(t)
	for name, text := range map[string]string{"file": "a file", "users": "", "index/a": ""} {
		_ = os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.NewReplacer("%DIR%", dir, "%BACK%", back.URL).Replace(unreadBodies)
	real := nginxtest.Launch(t, dir, func(addr string) string {
		return fmt.Sprintf("daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log; events { } http {\n"+
			"access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;\n"+
			"server { listen %[2]s; root %[1]s; %[3]s } }", dir, addr, text)
	})
	ours, _ := serve(t, "server { listen 127.0.0.1:%PORT%; root "+dir+"; "+text+" }")
	return map[string]string{"nginx": real, "ours": ours}
}

// heads are the status lines and the fields about the connection of all answers.
var heads = regexp.MustCompile(`HTTP/1\.1 [1-9].*|Connection: .*`)

// What becomes of a connection whose request has content that nobody reads, short or long, with its length or in chunks, kept or not, is
// what becomes of it with NGINX, and so are the statuses.
func TestUnreadBodyAsNginx(t *testing.T) {
	t.Parallel()
	servers := unreadServers(t)
	const next = "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
	for _, path := range regexp.MustCompile(`location (/\S+)`).FindAllStringSubmatch(unreadBodies, -1) {
		for _, size := range []int{5, 100 << 10, 2 << 20} {
			for _, line := range []string{"HTTP/1.1\r\nHost: a", "HTTP/1.1\r\nHost: a\r\nConnection: close", "HTTP/1.0\r\nConnection: keep-alive", "HTTP/1.1\r\nHost: a\r\nExpect: 100-continue"} {
				for _, chunked := range []bool{false, true} {
					if chunked && (strings.HasPrefix(line, "HTTP/1.0") || strings.HasPrefix(path[1], "/small")) {
						continue // that is said elsewhere to be different
					}
					framing, body := fmt.Sprintf("Content-Length: %d", size), strings.Repeat("x", size)
					if chunked {
						framing, body = "Transfer-Encoding: chunked", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", size, body)
					}
					text := fmt.Sprintf("POST %s %s\r\n%s\r\n\r\n", path[1], line, framing) + body + next
					want, got := wireSummary(t, servers["nginx"], text), wireSummary(t, servers["ours"], text)
					if expects := strings.HasSuffix(line, "100-continue"); expects && strings.Contains(want, " 40") {
						// nginx takes what follows for the body, which a client need not send behind a refusal (RFC 9110 section 10.1.1): here
						// the connection ends, unless the body was here already
						want, _, _ = strings.Cut(want, ", ")
						got, _, _ = strings.Cut(got, ", ")
					}
					if want != got {
						t.Errorf("%s, %d bytes, chunked %v, %q:\nnginx %s\nours  %s", path[1], size, chunked, line, want, got)
					}
				}
			}
		}
	}
}

// wireSummary sends text and returns what the answers say of themselves and of the connection, and their last content.
func wireSummary(t *testing.T, addr, text string) string {
	t.Helper()
	conn := dial(t, addr)
	go func() { _, _ = io.WriteString(conn, text) }()
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	b, err := io.ReadAll(conn)
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		t.Errorf("%.40q: the connection stays", text)
	}
	last := ""
	if strings.HasSuffix(string(b), "\r\n\r\nnext") {
		last = "next"
	}
	return strings.ReplaceAll(strings.Join(append(heads.FindAllString(string(b), -1), last), ", "), "\r", "")
}

// Who goes on sending, or sends nothing more, has the connection for lingering_time, or lingering_timeout; the answer is there at once.
func TestUnreadBodyEndsAsNginx(t *testing.T) {
	t.Parallel()
	servers := unreadServers(t)
	for name, addr := range servers {
		for _, framing := range []string{"Content-Length: 100000000000", "Transfer-Encoding: chunked"} {
			for _, path := range []string{"/short", "/shorter"} {
				began, conn := time.Now(), dial(t, addr)
				_, _ = io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: a\r\n"+framing+"\r\n\r\n")
				answer := make([]byte, 4096)
				n, err := conn.Read(answer)
				if err != nil || !strings.Contains(string(answer[:n]), "keep-alive") {
					t.Errorf("%s, %s, %s: %q, %v", name, path, framing, answer[:n], err)
				}
				_ = conn.SetDeadline(time.Now().Add(time.Minute))
				if path == "/short" {
					for piece := strings.Repeat("400\r\n"+strings.Repeat("x", 1024)+"\r\n", 64); err == nil; {
						_, err = io.WriteString(conn, piece)
					}
				} else {
					_, err = io.Copy(io.Discard, conn)
				}
				if took := time.Since(began); os.IsTimeout(err) || path == "/shorter" && took < 300*time.Millisecond {
					t.Errorf("%s, %s, %s: it ends with %v after %v", name, path, framing, err, took)
				}
			}
		}
	}
}

// A client that waits for 100 Continue gets it from the first answer on, and from the one that is made ready for the next.
func TestContinueBesideReadyAnswers(t *testing.T) {
	t.Parallel()
	addr, dir := serve(t, "server { listen 127.0.0.1:%PORT%; root %DIR%; location /return { return 200 some; } location /file { error_page 405 =200 $uri; } }")
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("some"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/return", "/file"} {
		for i := range 4 {
			conn := dial(t, addr)
			_ = conn.SetDeadline(time.Now().Add(time.Minute))
			_, _ = io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
			out := ""
			for !strings.HasSuffix(out, "some") {
				b := make([]byte, 4096)
				n, err := conn.Read(b)
				if out += string(b[:n]); err != nil {
					t.Fatalf("%s, request %d: %q, %v", path, i, out, err)
				}
			}
			if !strings.HasPrefix(out, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n") || !strings.Contains(out, "keep-alive") {
				t.Errorf("%s, request %d: %q", path, i, out)
			}
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
