package scgi

import (
	"testing"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// NGINX sends the same bytes.
func TestRequestOfNginx(t *testing.T) {
	want := request(7, [][2]string{
		{"SCGI", "1"}, {"A", "/u"}, {"HTTP_X_SET", "mine"}, {"HTTP_HOST", "h"}, {"HTTP_X_REAL_IP", "::1"}, {"HTTP_CONTENT_LENGTH", "7"},
	})
	want = append(want, "hello\r\n"...)
	got := nginxtest.Passed(t, "scgi_pass %s; scgi_param SCGI 1; scgi_param A $uri; scgi_param HTTP_X_SET mine; scgi_param EMPTY $arg_e if_not_empty;",
		"POST /u HTTP/1.1\r\nHost: h\r\nX-Set: theirs\r\nX-Real-IP: ::1\r\nContent-Length: 7\r\n\r\nhello", nginxtest.CGIAnswer(len(want)))
	if string(got) != string(want) {
		t.Errorf("\n%q\nnginx:\n%q", want, got)
	}
}
