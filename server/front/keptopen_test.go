package front_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server"
)

// A shutdown leaves a connection open for keepalive_min_timeout behind its last response: a request that comes meanwhile is
// answered, and told that it is the last one.
func TestKeepAliveMinTimeout(t *testing.T) {
	t.Parallel()
	addr := "127.0.0.1:" + ports(t, 1)[0]
	_, port, _ := net.SplitHostPort(addr)
	plan, err := build(t, t.TempDir(), strings.ReplaceAll(`server {
		listen 127.0.0.1:%PORT%;
		location /least { keepalive_min_timeout 1h; return 200 least; }
		location /short { keepalive_min_timeout 1s; return 200 short; }
		location /none { return 200 none; }
	}`, "%PORT%", port))
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
	t.Cleanup(plan.Runtime.Close)
	conns := map[string]net.Conn{}
	for _, path := range []string{"least", "short", "none"} {
		conns[path] = dial(t, addr)
		if got := get(t, conns[path], "/"+path); got != path {
			t.Fatalf("%s: %q", path, got)
		}
	}
	ended := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		ended <- s.Shutdown(ctx)
	}()
	for _, path := range []string{"none", "short"} {
		_ = conns[path].SetReadDeadline(time.Now().Add(time.Minute))
		if n, err := conns[path].Read(make([]byte, 1)); err != io.EOF {
			t.Fatalf("%s: %d bytes, %v", path, n, err)
		}
	}
	select {
	case err := <-ended:
		t.Fatalf("did not wait: %v", err)
	default:
	}
	last := conns["least"]
	_, _ = io.WriteString(last, "GET /least HTTP/1.1\r\nHost: h\r\n\r\n")
	_ = last.SetReadDeadline(time.Now().Add(time.Minute))
	res, err := http.ReadResponse(bufio.NewReader(last), nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(res.Body); string(body) != "least" || err != nil || !res.Close {
		t.Errorf("%q, %v, last: %v", body, err, res.Close)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
