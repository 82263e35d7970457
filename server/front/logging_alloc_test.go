//go:build !race && !invariants

package front_test

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// logging starts a server with a fixed answer, and returns a connection to it.
func logging(tb testing.TB, accessLog string) net.Conn {
	dir := tb.TempDir()
	port := ports(tb, 1)[0]
	file := filepath.Join(dir, "log.conf")
	text := `events { } http { access_log ` + accessLog + `; keepalive_requests 1000000000;
		server { listen 127.0.0.1:` + port + `; location / { return 200 "Hello, World!"; } } }`
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

// BenchmarkAccessLog is what a line of the log costs the fixed answer, one request at a time and sixteen.
func BenchmarkAccessLog(b *testing.B) {
	for _, name := range []string{"off", "on"} {
		for _, depth := range []int{1, 16} {
			b.Run(name+"/"+strconv.Itoa(depth), func(b *testing.B) {
				log := "off"
				if name == "on" {
					log = os.DevNull + " combined buffer=64k"
				}
				conn := logging(b, log)
				batch := bytes.Repeat([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), depth)
				buf := make([]byte, 64<<10)
				size := 0
				ask := func() {
					if _, err := conn.Write(batch); err != nil {
						b.Fatal(err)
					}
					for n := size; n >= 0; {
						k, err := conn.Read(buf)
						if err != nil {
							b.Fatal(err)
						}
						if n -= k; n == 0 {
							break
						}
						if size == 0 { // the first answer tells how long all are
							size = depth * (bytes.Index(buf[:k], []byte("Hello, World!")) + len("Hello, World!"))
							n = size - k
							if n == 0 {
								break
							}
						}
					}
				}
				ask()
				b.ReportAllocs()
				b.ResetTimer()
				for i := 0; i < b.N; i += depth {
					ask()
				}
			})
		}
	}
}
