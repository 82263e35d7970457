//go:build !race && !invariants

package load

import (
	"strings"
	"testing"
)

func TestParserDoesNotAllocate(t *testing.T) {
	input := []byte(strings.Repeat("HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nHello", 16))
	var p parser
	if n := testing.AllocsPerRun(100, func() {
		for rest := input; len(rest) > 0; {
			n, _, err := p.feed(rest)
			if err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
	}); n != 0 {
		t.Errorf("%v allocations for 16 answers", n)
	}
}
