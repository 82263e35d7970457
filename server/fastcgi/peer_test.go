package fastcgi

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/fcgi"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/cgi"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// exchange sends a request and reads its answer with reads of a few bytes.
func exchange(t *testing.T, conn net.Conn, request []byte) (stdout string, r Reader) {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := conn.Write(request); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 13)
	for !r.Ended() {
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatalf("%v after %q", err, stdout)
		}
		for b := buf[:n]; len(b) > 0; {
			data, n, e := r.Next(b)
			if e.Refused() || e == Extra || e == Stderr {
				t.Fatalf("%s%d %q", r.AppendRefusal(nil), e, data)
			}
			stdout += string(data)
			b = b[n:]
		}
	}
	return stdout, r
}

// The other side is that of Go's standard library.
func TestAgainstNetHTTP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		_ = fcgi.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("X-Long", r.Header.Get("X-Long"))
			w.WriteHeader(http.StatusTeapot)
			_, _ = fmt.Fprintf(w, "%s %s %s %d ", r.Method, r.URL, fcgi.ProcessEnv(r)["CUSTOM"], len(body))
			_, _ = w.Write(body)
		}))
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	long := strings.Repeat("x", 1000)
	for _, content := range []string{"", "hello", strings.Repeat("0123456789", 20000)} { // on one connection
		out, r := exchange(t, conn, request(true, [][2]string{
			{"REQUEST_METHOD", "POST"}, {"SERVER_PROTOCOL", "HTTP/1.1"}, {"REQUEST_URI", "/a?b=c"}, {"CUSTOM", "set"},
			{"CONTENT_LENGTH", fmt.Sprint(len(content))}, {"HTTP_X_LONG", long},
		}, content))
		head, body, _ := strings.Cut(out, "\r\n\r\n")
		if !strings.HasPrefix(head, "Status: 418 I'm a teapot\r\n") || !strings.Contains(head, "X-Long: "+long) {
			t.Errorf("head %q", head)
		}
		if want := fmt.Sprintf("POST /a?b=c set %d %s", len(content), content); body != want {
			t.Errorf("content of %d bytes: %.40q", len(content), body)
		}
		if !r.Clean() || r.AppStatus() != 0 || r.ProtocolStatus() != RequestComplete {
			t.Errorf("not clean: %d %d", r.AppStatus(), r.ProtocolStatus())
		}
	}
}

// requestOf has nginx pass on a request and returns the bytes that it sent.
func requestOf(t *testing.T, directives, request string) []byte {
	t.Helper()
	return nginxtest.Passed(t, "fastcgi_pass %s;\n"+directives, request, func(conn net.Conn) []byte {
		var all bytes.Buffer
		for !bytes.HasSuffix(all.Bytes(), AppendStdinEnd(nil)) {
			if _, err := io.CopyN(&all, conn, 1); err != nil {
				break
			}
		}
		_, _ = io.WriteString(conn, rec(6, "\n", 0)+rec(6, "", 0)+rec(3, endOK, 0))
		return all.Bytes()
	})
}

// NGINX sends the same bytes.
func TestRequestOfNginx(t *testing.T) {
	long, content := strings.Repeat("l", 200), strings.Repeat("0123456789", 4000)
	theirs := requestOf(t, "fastcgi_param A $request_uri; fastcgi_param L $arg_l; fastcgi_param HTTP_X_SET mine; fastcgi_param HTTP_GONE '';",
		"POST /u?l="+long+" HTTP/1.1\r\nHost: h\r\nX-Set: theirs\r\nGone: g\r\nX-Long: "+long+"\r\nCookie: a; b\r\n"+
			"Content-Length: 40002\r\n\r\n"+content)
	ours := AppendBegin(nil, false)
	start := len(ours)
	ours = OpenParams(ours)
	fields := cgi.NewFields([]string{"A", "L", "HTTP_X_SET", "HTTP_GONE"})
	for _, p := range [][2]string{{"A", "/u?l=" + long}, {"L", long}, {"HTTP_X_SET", "mine"}} {
		ours = AppendParam(ours, p[0], p[1])
	}
	for _, f := range [][2]string{{"Host", "h"}, {"X-Set", "theirs"}, {"Gone", "g"}, {"X-Long", long}, {"Cookie", "a; b"}, {"Content-Length", "40002"}} {
		if fields.Skips([]byte(f[0])) {
			continue
		}
		at := len(ours)
		ours = append(OpenField(ours, []byte(f[0])), f[1]...)
		ours = CloseParam(ours, at)
	}
	ours, err := CloseParams(ours, start)
	if err != nil {
		t.Fatal(err)
	}
	head := len(ours)
	if len(theirs) < head || !bytes.Equal(ours, theirs[:head]) {
		t.Fatalf("\n%q\nnginx:\n%.1200q", ours, theirs)
	}
	// Where NGINX cuts the content depends on its buffers; the stream is the same.
	if got := stdinOf(t, theirs[head:]); got != content+"\r\n" {
		t.Errorf("content of %d bytes", len(got))
	}
}

func stdinOf(t *testing.T, records []byte) (content string) {
	t.Helper()
	for len(records) > 0 {
		n, pad := int(records[4])<<8|int(records[5]), int(records[6])
		want := AppendStdinHeader(nil, n)
		if !bytes.Equal(records[:8], want) {
			t.Fatalf("nginx's header % x, ours % x", records[:8], want)
		}
		content += string(records[8 : 8+n])
		records = records[8+n+pad:]
	}
	return content
}
