package http1_test

import (
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// The pieces of the trailer section put together are its lines, wherever the input was cut.
func TestTrailerOfChunks(t *testing.T) {
	lim := http1.Limits{Trailer: 100, ChunkExt: 100}
	for _, test := range []struct{ body, want string }{
		{"3\r\nabc\r\n0\r\n\r\n", ""},
		{"0\r\n\r\n", ""},
		{"3\r\nabc\r\n0\r\nA: b\r\n\r\n", "A: b\r\n"},
		{"1;x=\"y: z\"\r\nQ\r\n0;e\r\nA:\r\nBc: d, e \r\nA: 2\r\n\r\n", "A:\r\nBc: d, e \r\nA: 2\r\n"},
	} {
		const behind = "HTTP/1.1 200 OK\r\n"
		whole := test.body + behind
		for i := range len(whole) {
			for k := i; k <= len(whole); k++ {
				var r http1.ChunkReader
				lines := ""
				for _, piece := range []string{whole[:i], whole[i:k], whole[k:]} {
					for n := 0; n < len(piece); {
						data, used, v := r.Next([]byte(piece[n:]), &lim)
						if v.Failed() {
							t.Fatalf("%q cut at %d and %d: %v", test.body, i, k, v)
						}
						if data.Empty() {
							lines += string(r.Trailer(used).Of([]byte(piece[n:])))
						}
						if n += used; v == http1.Complete {
							break
						}
					}
				}
				if lines != test.want {
					t.Fatalf("%q cut at %d and %d: %q, want %q", test.body, i, k, lines, test.want)
				}
			}
		}
	}
}
