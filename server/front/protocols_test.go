package front_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// A connection that an upstream keeps is used for the protocol alone that it was made for, whatever locations share the upstream.
func TestConnectionsOfOneProtocol(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	var mu sync.Mutex
	var heard [][]byte // the first byte of each packet, by connection
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			n := len(heard)
			heard = append(heard, nil)
			mu.Unlock()
			go func() {
				defer func() { _ = conn.Close() }()
				for buf := make([]byte, 64<<10); ; {
					if _, err := conn.Read(buf); err != nil {
						return
					}
					mu.Lock()
					heard[n] = append(heard[n], buf[0])
					mu.Unlock()
					if buf[0] != 'G' {
						return
					}
					_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				}
			}()
		}
	}()
	addr, _ := serve(t, `upstream u { server `+l.Addr().String()+`; keepalive 4; }
		server { listen 127.0.0.1:%PORT%;
		location /http { proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; }
		location /fast { fastcgi_pass u; fastcgi_keep_conn on; }
		location /wsgi { uwsgi_pass u; }
		location /scgi { scgi_pass u; } }`)
	client := dial(t, addr) // one connection, so one reactor
	for _, path := range []string{"/http", "/http", "/fast", "/http", "/wsgi", "/http", "/scgi", "/http"} {
		askOn(t, client, path)
	}
	mu.Lock()
	defer mu.Unlock()
	kept := 0
	for _, first := range heard {
		kept = max(kept, len(first))
		if n := bytes.Count(first, []byte("G")); n != 0 && n != len(first) {
			t.Errorf("one connection carried packets that begin %q", first)
		}
	}
	if kept < 2 {
		t.Errorf("no connection was kept: %q", heard)
	}
}

// askOn sends a request on a connection and reads the whole answer.
func askOn(t *testing.T, conn net.Conn, path string) {
	t.Helper()
	_, _ = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n")
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
}

// What memcached keeps has no type but that of the target, and is in gzip where its flags say so (memcached_gzip_flag).
func TestMemcachedFields(t *testing.T) {
	packed := string(zipped(t, "TESTTEST"))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				for in := bufio.NewReader(conn); ; {
					line, err := in.ReadString('\n')
					if err != nil {
						return
					}
					flags, value := "1", "plain"
					if strings.Contains(line, "zip") {
						flags, value = "6", packed
					}
					_, _ = fmt.Fprintf(conn, "VALUE %s %s %d\r\n%s\r\nEND\r\n", strings.Fields(line)[1], flags, len(value), value)
				}
			}()
		}
	}()
	addr, _ := serve(t, `server { listen 127.0.0.1:%PORT%; gunzip on; set $memcached_key $uri;
		location / { memcached_pass `+l.Addr().String()+`; memcached_gzip_flag 2; }
		location /unknown { memcached_pass `+l.Addr().String()+`; default_type application/x-any; } }`)
	for _, c := range []struct{ path, accept, coding, ctype, body string }{
		{"/zip.html", "gzip", "gzip", "text/html", packed},
		{"/zip.html", "", "", "text/html", "TESTTEST"},
		{"/plain", "gzip", "", "text/plain", "plain"},
		{"/unknown/zip", "gzip", "", "application/x-any", packed},
	} {
		req, _ := http.NewRequest("GET", "http://"+addr+c.path, nil)
		if req.Header.Set("Accept-Encoding", c.accept); c.accept == "" {
			req.Header.Set("Accept-Encoding", "identity")
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if got := resp.Header; err != nil || string(b) != c.body || got.Get("Content-Encoding") != c.coding || got.Get("Content-Type") != c.ctype {
			t.Errorf("%s, %q: %v %q, %v; want %q, %q, %q", c.path, c.accept, got, b, err, c.coding, c.ctype, c.body)
		}
	}
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
