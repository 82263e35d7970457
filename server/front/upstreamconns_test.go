package front_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// Requests of many clients must not need more connections to their upstream than NGINX makes for them. The pool is smaller than
// the number of clients, so both make new ones now and then.
func TestUpstreamConnectionsBesideNginx(t *testing.T) {
	var opened atomic.Int64
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	backend := &http.Server{
		Handler:   http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }),
		ConnState: func(_ net.Conn, s http.ConnState) { opened.Add(map[bool]int64{true: 1}[s == http.StateNew]) },
	}
	go func() { _ = backend.Serve(l) }()
	t.Cleanup(func() { _ = backend.Close() })
	up := "upstream backend { server " + l.Addr().String() + "; keepalive 8; }"
	pass := `location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; }`

	ours, _ := serve(t, up+"server { listen 127.0.0.1:%PORT%; "+pass+" }")
	count := func(addr string) int64 {
		before := opened.Load()
		const clients, each = 16, 250
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				c := &http.Client{Transport: &http.Transport{}}
				for range each {
					r, err := c.Get("http://" + addr + "/")
					if err != nil {
						t.Error(err)
						return
					}
					body, _ := io.ReadAll(r.Body)
					_ = r.Body.Close()
					if !strings.Contains(string(body), "hello") {
						t.Errorf("%d %q", r.StatusCode, body)
						return
					}
				}
			})
		}
		all.Wait()
		return (opened.Load() - before) * 1000 / (clients * each)
	}
	n := nginxtest.Start(t, t.TempDir(), up, strings.Replace(pass, "proxy_pass", "keepalive_timeout 60; keepalive_requests 100000; proxy_pass", 1))
	for again := 0; ; again++ { // how the requests of clients fall together is chance: of more than eight at once some need a new one
		theirs, mine := count(n.Addr), count(ours)
		t.Logf("connections to the upstream for 1,000 requests: nginx %d, ours %d", theirs, mine)
		if mine <= 2*theirs+20 {
			break
		}
		if again == 9 {
			t.Fatal("ours are more than twice those of nginx each time")
		}
	}
}
