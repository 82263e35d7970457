package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"
)

const wrkRequest = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"

// browserRequest has what a browser sends to a page of a site behind a CDN: 20 fields, some 850 bytes.
const browserRequest = "GET /assets/articles/2026/11/index.html?ref=newsletter&utm_source=mail HTTP/1.1\r\n" +
	"Host: www.example.com\r\n" +
	"Connection: keep-alive\r\n" +
	"Cache-Control: max-age=0\r\n" +
	"sec-ch-ua: \"Chromium\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\n" +
	"sec-ch-ua-mobile: ?0\r\n" +
	"sec-ch-ua-platform: \"Linux\"\r\n" +
	"Upgrade-Insecure-Requests: 1\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36\r\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n" +
	"Sec-Fetch-Site: same-origin\r\n" +
	"Sec-Fetch-Mode: navigate\r\n" +
	"Sec-Fetch-User: ?1\r\n" +
	"Sec-Fetch-Dest: document\r\n" +
	"Referer: https://www.example.com/assets/\r\n" +
	"Accept-Encoding: gzip, deflate, br\r\n" +
	"Accept-Language: en-GB,en;q=0.9\r\n" +
	"Cookie: sessionid=31d4d96e407aad42a1b2; csrftoken=Zm9vYmFyYmF6\r\n" +
	"If-None-Match: \"65f0-1a2b3c\"\r\n" +
	"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n" +
	"DNT: 1\r\n\r\n"

var benchRequests = []struct{ name, text string }{{"small", wrkRequest}, {"browser", browserRequest}}

func BenchmarkParse(b *testing.B) {
	for _, bm := range benchRequests {
		b.Run(bm.name, func(b *testing.B) {
			input := []byte(bm.text)
			lim := DefaultLimits()
			var r Request
			b.SetBytes(int64(len(input)))
			b.ReportAllocs()
			for b.Loop() {
				r.Reset()
				if r.Parse(input, &lim) != Complete {
					b.Fatal("refused")
				}
			}
		})
	}
}

func BenchmarkParseNetHTTP(b *testing.B) {
	for _, bm := range benchRequests {
		b.Run(bm.name, func(b *testing.B) {
			in := strings.NewReader(bm.text)
			r := bufio.NewReader(in)
			b.SetBytes(int64(len(bm.text)))
			b.ReportAllocs()
			for b.Loop() {
				in.Reset(bm.text)
				r.Reset(in)
				if _, err := http.ReadRequest(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkParseByByte feeds the small request in single bytes: what a slow sender costs.
func BenchmarkParseByByte(b *testing.B) {
	input := []byte(wrkRequest)
	lim := DefaultLimits()
	var r Request
	b.SetBytes(int64(len(input)))
	for b.Loop() {
		r.Reset()
		for n := range input {
			r.Parse(input[:n+1], &lim)
		}
	}
}

func chunkedContent(size int) []byte {
	var wire []byte
	for range 64 {
		wire = append(AppendChunkHead(wire, size), make([]byte, size)...)
		wire = append(wire, "\r\n"...)
	}
	return append(wire, LastChunk...)
}

func BenchmarkChunked(b *testing.B) {
	wire := chunkedContent(1024)
	lim := DefaultLimits()
	var c ChunkReader
	b.SetBytes(int64(len(wire)))
	b.ReportAllocs()
	for b.Loop() {
		c.Reset()
		for rest := wire; ; {
			_, n, v := c.Next(rest, &lim)
			if v != Data {
				break
			}
			rest = rest[n:]
		}
	}
}

func BenchmarkChunkedNetHTTP(b *testing.B) {
	wire := chunkedContent(1024)
	in := bytes.NewReader(wire)
	buf := make([]byte, 64<<10)
	r := bufio.NewReaderSize(in, 64<<10)
	b.SetBytes(int64(len(wire)))
	b.ReportAllocs()
	for b.Loop() {
		in.Reset(wire)
		r.Reset(in)
		if _, err := io.CopyBuffer(io.Discard, httputil.NewChunkedReader(r), buf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPath(b *testing.B) {
	dst := make([]byte, 0, 256)
	for _, p := range []string{"/", "/assets/articles/2026/11/index.html", "/assets/%61rticles/../x//index.html"} {
		raw := []byte(p)
		b.Run(p, func(b *testing.B) {
			for b.Loop() {
				if !CleanPath(raw) {
					dst, _ = AppendPath(dst[:0], raw, true)
				}
			}
		})
	}
}

func BenchmarkHead(b *testing.B) {
	dst := make([]byte, 0, 256)
	for b.Loop() {
		dst = AppendStatusLine(dst[:0], 200)
		dst = AppendField(dst, "Content-Type", "text/plain")
		dst = append(dst, "Content-Length: "...)
		dst = AppendUint(dst, 13)
		dst = append(dst, "\r\n\r\n"...)
	}
}

func BenchmarkAppendDate(b *testing.B) {
	dst := make([]byte, 0, 64)
	for b.Loop() {
		dst = AppendDate(dst[:0], 784111777)
	}
}

func BenchmarkParseDate(b *testing.B) {
	date := AppendDate(nil, 784111777)
	for b.Loop() {
		ParseDate(date)
	}
}
