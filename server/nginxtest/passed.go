package nginxtest

import (
	"fmt"
	"io"
	"net"
	"testing"
	"time"
)

// Passed has NGINX pass a request on, and returns what the upstream gets of it. location are the directives of "location /", with %s
// for the address of the upstream; request is as for Server.Do. talk is the upstream's side of the connection: it returns what it has read, and has answered.
// The test is skipped without NGINX.
func Passed(tb testing.TB, location, request string, talk func(conn net.Conn) []byte) []byte {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	got := make(chan []byte, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		got <- talk(conn)
	}()
	s := Start(tb, tb.TempDir(), "", "location / { "+fmt.Sprintf(location, l.Addr())+" }")
	s.Do("", request)
	select {
	case b := <-got:
		return b
	case <-time.After(time.Minute):
		tb.Fatal("nginx sent no request")
	}
	return nil
}

// CGIAnswer is a talk for Passed that reads n bytes and answers with a status, as an application behind SCGI or uwsgi does.
func CGIAnswer(n int) func(conn net.Conn) []byte {
	return func(conn net.Conn) []byte {
		all := make([]byte, n)
		got, _ := io.ReadFull(conn, all)
		_, _ = io.WriteString(conn, "Status: 200\n\n")
		return all[:got]
	}
}
