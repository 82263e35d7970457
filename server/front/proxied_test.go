package front_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A connection to an address with proxy_protocol begins with a header, whatever the pieces are that it comes in.
func TestProxyProtocol(t *testing.T) {
	addr, dir := serve(t, `server {
		listen 127.0.0.1:%PORT% proxy_protocol;
		error_log %DIR%/e.log; client_header_timeout 3s;
		set_real_ip_from 127.0.0.1; real_ip_header proxy_protocol;
		return 200 "$remote_addr $proxy_protocol_addr!$proxy_protocol_port $proxy_protocol_server_addr!$proxy_protocol_server_port";
	}`)
	const header, want = "PROXY TCP4 192.0.2.1 192.0.2.2 123 5678\r\n", "192.0.2.1 192.0.2.1!123 192.0.2.2!5678"
	for _, cut := range []int{0, 1, 20, len(header) - 1} {
		conn := dial(t, addr)
		_, _ = io.WriteString(conn, header[:cut])
		time.Sleep(20 * time.Millisecond)
		_, _ = io.WriteString(conn, header[cut:])
		for range 2 { // it holds for every request of the connection
			if got := get(t, conn, "/"); got != want {
				t.Errorf("cut at %d: %q", cut, got)
			}
		}
	}
	conn := dial(t, addr)
	if got := get(t, conn, "/"); strings.Contains(got, want) || !strings.Contains(got, "EOF") && !strings.Contains(got, "reset") {
		t.Errorf("without a header: %q", got)
	}
	slow, began := dial(t, addr), time.Now()
	_, _ = io.WriteString(slow, "PROXY")
	_ = slow.SetReadDeadline(began.Add(time.Minute))
	if _, err := slow.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
		t.Errorf("a half header: %v after %v", err, time.Since(began))
	}
	log, _ := os.ReadFile(filepath.Join(dir, "e.log"))
	if line := `broken header: "GET / HTTP/1.1" while reading PROXY protocol, client: 127.0.0.1, server: ` + addr; !strings.Contains(string(log), line) {
		t.Errorf("log %q", log)
	}
}
