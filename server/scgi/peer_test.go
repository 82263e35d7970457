package scgi

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// NGINX sends the same bytes.
func TestRequestOfNginx(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	want := request(7, [][2]string{
		{"SCGI", "1"}, {"A", "/u"}, {"HTTP_X_SET", "mine"}, {"HTTP_HOST", "h"}, {"HTTP_X_REAL_IP", "::1"}, {"HTTP_CONTENT_LENGTH", "7"},
	})
	want = append(want, "hello\r\n"...)
	got := make(chan []byte, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		all := make([]byte, len(want))
		n, _ := io.ReadFull(conn, all)
		got <- all[:n]
		_, _ = io.WriteString(conn, "Status: 200\n\n")
		_ = conn.Close()
	}()
	s := nginxtest.Start(t, t.TempDir(), "", "location / { scgi_pass "+l.Addr().String()+
		"; scgi_param SCGI 1; scgi_param A $uri; scgi_param HTTP_X_SET mine; scgi_param EMPTY $arg_e if_not_empty; }")
	s.Do("", "POST /u HTTP/1.1\r\nHost: h\r\nX-Set: theirs\r\nX-Real-IP: ::1\r\nContent-Length: 7\r\n\r\nhello")
	select {
	case b := <-got:
		if string(b) != string(want) {
			t.Errorf("\n%q\nnginx:\n%q", want, b)
		}
	case <-time.After(time.Minute):
		t.Fatal("nginx sent no request")
	}
}
