package http1

import (
	"bufio"
	"bytes"
	"net/http"
	"testing"
)

const (
	smallHead   = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"
	browserHead = "GET /articles/2024/how-to-build-a-web-server?ref=frontpage HTTP/1.1\r\nHost: www.example.com\r\nConnection: keep-alive\r\n" +
		"Cache-Control: max-age=0\r\nsec-ch-ua: \"Chromium\";v=\"120\", \"Not?A_Brand\";v=\"24\"\r\nsec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: \"Linux\"\r\n" +
		"Upgrade-Insecure-Requests: 1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36\r\n" +
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\n" +
		"Sec-Fetch-User: ?1\r\nSec-Fetch-Dest: document\r\nReferer: https://www.example.com/\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\n" +
		"Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes\r\nIf-None-Match: \"5f3a-1c2d\"\r\n\r\n"
)

func BenchmarkParse(b *testing.B) {
	lim := DefaultLimits()
	for _, c := range []struct{ name, head string }{{"small", smallHead}, {"browser", browserHead}} {
		in := []byte(c.head)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			var r Request
			for b.Loop() {
				r.Reset()
				if r.Parse(in, &lim) != Complete {
					b.Fatal("refused")
				}
			}
		})
		b.Run(c.name+"/net-http", func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			rd := bytes.NewReader(in)
			br := bufio.NewReader(rd)
			for b.Loop() {
				rd.Reset(in)
				br.Reset(rd)
				if _, err := http.ReadRequest(br); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
