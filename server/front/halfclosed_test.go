package front_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// A client that closes its side while an upstream is waited for has left, for NGINX as here: the upstream is told, and there is no
// answer.
func TestHalfClosedAsNginx(t *testing.T) {
	told := make(chan string, 4)
	back := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		told <- "request"
		select {
		case <-r.Context().Done():
			told <- "gone"
		case <-time.After(time.Minute):
			told <- "nothing"
		}
	}))
	t.Cleanup(back.Close)
	text := "location / { proxy_pass " + back.URL + "; }"
	real := nginxtest.Start(t, publicDir(t), "", text)
	ours, _ := serve(t, "server { listen 127.0.0.1:%PORT%; "+text+" }")
	for name, addr := range map[string]string{"nginx": real.Addr, "ours": ours} {
		conn := dial(t, addr)
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		if got := <-told; got != "request" {
			t.Fatalf("%s: the upstream gets %s", name, got)
		}
		_ = conn.(*net.TCPConn).CloseWrite()
		if got := <-told; got != "gone" {
			t.Errorf("%s: the upstream gets %s", name, got)
		}
		if b, err := io.ReadAll(conn); len(b) > 0 || err != nil {
			t.Errorf("%s: %q %v", name, b, err)
		}
	}
}
