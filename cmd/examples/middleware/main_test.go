package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline/middleware"
	"github.com/wheelpit/wheelpit/server"
)

// lines is a log in memory.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func TestMiddleware(t *testing.T) {
	var out lines
	accessLog := &middleware.AccessLog{Writer: &out}
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: newApp(accessLog)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	get := func(tenant string) (*http.Response, string) {
		req, _ := http.NewRequest("GET", "http://"+s.Addrs()[0]+"/whoami", nil)
		req.Header.Set("X-Tenant", tenant)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		return res, string(b)
	}
	res, body := get("acme")
	if id := res.Header.Get("X-Request-ID"); body != "acme in request "+id+"\n" || len(id) != 32 {
		t.Errorf("%q, id %q", body, id)
	}
	if h := res.Header; h.Get("Server-Timing") == "" || h.Get("Vary") != "X-Tenant" || h.Get("RateLimit") != `"default";r=10;t=1` {
		t.Errorf("%v", h)
	}
	if res, body := get("other"); res.StatusCode != 403 || body != "unknown tenant\n" || res.Header.Get("Server-Timing") != "" {
		t.Errorf("%d %q %v", res.StatusCode, body, res.Header)
	}
	asked := 2
	for res.StatusCode != 429 && asked < 3000 { // the burst, and what drains meanwhile
		res, _ = get("acme")
		asked++
	}
	if res.StatusCode != 429 || asked < 10 || res.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := accessLog.Flush(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.b.String(), `"GET /whoami HTTP/1.1" 403 15 `); n != 1 || strings.Count(out.b.String(), "\n") != asked {
		t.Errorf("%d refusals in\n%s", n, out.b.String())
	}
}
