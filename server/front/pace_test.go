package front_test

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/errlog"
)

// serve runs the inside of http { }, in which %PORT% is a port of loopback, and returns the address and the prefix.
func serve(t *testing.T, text string) (addr, dir string) {
	t.Helper()
	return serveLogged(t, errlog.Writer(io.Discard, errlog.Error), text)
}

// serveLogged is serve with an error log.
func serveLogged(t *testing.T, log *errlog.Log, text string) (addr, dir string) {
	t.Helper()
	dir, addr = t.TempDir(), "127.0.0.1:"+ports(t, 1)[0]
	_, port, _ := net.SplitHostPort(addr)
	plan, err := buildLogged(t, log, dir, strings.NewReplacer("%PORT%", port, "%DIR%", dir).Replace(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(plan.Server)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Shutdown(ctx)
		plan.Runtime.Close()
	})
	return addr, dir
}

// dial opens a connection that ends with the test.
func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// A response with a rate arrives whole, not before its time, and whatever sends it; the next request of the connection
// waits, and is not slowed down itself.
func TestLimitRate(t *testing.T) {
	t.Parallel()
	addr, dir := serve(t, `server {
		listen 127.0.0.1:%PORT%; root %DIR%;
		limit_rate_after 1k;
		location /file { limit_rate 40k; }
		location /ssi { ssi on; ssi_types *; limit_rate $arg_rate; }
		location /set { set $limit_rate 40k; }
		location /asked { auth_request /ok; auth_request_set $limit_rate "${rate}k"; }
		location /ok { set $rate 40; return 204; }
		location /fast { limit_rate 0; return 200 $limit_rate; }
	}`)
	text := strings.Repeat("0123456789abcdef", 60<<10/16)
	for _, name := range []string{"file", "ssi", "set", "asked"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, target := range []string{"/file", "/ssi?rate=40k", "/set", "/asked"} {
		conn, began := dial(t, addr), time.Now()
		if got := get(t, conn, target); got != text {
			t.Errorf("%s: %d bytes", target, len(got))
		}
		if took := time.Since(began); took < 300*time.Millisecond || took > time.Minute {
			t.Errorf("%s took %v", target, took)
		}
		if got := get(t, conn, "/fast"); got != "0" {
			t.Errorf("behind %s: %q", target, got)
		}
	}
}

// An answer of an upstream has the rate to its end, however fast it comes and whether it waits for more in between.
func TestLimitRateOfProxied(t *testing.T) {
	for name, log := range map[string]string{"logged": "access_log logs/a.log;", "not logged": "access_log off;"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, dir := serve(t, log+`server {
				listen 127.0.0.1:%PORT%; root %DIR%;
				location /known { limit_rate 40k; proxy_pass http://127.0.0.1:%PORT%/up/file; }
				location /chunks { limit_rate 40k; proxy_http_version 1.1; proxy_pass http://127.0.0.1:%PORT%/ssi/file; }
				location /file { limit_rate 40k; proxy_buffers 2 4k; proxy_buffer_size 4k; proxy_busy_buffers_size 4k; proxy_pass http://127.0.0.1:%PORT%/up/file; }
				location /sub { limit_rate 40k; sub_filter 0 0; sub_filter_types *; proxy_pass http://127.0.0.1:%PORT%/up/file; }
				location /up/ { alias %DIR%/; }
				location /ssi/ { ssi on; ssi_types *; alias %DIR%/; }
				location /fast { return 200 fast; }
			}`)
			text := strings.Repeat("0123456789abcdef", 60<<10/16)
			if err := os.WriteFile(filepath.Join(dir, "file"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			for _, target := range []string{"/known", "/chunks", "/file", "/sub"} {
				conn, began := dial(t, addr), time.Now()
				if got := get(t, conn, target); got != text {
					t.Errorf("%s: %d bytes", target, len(got))
				}
				if took := time.Since(began); took < 300*time.Millisecond {
					t.Errorf("%s took %v", target, took)
				}
				if got := get(t, conn, "/fast"); got != "fast" {
					t.Errorf("behind %s: %q", target, got)
				}
			}
		})
	}
}

// sendfile_max_chunk of its default server is what an address is opened with.
func TestSendChunk(t *testing.T) {
	for text, want := range map[string]int64{"": 2 << 20, "sendfile_max_chunk 64k;": 64 << 10, "sendfile_max_chunk 0;": -1} {
		plan, err := build(t, t.TempDir(), text+"server { listen 127.0.0.1:8080; }")
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Specs[0].SendChunk; got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
		plan.Runtime.Close()
	}
}

func TestLimitRateOfPipelined(t *testing.T) {
	t.Parallel()
	addr, dir := serve(t, `server { listen 127.0.0.1:%PORT%; root %DIR%; location /a { limit_rate 20k; } location /b { return 200 end; } }`)
	if err := os.WriteFile(filepath.Join(dir, "a"), make([]byte, 25<<10), 0o644); err != nil {
		t.Fatal(err)
	}
	conn := dial(t, addr)
	_, _ = conn.Write([]byte("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	var all []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buf)
		all = append(all, buf[:n]...)
		if err != nil {
			break
		}
	}
	if n := strings.Count(string(all), "HTTP/1.1 200 OK"); n != 2 || !strings.HasSuffix(string(all), "end") || len(all) < 25<<10 {
		t.Errorf("%d responses in %d bytes", n, len(all))
	}
}
