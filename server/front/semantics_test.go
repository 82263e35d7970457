package front_test

import (
	"strings"
	"testing"
)

// TestBesideNginx has what the RFCs ask for where NGINX does otherwise, or leaves it to chance.
func TestBesideNginx(t *testing.T) {
	addr, _ := serve(t, `server {
		listen 127.0.0.1:%PORT%; root %DIR%;
		location = /ok { return 200 "ok"; }
		location = /page { error_page 405 =200 /ok; }
		location /small/ { client_max_body_size 10; return 200 "ok"; }
		location /pixel { empty_gif; }
		location /status { stub_status; }
	}`)
	const (
		head  = " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
		allow = "\r\nAllow: GET, HEAD\r\n"
		te    = "Transfer-Encoding: chunked\r\n\r\n"
	)
	for _, test := range []struct {
		name, request, status string
		has, hasNot           string
	}{
		{"a method that files do not know", "PUT /ok.txt" + head + "\r\n", "405", allow, ""},
		{"one that only files of some size know", "DELETE /" + head + "\r\n", "405", allow, ""},
		{"a module with methods of its own", "POST /status" + head + "Content-Length: 0\r\n\r\n", "405", allow, ""},
		{"another", "POST /pixel" + head + "Content-Length: 0\r\n\r\n", "405", allow, ""},
		{"TRACE", "TRACE /ok" + head + "\r\n", "405", allow, "TRACE /ok"},
		{"405 that becomes 200", "PUT /page" + head + "\r\n", "200", "ok", "Allow"},
		{"a method in lower case", "get /ok" + head + "\r\n", "400", "", ""},
		{"a method with a sign", "G!T /ok" + head + "\r\n", "400", "", ""},
		{"a method with a dash", "M-SEARCH /ok" + head + "\r\n", "200", "ok", ""},
		{"the server as a whole", "OPTIONS *" + head + "\r\n", "200", "\r\nContent-Length: 0\r\n", ""},
		{"a fragment behind the host", "GET http://a#b" + head + "\r\n", "400", "", ""},
		{"a chunk within the limit", "POST /small/" + head + te + "a\r\n0123", "200", "ok", ""},
		{"a chunk over it, not here yet", "POST /small/" + head + te + "b\r\n0123", "413", "", ""},
		{"chunks over it together", "POST /small/" + head + te + "6\r\n012345\r\n5\r\n", "413", "", ""},
		{"a chunk of 4 GiB", "POST /small/" + head + te + "100000005\r\nhello\r\n0\r\n\r\n", "413", "", ""},
	} {
		got := raw(t, addr, test.request)
		if !strings.HasPrefix(got, "HTTP/1.1 "+test.status+" ") || !strings.Contains(got, test.has) ||
			test.hasNot != "" && strings.Contains(got, test.hasNot) || strings.Count(got, "HTTP/1.1 ") != 1 {
			t.Errorf("%s: %q", test.name, got)
		}
	}
}
