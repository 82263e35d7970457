//go:build !race && !invariants

package front_test

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/front"
)

// budgets are allocations of a request that was asked before. The client's own are measured and taken off.
func TestAllocations(t *testing.T) {
	dir := site(t, nil)
	port := ports(t, 1)[0]
	file := filepath.Join(dir, "alloc.conf")
	text := `events { } http {
		access_log ` + dir + `/access.log;
		keepalive_requests 100000;
		map $uri $mapped { default 1; /x 2; }
		server {
			listen 127.0.0.1:` + port + `;
			root html;
			status_zone counted;
			location / { }
			location = /x { return 200 "ok\n"; }
			location = /var { return 200 "$uri $arg_a $mapped\n"; }
			location ~ ^/re/(.*)$ { rewrite ^/re/(.*)$ /$1 break; }
			location /add/ { alias ` + dir + `/html/; add_header X-A b; allow 127.0.0.1; deny all; }
			location /try/ { try_files /none $uri /a.txt; }
		}
	}`
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	startQuiet(t, dir, file)
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for target, budget := range map[string]float64{
		"/a.txt": 0, "/x": 0, "/": 0, "/var?a=1": 0, "/re/a.txt": 0, "/add/a.txt": 0, "/try/x": 0, "/nope": 0,
	} {
		if got := allocations(t, conn, target); got > budget+0.1 { // the clock and the collector allocate now and then
			t.Errorf("%s: %.2f allocations a request, the budget is %v", target, got, budget)
		}
	}
}

// allocations counts what the whole process allocates for a request; the client allocates nothing.
func allocations(t *testing.T, conn net.Conn, target string) float64 {
	request := []byte("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
	buf := make([]byte, 4096)
	ask := func() {
		if _, err := conn.Write(request); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(buf); err != nil {
			t.Fatal(err)
		}
	}
	const rounds = 300
	for range 20 {
		ask()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		ask()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / rounds
}

func startQuiet(t testing.TB, dir, file string) {
	cfg, errs := conf.Load(file, conf.Options{Serving: true})
	if errs.Failed() {
		t.Fatal(errs)
	}
	plan, err := front.Build(cfg, front.Options{Prefix: dir})
	if err != nil {
		t.Fatal(err)
	}
	plan.Server.Reactors = 1
	if err := plan.Runtime.Open(errlog.Writer(io.Discard, errlog.Emerg)); err != nil {
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
}
