package http1

import (
	"fmt"
	"io"
	"net/http/httputil"
	"strings"
	"testing"
)

// dechunk decodes the pieces of a chunked body and describes the result.
func dechunk(lim *Limits, pieces ...[]byte) string {
	var d ChunkReader
	var content []byte
	total := 0
	for _, p := range pieces {
		for len(p) > 0 {
			data, n, v := d.Next(p, lim)
			content = append(content, data.Of(p)...)
			p = p[n:]
			total += n
			switch {
			case v.Failed():
				return v.String()
			case v == Complete:
				return fmt.Sprintf("%q after %d", content, total)
			}
		}
	}
	return "message incomplete"
}

func dechunkHowever(t *testing.T, in []byte, lim *Limits) string {
	t.Helper()
	whole := dechunk(lim, in)
	for at := 0; at <= len(in) && len(in) < 3000; at++ {
		if got := dechunk(lim, in[:at], in[at:]); got != whole {
			t.Fatalf("%q split at %d: %s, want %s", in, at, got, whole)
		}
	}
	var single [][]byte
	for i := range in {
		single = append(single, in[i:i+1])
	}
	if got := dechunk(lim, single...); got != whole {
		t.Fatalf("%q byte by byte: %s, want %s", in, got, whole)
	}
	return whole
}

var chunkedBodies = []struct{ in, want string }{
	{"5\r\nhello\r\n0\r\n\r\n", `"hello" after 15`},
	{"5\r\nhello\r\n0\r\n\r\nGET", `"hello" after 15`},
	{"a\r\n0123456789\r\nA\r\n0123456789\r\n00005\r\nhello\r\n000\r\n\r\n", `"01234567890123456789hello" after 51`},
	{"5;a\r\nhello\r\n0\r\n\r\n", `"hello" after 17`},
	{"5;a=b;c=d\r\nhello\r\n0;x\r\n\r\n", `"hello" after 25`},
	{"5;a=\"b;\\\"c\"\r\nhello\r\n0\r\n\r\n", `"hello" after 25`},
	{"5 ; a = b\r\nhello\r\n0\r\n\r\n", `"hello" after 23`},
	{"0\r\nX: y\r\nZ:\r\n\r\n", `"" after 15`},
	{"5\r\nhel", "message incomplete"},
	{"0\r\nX: y\r\n", "message incomplete"},
	{"g\r\n", "malformed chunk size"}, {"-5\r\n", "malformed chunk size"}, {"+5\r\n", "malformed chunk size"},
	{"0x5\r\n", "malformed chunk size"}, {"\r\n", "malformed chunk size"}, {" 5\r\n", "malformed chunk size"},
	{"5\n", "malformed chunk size"}, {"5\rX", "line not ended by CRLF"}, {"5,5\r\n", "malformed chunk size"},
	{"8000000000000000\r\n", "chunk of 2^62 bytes or more"},
	{"FFFFFFFFFFFFFFFFF\r\n", "chunk of 2^62 bytes or more"},
	{"5\r\nhelloXX", "chunk not ended by CRLF"}, {"5\r\nhello\n", "chunk not ended by CRLF"}, {"5\r\nhello\rX", "chunk not ended by CRLF"},
	{"5;\r\n", "malformed chunk extension"}, {"5;a=\r\n", "malformed chunk extension"}, {"5;a\nb\r\n", "malformed chunk extension"},
	{"5;a[b\r\n", "malformed chunk extension"}, {"5;a\x00b\r\n", "malformed chunk extension"}, {"5;a=\"b\r\n", "malformed chunk extension"},
	{"5;a b\r\n", "malformed chunk extension"}, {"5;a\r\r", "line not ended by CRLF"},
	{"0\r\n\n", "malformed trailer"}, {"0\r\n\rX", "line not ended by CRLF"}, {"0\r\nX\r\n", "malformed trailer"},
	{"0\r\nX : y\r\n", "malformed trailer"}, {"0\r\n: y\r\n", "malformed trailer"}, {"0\r\nX: y\n", "malformed trailer"}, {"0\r\n X: y\r\n", "malformed trailer"},
	{"1;" + strings.Repeat("a", 5000), "too many bytes in chunk extensions"},
	{strings.Repeat("0", 5000) + "1\r\n", "too many bytes in chunk extensions"},
	{"0\r\nX: " + strings.Repeat("a", 9000), "trailer section too large"},
}

func TestChunked(t *testing.T) {
	lim := DefaultLimits()
	for _, c := range chunkedBodies {
		if got := dechunkHowever(t, []byte(c.in), &lim); got != c.want {
			t.Errorf("%.80q: %s, want %s", c.in, got, c.want)
		}
	}
	strict := lim
	strict.Strict = true
	if got := dechunkHowever(t, []byte("5 \r\nhello\r\n0\r\n\r\n"), &strict); got != "malformed chunk extension" {
		t.Errorf("strict: %s", got)
	}
}

func FuzzChunked(f *testing.F) {
	for _, c := range chunkedBodies {
		f.Add([]byte(c.in), 3)
	}
	f.Fuzz(func(t *testing.T, in []byte, at int) {
		lim := DefaultLimits()
		whole := dechunk(&lim, in)
		if at >= 0 && at <= len(in) {
			if got := dechunk(&lim, in[:at], in[at:]); got != whole {
				t.Fatalf("%q split at %d: %s, want %s", in, at, got, whole)
			}
		}
		if !strings.HasPrefix(whole, `"`) {
			return
		}
		want, err := io.ReadAll(httputil.NewChunkedReader(strings.NewReader(string(in))))
		if err == nil && !strings.HasPrefix(whole, fmt.Sprintf("%q after", want)) {
			t.Fatalf("%q: %s, net/http reads %q", in, whole, want)
		}
	})
}
