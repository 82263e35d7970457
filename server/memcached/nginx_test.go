package memcached

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// fake answers every request with what answer holds then, and closes the connection.
func fake(t *testing.T, requests chan<- string, answer *string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(time.Minute))
			line, _ := bufio.NewReader(conn).ReadString('\n')
			_, _ = io.WriteString(conn, *answer)
			_ = conn.Close()
			requests <- line
		}
	}()
	return l
}

// NGINX sends the same request, and of every answer that is complete it says the same: status, content, and words in its
// error log.
func TestAgainstNginx(t *testing.T) {
	answer, requests := "", make(chan string, 1)
	l := fake(t, requests, &answer)
	s := nginxtest.Start(t, t.TempDir(), "", `location / { set $memcached_key "$uri"; memcached_gzip_flag 2; memcached_pass `+l.Addr().String()+"; }")
	for _, path := range []string{"/a", "/a%20b%25%0d%0a!", "/%7f%c3%a4"} {
		answer = "END\r\n"
		s.Do("", "GET "+path+" HTTP/1.1\r\nHost: h\r\n")
		key := strings.NewReplacer("%20", " ", "%25", "%", "%0d", "\r", "%0a", "\n", "%7f", "\x7f", "%c3", "\xc3", "%a4", "\xa4").Replace(path)
		if got := <-requests; got != string(AppendGet(nil, []byte(key))) {
			t.Errorf("%s: nginx sends %q", path, got)
		}
	}
	for _, a := range answers {
		if strings.HasPrefix(a.name, "cut") || a.name == "nothing" || a.name == "the longest" {
			continue
		}
		answer = a.in
		before := len(s.Log())
		got := s.Do("", "GET /k HTTP/1.1\r\nHost: h\r\n")
		<-requests
		status, body, gzip, words := ours(a.in)
		if got.Status != status || status == 200 && got.Body != body || (got.Header.Get("Content-Encoding") == "gzip") != gzip {
			t.Errorf("%s: %d %q, nginx %d %q %v", a.name, status, body, got.Status, got.Body, got.Header)
		}
		if log := s.Log()[before:]; !strings.Contains(log, words) {
			t.Errorf("%s: %q is not in nginx's %q", a.name, words, log)
		}
	}
}

// ours is what a server makes of an answer to "get /k".
func ours(in string) (status int, body string, gzip bool, words string) {
	var r Reader
	key := []byte("/k")
	n, v := r.Head([]byte(in), key, 2)
	switch {
	case v.Refused():
		return 502, "", false, string(AppendRefusal(nil, v, []byte(in), key))
	case v == NotFound:
		return 404, "", false, string(AppendRefusal(nil, v, []byte(in), key))
	}
	for rest := []byte(in[n:]); len(rest) > 0; {
		data, n, v := r.Next(rest)
		if body += string(data); v == BadTrailer {
			return 200, body, r.Gzip(), InvalidTrailer
		}
		rest = rest[n:]
	}
	return 200, body, r.Gzip(), ""
}
