// Package filtertest compares response filters with the real NGINX: the same files, the same directives, the same requests.
package filtertest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/static"
)

// Dir makes a directory of files.
func Dir(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// Files serves dir with our static files behind the filters, the outermost first.
func Files(tb testing.TB, dir string, opt static.Options, filters ...pipeline.Middleware) (addr string) {
	tb.Helper()
	opt.Root = dir
	files, err := static.New(opt)
	if err != nil {
		tb.Fatal(err)
	}
	app := pipeline.New()
	app.Use(filters...)
	app.Mount("/", files.Serve, pipeline.Inline)
	return Serve(tb, app)
}

// Serve serves an application on a free loopback port.
func Serve(tb testing.TB, app *pipeline.App) (addr string) {
	tb.Helper()
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app, Reactors: 1})
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Shutdown(ctx)
	})
	return s.Addrs()[0]
}

// Nginx serves dir with the real nginx on a free loopback port; http and srv are further directives of these blocks. The test
// is skipped where nginx is missing.
func Nginx(tb testing.TB, dir, http, srv string) (addr string) {
	tb.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		tb.Skip("install nginx to compare with it")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	addr = l.Addr().String()
	_ = l.Close()
	prefix := tb.TempDir()
	conf := filepath.Join(prefix, "nginx.conf")
	text := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/err;
events { worker_connections 64; }
http {
	access_log off; types { text/html html; text/plain txt; text/css css; application/javascript js; image/png png; } default_type application/octet-stream;
	client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	%[4]s
	server { listen %[2]s; root %[3]s; %[5]s }
}`, prefix, addr, dir, http, srv)
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(nginx, "-c", conf, "-p", prefix)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for range 100 {
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close()
			return addr
		}
		time.Sleep(20 * time.Millisecond)
	}
	tb.Fatal("nginx does not start: ", conf)
	return ""
}

// Types are the types that Nginx configures, for static.Options.
var Types = map[string]string{"html": "text/html", "txt": "text/plain", "css": "text/css", "js": "application/javascript", "png": "image/png"}

// Response is a response, its body as it was sent.
type Response struct {
	*http.Response
	Body string
}

// Get sends a request of HTTP/1.1, or of 1.0 when proto says so, with the given field lines.
func Get(tb testing.TB, addr, method, target, proto string, fields ...string) Response {
	tb.Helper()
	conn, err := net.DialTimeout("tcp", addr, time.Minute)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	text := method + " " + target + " HTTP/" + proto + "\r\nHost: localhost\r\nConnection: close\r\n"
	for _, f := range fields {
		text += f + "\r\n"
	}
	if _, err := io.WriteString(conn, text+"\r\n"); err != nil {
		tb.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		tb.Fatalf("%s %s: %v", method, target, err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		tb.Fatalf("%s %s: %v", method, target, err)
	}
	return Response{res, string(body)}
}

// Diff tells how two responses differ in their status and the named fields, "" when they do not.
func Diff(want, got Response, names ...string) string {
	if want.StatusCode != got.StatusCode {
		return fmt.Sprintf("status %d, nginx %d", got.StatusCode, want.StatusCode)
	}
	for _, name := range names {
		if w, g := want.Header.Values(name), got.Header.Values(name); fmt.Sprint(w) != fmt.Sprint(g) {
			return fmt.Sprintf("%s is %q, nginx has %q", name, g, w)
		}
	}
	return ""
}
