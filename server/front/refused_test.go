package front_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The page of a head that is refused may come from an upstream, which gets a request of its own, and from a file; the connection ends
// behind it, and each has one line in the log.
func TestRefusedHeads(t *testing.T) {
	addr, dir := serve(t, `log_format s "$status $uri $connection_requests $request_length"; server {
		listen 127.0.0.1:%PORT%; root %DIR%; access_log %DIR%/s.log s; client_max_body_size 10;
		error_page 400 /up; error_page 505 =200 /page.txt; error_page 413 @large;
		location /up { access_log %DIR%/s.log s; proxy_pass http://127.0.0.1:%PORT%/back; }
		location /back { access_log off; return 200 "$request_method $content_length|"; }
		location @large { return 413 "$status $request_uri|"; }
	}`)
	if err := os.WriteFile(filepath.Join(dir, "page.txt"), []byte("page|"), 0o644); err != nil {
		t.Fatal(err)
	}
	log := ""
	for _, test := range []struct{ request, status, body, line string }{
		{"GARBAGE\r\n\r\nmore", "400", "GET |", "400 /up 1 0\n"},
		{"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\nbody", "400", "GET 0|", "400 /up 1 46\n"},
		{"GET /a HTTP/1.1\r\n\r\n", "400", "GET |", "400 /up 1 19\n"},
		{"GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "400", "GET |", "400 /up 1 35\n"},
		{"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n01234567890GET / HTTP/1.1\r\n\r\n", "413", "413 /a|", "413 /a 1 60\n"},
		{"GET /a HTTP/2.0\r\n\r\n", "200", "page|", "200 /page.txt 1 17\n"},
		{"GET /back HTTP/1.1\r\nHost: a\r\n\r\nGET /a HTTP/1.1\r\n\r\n", "200", "GET |", "400 /up 2 19\n"},
	} {
		for range 2 {
			log += test.line
			answer := raw(t, addr, test.request)
			if !strings.HasPrefix(answer, "HTTP/1.1 "+test.status+" ") || !strings.HasSuffix(answer, test.body) || !strings.Contains(answer, "Connection: close\r\n") {
				t.Errorf("%q: %q", test.request, answer)
			}
		}
	}
	var got []byte
	for range 6000 {
		if got, _ = os.ReadFile(filepath.Join(dir, "s.log")); len(got) >= len(log) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if string(got) != log {
		t.Errorf("log\n%s\nwant\n%s", got, log)
	}
}
