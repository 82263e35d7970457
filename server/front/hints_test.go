package front_test

import (
	"io"
	"net"
	"strings"
	"testing"
)

// early_hints passes a 103 on when one of its values is neither empty nor "0", as the location says that answers.
func TestEarlyHints(t *testing.T) {
	const hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
	port := startBackend(t, map[string]string{"/a": hints + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"})
	addr, _ := serve(t, strings.ReplaceAll(`server {
		listen 127.0.0.1:%PORT%;
		early_hints $http_x_first $http_x_second;
		location / { proxy_pass http://127.0.0.1:%BACKEND%; proxy_set_header Connection ""; }
		location /off/ { early_hints 0 ""; proxy_pass http://127.0.0.1:%BACKEND%/; }
		location /on/ { early_hints 0 1; proxy_pass http://127.0.0.1:%BACKEND%/; }
	}`, "%BACKEND%", port))
	for _, test := range []struct {
		head string
		want bool
	}{
		{"GET /a HTTP/1.1", false},
		{"GET /a HTTP/1.1\r\nX-First: 0\r\nX-Second: 0", false},
		{"GET /a HTTP/1.1\r\nX-First: 0\r\nX-Second: 1", true},
		{"GET /a HTTP/1.1\r\nX-First: yes", true},
		{"POST /a HTTP/1.1\r\nContent-Length: 0\r\nX-First: 1", true},
		{"GET /off/a HTTP/1.1\r\nX-First: 1", false},
		{"GET /on/a HTTP/1.1", true},
		{"GET /on/a HTTP/1.0", false},
	} {
		conn := dial(t, addr)
		_, _ = io.WriteString(conn, test.head+"\r\nHost: a\r\nConnection: close\r\n\r\n")
		all, err := io.ReadAll(conn)
		if err != nil {
			t.Fatal(err)
		}
		rest, hinted := strings.CutPrefix(string(all), hints)
		if hinted != test.want || !strings.HasPrefix(rest, "HTTP/1.1 200 ") || !strings.HasSuffix(rest, "ok") {
			t.Errorf("%q: %q", test.head, all)
		}
		_ = conn.(*net.TCPConn).Close()
	}
}
