package server

import (
	"strings"
	"testing"
)

// A chunked body that came along with its head is no obstacle to the requests behind it, and a part of one is read on.
func TestPipelinedChunks(t *testing.T) {
	_, addr := start(t, testApp())
	one := func(body string) string {
		return "POST /inline HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body
	}
	out := exchangeRaw(t, addr, one("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")+one("1;x=y\r\nz\r\n0\r\nT: r\r\n\r\n")+one("2\r\nx"), "y\r\n0\r\n\r\n"+
		"GET /inline HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	if n := strings.Count(out, "HTTP/1.1 "); n != 4 {
		t.Errorf("%d answers: %q", n, out)
	}
}
