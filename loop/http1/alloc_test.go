//go:build !race && !invariants

package http1

import "testing"

func TestNothingAllocates(t *testing.T) {
	var r Request
	lim := DefaultLimits()
	in := []byte(browserHead)
	dst := make([]byte, 0, 1024)
	var d ChunkReader
	body := []byte("5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n")
	r.Parse(in, &lim)
	if n := testing.AllocsPerRun(1000, func() {
		r.Reset()
		if r.Parse(in, &lim) != Complete {
			t.Fatal("refused")
		}
		dst = AppendStatusLine(dst[:0], 200)
		dst = AppendDate(dst, 784111777)
		dst, _ = AppendPath(dst, []byte("/a/%20/../b"), true)
		ParseDate([]byte("Sun, 06 Nov 1994 08:49:37 GMT"))
		CookieValue([]byte("a=b; c=d"), "c")
		QueryValue([]byte("a=b&c=d"), "c")
		AcceptsEncoding([]byte("gzip, br;q=0.5"), "br")
		d.Reset()
		for p := body; ; {
			_, n, v := d.Next(p, &lim)
			if p = p[n:]; v == Complete {
				break
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
