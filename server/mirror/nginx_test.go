package mirror_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/mirror"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// What the copies of the real nginx look like where they are sent to, and ours.
func TestAgainstNginx(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	copies := make(chan string, 100)
	recorder := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		copies <- fmt.Sprintf("%s %s ?%s name=%s body=%q", r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("X-Name"), body)
	})}
	go func() { _ = recorder.Serve(l) }()
	t.Cleanup(func() { _ = recorder.Close() })
	s := nginxtest.Start(t, t.TempDir(), "", `location /copy/ { internal; proxy_pass http://`+l.Addr().String()+`; }
		location /main { mirror /copy/a; mirror /copy/b; empty_gif; }
		location = /copy/short { internal; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_pass http://`+l.Addr().String()+`; }
		location /none { mirror /copy/short; mirror_request_body off; empty_gif; }`)
	for _, c := range []struct {
		location string
		uris     []string
		body     bool
	}{
		{"/main", []string{"/copy/a", "/copy/b"}, true}, {"/none", []string{"/copy/short"}, false},
	} {
		client, ours := site(t, mirror.Config{URIs: c.uris, Body: c.body})
		for _, r := range []struct{ method, query, body string }{
			{"GET", "", ""}, {"GET", "?a=b&c", ""}, {"HEAD", "", ""}, {"POST", "?x", "content"}, {"PUT", "", "more"}, {"DELETE", "", ""}, {"POST", "", ""}, {"POST", "", strings.Repeat("long", 10000)},
		} {
			head := fmt.Sprintf("%s %s%s HTTP/1.1\r\nHost: a\r\nX-Name: alice\r\n", r.method, c.location, r.query)
			opts := []pipelinetest.Option{pipelinetest.Header("X-Name", "alice")}
			if r.body != "" {
				head += fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(r.body), r.body)
				opts = append(opts, pipelinetest.Body("", r.body))
			}
			s.Do("", head)
			want := strings.Join(take(t, copies, len(c.uris)), "\n")
			client.Do(r.method, "/main"+r.query, opts...)
			if got := strings.Join(take(t, ours, len(c.uris)), "\n"); got != want {
				t.Errorf("%s %s%s: %.200s\nnginx %.200s", r.method, c.location, r.query, got, want)
			}
		}
	}
}
