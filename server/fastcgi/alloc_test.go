//go:build !race && !invariants

package fastcgi

import "testing"

func TestAllocations(t *testing.T) {
	dst := make([]byte, 0, 8192)
	answer := []byte(rec(6, "Status: 200\r\n\r\nhello", 3) + rec(7, "oops", 0) + rec(6, "", 0) + rec(3, endOK, 0))
	name, value := []byte("X-Real-Ip"), make([]byte, 200)
	var r Reader
	for what, f := range map[string]func(){
		"a request": func() {
			dst = AppendBegin(dst[:0], true)
			start := len(dst)
			dst = OpenParams(dst)
			dst = AppendParam(dst, "REQUEST_METHOD", "GET")
			at := len(dst)
			dst = append(OpenField(dst, name), value...)
			dst = CloseParam(dst, at)
			dst, _ = CloseParams(dst, start)
			dst = AppendStdinEnd(AppendStdin(dst, value))
		},
		"an answer": func() {
			r.Reset()
			for b := answer; len(b) > 0; {
				_, n, _ := r.Next(b)
				b = b[n:]
			}
			if !r.Clean() {
				t.Fatal("not clean")
			}
		},
		"a refusal": func() {
			r.Reset()
			r.Next([]byte("HTTP"))
			dst = r.AppendRefusal(dst[:0])
		},
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", what, n)
		}
	}
}
