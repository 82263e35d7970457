package front_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/front"
)

// build compiles a configuration that is given as the inside of http.
func build(t *testing.T, dir, text string) (*front.Plan, error) {
	t.Helper()
	return buildLogged(t, errlog.Writer(io.Discard, errlog.Error), dir, text)
}

// buildLogged is build with an error log.
func buildLogged(t *testing.T, log *errlog.Log, dir, text string) (*front.Plan, error) {
	t.Helper()
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte("events { }\nhttp { access_log off;\n"+text+"\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg, errs := conf.Load(file, conf.Options{Serving: true})
	if errs.Failed() {
		return nil, errs
	}
	plan, err := front.Build(cfg, front.Options{Prefix: dir})
	if err != nil {
		return nil, err
	}
	plan.Server.Reactors = 1
	return plan, plan.Runtime.Open(log)
}

func get(t *testing.T, conn net.Conn, target string) string {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, "GET "+target+" HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		return err.Error()
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err.Error()
	}
	body, _ := io.ReadAll(res.Body)
	return string(body)
}

// serving runs plan until the test ends.
func serving(t *testing.T, plan *front.Plan) *server.Server {
	t.Helper()
	s, err := server.New(plan.Server)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Shutdown(context.Background()) })
	return s
}

// A reload keeps connections and the listeners that stay, opens new ones and closes others.
func TestReload(t *testing.T) {
	dir, port := t.TempDir(), ports(t, 2)
	plan, err := build(t, dir, "server { listen 127.0.0.1:"+port[0]+"; return 200 one; }")
	if err != nil {
		t.Fatal(err)
	}
	s := serving(t, plan)
	conn, err := net.Dial("tcp", "127.0.0.1:"+port[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if got := get(t, conn, "/"); got != "one" {
		t.Fatalf("before: %q", got)
	}
	next, err := build(t, dir, "server { listen 127.0.0.1:"+port[0]+"; listen 127.0.0.1:"+port[1]+"; return 200 two; }")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Reload(next.Server); err != nil {
		t.Fatal(err)
	}
	if got := get(t, conn, "/"); got != "two" {
		t.Errorf("after, on a connection from before: %q", got)
	}
	second, err := net.Dial("tcp", "127.0.0.1:"+port[1])
	if err != nil {
		t.Fatalf("the new listener: %v", err)
	}
	if got := get(t, second, "/"); got != "two" {
		t.Errorf("on the new listener: %q", got)
	}
	_ = second.Close()
	last, err := build(t, dir, "server { listen 127.0.0.1:"+port[1]+"; return 200 three; }")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Reload(last.Server); err != nil {
		t.Fatal(err)
	}
	closed := false
	for range 6000 {
		c, err := net.Dial("tcp", "127.0.0.1:"+port[0])
		if closed = err != nil; closed {
			break
		}
		_ = c.Close()
		time.Sleep(10 * time.Millisecond)
	}
	if !closed {
		t.Error("the listener that is not named any more still accepts")
	}
	if got := get(t, conn, "/"); got != "three" {
		t.Errorf("on a connection whose listener is closed: %q", got)
	}
}

// A reload that cannot listen changes nothing.
func TestReloadFails(t *testing.T) {
	dir, port := t.TempDir(), ports(t, 1)[0]
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	plan, err := build(t, dir, "server { listen 127.0.0.1:"+port+"; return 200 one; }")
	if err != nil {
		t.Fatal(err)
	}
	s := serving(t, plan)
	next, err := build(t, dir, "server { listen 127.0.0.1:"+port+"; listen "+taken.Addr().String()+"; return 200 two; }")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Reload(next.Server); err == nil {
		t.Error("an address in use was no error")
	}
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if got := get(t, conn, "/"); got != "one" {
		t.Errorf("after a reload that failed: %q", got)
	}
}

// A Go application answers in a location, behind the location's own access rules.
func TestApp(t *testing.T) {
	app := pipeline.New()
	app.Get("/app/hello", func(c *pipeline.Ctx) error { return c.Text(200, "hello from Go") })
	app.Post("/app/echo", func(c *pipeline.Ctx) error {
		body, err := c.Body()
		if err != nil {
			return err
		}
		return c.Bytes(200, "text/plain", body)
	}, pipeline.Inline)
	front.RegisterApp("greeter", app)
	dir, port := t.TempDir(), ports(t, 1)[0]
	plan, err := build(t, dir, "server { listen 127.0.0.1:"+port+`; location /app/ { app greeter; add_header X-Front yes; }
		location /app/denied { deny all; app greeter; }
		location = /status { stub_status; } }`)
	if err != nil {
		t.Fatal(err)
	}
	serving(t, plan)
	for line, want := range map[string]string{
		"GET /app/hello":             "200 OK|hello from Go|yes",
		"POST /app/echo Body: again": "200 OK|again|yes",
		"GET /app/none":              "404 Not Found|",
		"GET /app/denied":            "403 Forbidden|",
		"GET /status":                "200 OK|Active connections: |server accepts handled requests",
	} {
		got := send([]string{port}, parseRequest(line))
		for part := range strings.SplitSeq(want, "|") {
			if !strings.Contains(got, part) {
				t.Errorf("%s: want %q in\n%s", line, part, got)
			}
		}
	}
	if _, err := build(t, dir, "server { listen 127.0.0.1:"+port+"; location / { app nobody; } }"); err == nil {
		t.Error("an application that nobody registered was no error")
	}
}
