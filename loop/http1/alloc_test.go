//go:build !race && !invariants

package http1

import "testing"

// Nothing here allocates once its memory has grown to size.
func TestAllocations(t *testing.T) {
	lim := DefaultLimits()
	dst := make([]byte, 0, 4096)
	var r Request
	var c ChunkReader
	parse := func(input []byte) {
		r.Reset()
		if v := r.Parse(input, &lim); v != Complete {
			t.Fatal(v)
		}
	}
	browser, wrk := []byte(browserRequest), []byte(wrkRequest)
	host6 := []byte("GET http://[2001:db8::1]:80/ HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n")
	var answer Response
	response := []byte("HTTP/1.1 200 OK\r\nServer: a\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nX-Other: b\r\n\r\n")
	chunks := []byte("5;a=\"b\"\r\nhello\r\n0\r\nX: y\r\n\r\n")
	date := AppendDate(nil, 784111777)
	for name, f := range map[string]func(){
		"small request":   func() { parse(wrk) },
		"browser request": func() { parse(browser) },
		"IPv6 host":       func() { parse(host6) },
		"byte by byte": func() {
			r.Reset()
			for n := range browser {
				r.Parse(browser[:n+1], &lim)
			}
		},
		"response": func() {
			answer.Reset()
			if v := answer.Parse(response, &lim); v != Complete {
				t.Fatal(v)
			}
		},
		"refusal": func() {
			r.Reset()
			if v := r.Parse([]byte("GET\r\n"), &lim); v.Status() != 400 {
				t.Fatal(v)
			}
		},
		"lookup": func() { r.Lookup(browser, "x-custom") },
		"chunks": func() {
			c.Reset()
			for b := chunks; ; {
				_, n, v := c.Next(b, &lim)
				if v != Data {
					break
				}
				b = b[n:]
			}
		},
		"response head": func() {
			dst = AppendStatusLine(dst[:0], 200)
			dst = AppendField(dst, "Server", "wheelpit")
			dst = AppendDate(dst, 784111777)
			dst = AppendUint(dst, 1<<60)
			dst = AppendChunkHead(dst, 4096)
		},
		"dates": func() {
			ParseDate(date)
			ParseDate([]byte("Sunday, 06-Nov-94 08:49:37 GMT"))
			ParseDate([]byte("Sun Nov  6 08:49:37 1994"))
		},
		"path":     func() { dst, _ = AppendPath(dst[:0], []byte("/a/%2e%2e/b//c"), true) },
		"cookie":   func() { CookieValue([]byte("a=1; b=2; sid=\"3\""), "sid") },
		"query":    func() { QueryValue([]byte("a=1&b=2&page=3"), "page") },
		"unescape": func() { dst, _ = AppendUnescaped(dst[:0], []byte("a+b%20c"), true) },
		"encoding": func() { AcceptsEncoding([]byte("deflate;q=0.5, gzip;q=1.0, *;q=0"), "gzip") },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
