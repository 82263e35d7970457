// Package nginxtest runs the real nginx on loopback, so that tests can send the same requests to it and to Wheelpit. Without
// nginx such tests are skipped.
package nginxtest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Server is a running nginx. It ends with its test.
type Server struct {
	// Addr is "127.0.0.1:port"; it listens on [::1] with the same port and, at Socket, on a unix socket too.
	Addr, Socket string
	// Dir is a directory of its own, readable by nginx.
	Dir string

	tb testing.TB
}

const frame = `daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log info;
events { worker_connections 256; }
http {
	access_log off; default_type text/plain; server_names_hash_bucket_size 128;
	client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	%[2]s
	server { listen 127.0.0.1:%[3]s; listen [::1]:%[3]s; listen unix:%[1]s/sock; root %[1]s; keepalive_timeout 0;
	%[4]s
	}
}`

// Start runs nginx with directives for its http block and for its one server. {dir} in them stands for Dir.
func Start(tb testing.TB, dir, http, server string) *Server {
	tb.Helper()
	s := &Server{Socket: filepath.Join(dir, "sock"), Dir: dir, tb: tb}
	s.Addr = Launch(tb, dir, func(addr string) string {
		_ = os.Remove(s.Socket) // a start that failed leaves it
		_, port, _ := net.SplitHostPort(addr)
		return strings.ReplaceAll(fmt.Sprintf(frame, dir, http, port, server), "{dir}", dir)
	})
	return s
}

// Answer is a response of nginx.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Do sends head, whose lines end in "\r\n", without its empty line, from an address of this machine: "127.0.0.2", "::1", or
// "unix:". An empty from is 127.0.0.1.
func (s *Server) Do(from, head string) Answer {
	s.tb.Helper()
	conn, err := s.dial(from)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, head+"\r\n"); err != nil {
		s.tb.Fatal(err)
	}
	method, _, _ := strings.Cut(head, " ")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		s.tb.Fatalf("%q: %v", head, err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.tb.Fatalf("%q: %v", head, err)
	}
	return Answer{res.StatusCode, res.Header, string(body)}
}

func (s *Server) dial(from string) (net.Conn, error) {
	if from == "unix:" {
		return net.Dial("unix", s.Socket)
	}
	if from == "" {
		from = "127.0.0.1"
	}
	ip := net.ParseIP(from)
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: ip}, Timeout: time.Minute}
	if ip.To4() == nil {
		_, port, _ := net.SplitHostPort(s.Addr)
		return d.Dial("tcp", net.JoinHostPort("::1", port))
	}
	return d.Dial("tcp", s.Addr)
}

// Log returns what nginx wrote to its error log.
func (s *Server) Log() string {
	b, _ := os.ReadFile(filepath.Join(s.Dir, "error.log"))
	return string(b)
}
