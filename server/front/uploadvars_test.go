package front_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// The fields of a response may tell how much has come and gone while the body of the request is still on its way.
func TestNumbersOfAnUploadInProgress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				req, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					return
				}
				_, _ = io.CopyN(io.Discard, req.Body, 100<<10)
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nd")
				_, _ = io.Copy(io.Discard, req.Body)
				_, _ = io.WriteString(c, "one")
			}()
		}
	}()
	addr, _ := serve(t, `server { listen 127.0.0.1:%PORT%; client_max_body_size 0;
		location / { proxy_request_buffering off; proxy_http_version 1.1; proxy_pass http://`+l.Addr().String()+`;
			add_header X-Numbers "$request_length $upstream_bytes_sent $upstream_bytes_received $upstream_response_length"; } }`)
	const size = 2 << 20
	piece := strings.Repeat("x", 64<<10)
	for _, chunked := range []bool{false, true, false, true} {
		c := dial(t, addr)
		framing, end := fmt.Sprintf("Content-Length: %d", size), ""
		if chunked {
			framing, end = "Transfer-Encoding: chunked", "0\r\n\r\n"
		}
		go func() {
			_, _ = io.WriteString(c, "PUT / HTTP/1.1\r\nHost: a\r\n"+framing+"\r\n\r\n")
			for range size / len(piece) {
				if chunked {
					_, _ = fmt.Fprintf(c, "%x\r\n%s\r\n", len(piece), piece)
				} else {
					_, _ = io.WriteString(c, piece)
				}
			}
			_, _ = io.WriteString(c, end)
		}()
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != "done" {
			t.Fatalf("%q, %v", body, err)
		}
		var length, sent, received, content int
		if n, err := fmt.Sscan(resp.Header.Get("X-Numbers"), &length, &sent, &received, &content); n != 4 {
			t.Fatalf("%q: %v", resp.Header.Get("X-Numbers"), err)
		}
		if !chunked && (length < 100<<10 || length > size+1000) || sent < 100<<10 || sent > size+1000 || received < 38 || received > 100 || content != 0 {
			t.Errorf("chunked %v: %d read, %d sent, %d and %d received", chunked, length, sent, received, content)
		}
	}
}
