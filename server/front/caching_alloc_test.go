//go:build !race && !invariants

package front_test

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// hits starts a cache with an entry in memory.
func hits(tb testing.TB) net.Conn {
	dir := tb.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	back := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=3600")
		w.Header().Set("Etag", `"x"`)
		w.Header().Set("Last-Modified", monday)
		w.Header().Set("X-Request-Id", "1234567890")
		_, _ = w.Write(make([]byte, 1000))
	})}
	go func() { _ = back.Serve(l) }()
	tb.Cleanup(func() { _ = back.Close() })
	port := ports(tb, 1)[0]
	file := filepath.Join(dir, "alloc.conf")
	text := `events { } http {
		access_log off; keepalive_requests 100000000;
		proxy_cache_path ` + dir + `/c keys_zone=hits` + filepath.Base(filepath.Dir(dir)) + `:1m;
		server {
			listen 127.0.0.1:` + port + `;
			proxy_cache hits` + filepath.Base(filepath.Dir(dir)) + `;
			location / { proxy_pass http://` + l.Addr().String() + `; }
			location /status/ { proxy_pass http://` + l.Addr().String() + `; add_header X-Cache $upstream_cache_status; proxy_hide_header X-Request-Id; proxy_cache_lock on; }
		}
	}`
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	startQuiet(tb, dir, file)
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

// TestHitAllocations: a hit from memory allocates nothing.
func TestHitAllocations(t *testing.T) {
	conn := hits(t)
	for _, target := range []string{"/a", "/status/a"} {
		if got := allocations(t, conn, target); got > 0.1 { // the clock and the collector allocate now and then
			t.Errorf("%s: %.2f allocations a request", target, got)
		}
	}
}

// BenchmarkHit is a hit from memory over a connection that is kept.
func BenchmarkHit(b *testing.B) {
	conn := hits(b)
	request := []byte("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
	const depth = 16
	batch := make([]byte, 0, depth*len(request))
	for range depth {
		batch = append(batch, request...)
	}
	buf := make([]byte, 64<<10)
	ask := func(p []byte, n int) {
		if _, err := conn.Write(p); err != nil {
			b.Fatal(err)
		}
		for n > 0 {
			k, err := conn.Read(buf)
			if err != nil {
				b.Fatal(err)
			}
			n -= k
		}
	}
	if _, err := conn.Write(request); err != nil {
		b.Fatal(err)
	}
	size, err := conn.Read(buf)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; i < b.N; i += depth {
		ask(batch, depth*size)
	}
}
