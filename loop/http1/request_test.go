package http1

import (
	"fmt"
	"strings"
	"testing"
)

// describe renders what a parser made of a head, so that two parses can be compared.
func describe(b []byte, r *Request, v Verdict) string {
	if v != Complete {
		return v.String()
	}
	var s strings.Builder
	fmt.Fprintf(&s, "%s %d %q path=%q query=%q/%v host=%q 1.%d len=%d keep=%v expect=%v upgrade=%v head=%d", r.MethodSpan.Of(b), r.Form,
		r.Target.Of(b), r.Path.Of(b), r.Query.Of(b), r.HasQuery, r.Authority.Of(b), r.Minor, r.Length, r.KeepAlive, r.Expect100, r.HasUpgrade, r.HeadLen)
	for _, f := range r.Fields {
		fmt.Fprintf(&s, " %q=%q/%d", f.Name.Of(b), f.Value.Of(b), f.ID)
	}
	return s.String()
}

// parseWhole parses in at once.
func parseWhole(in []byte, lim *Limits) string {
	var r Request
	return describe(in, &r, r.Parse(in, lim))
}

// parseSplit parses in in two pieces, the bytes moving in between.
func parseSplit(in []byte, at int, lim *Limits) string {
	var r Request
	first := append([]byte(nil), in[:at]...)
	if v := r.Parse(first, lim); v != Partial {
		return describe(first, &r, v)
	}
	return describe(in, &r, r.Parse(in, lim))
}

// parseBytewise parses in one byte more at a time.
func parseBytewise(in []byte, lim *Limits) string {
	var r Request
	for n := 1; n <= len(in); n++ {
		if v := r.Parse(in[:n:n], lim); v != Partial {
			return describe(in[:n], &r, v)
		}
	}
	return describe(in, &r, Partial)
}

// sameHowever fails unless a head is understood the same whole, in two pieces and byte by byte.
func sameHowever(t *testing.T, in []byte, lim *Limits) string {
	t.Helper()
	whole := parseWhole(in, lim)
	step := 1
	if len(in) > 2000 {
		step = len(in) / 500
	}
	for at := 0; at <= len(in); at += step {
		if got := parseSplit(in, at, lim); got != whole {
			t.Fatalf("%.200q split at %d:\n got %s\nwant %s", in, at, got, whole)
		}
	}
	if len(in) <= 20000 {
		if got := parseBytewise(in, lim); got != whole {
			t.Fatalf("%.200q byte by byte:\n got %s\nwant %s", in, got, whole)
		}
	}
	return whole
}

// heads are requests and what becomes of them: a part of describe's output, or the reason of a refusal.
var heads = []struct{ in, want string }{
	{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", `GET 0 "/" path="/" query=""/false host="a" 1.1 len=0 keep=true`},
	{"\r\n\r\nGET /x?a=b?c HTTP/1.1\r\nhOsT:a:80\r\n\r\n", `path="/x" query="a=b?c"/true host="a:80"`},
	{"GET /x? HTTP/1.1\r\nHost:\r\n\r\n", `path="/x" query=""/true host=""`},
	{"GET / HTTP/1.0\r\n\r\n", `1.0 len=0 keep=false`},
	{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", `1.0 len=0 keep=true`},
	{"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", `1.0 len=0 keep=false`},
	{"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n", `keep=false`},
	{"GET / HTTP/1.7\r\nHost: a\r\n\r\n", `1.1 len=0`},
	{"GET http://b:8080/p?q HTTP/1.1\r\nHost: a\r\n\r\n", `1 "http://b:8080/p?q" path="/p" query="q"/true host="b:8080"`},
	{"GET HTTP://b HTTP/1.1\r\nHost: a\r\n\r\n", `path="" query=""/false host="b"`},
	{"GET http://b?x HTTP/1.1\r\nHost: a\r\n\r\n", `path="" query="x"/true host="b"`},
	{"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", `3 "*"`},
	{"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", `2 "a:80" path="" query=""/false host="a:80"`},
	{"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", `host="[::1]:80"`},
	{"GET / HTTP/1.1\r\nHost: a\r\nX-A: \t b c \t\r\n\r\n", `"X-A"="b c"/0`},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0010 \t\r\n\r\n", `len=10`},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\tCHUNKED \r\n\r\n", `len=-1`},
	{"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n", `expect=true`},
	{"POST / HTTP/1.0\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n", `expect=false`},
	{"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", `upgrade=true`},
	{"GET / HTTP/1.1\nHost: a\n\n", `host="a"`}, // as NGINX; refused by Strict, below

	{"GET / HTTP/1.1\r\nHost: a\r\n", "message incomplete"},
	{"", "message incomplete"},
	{"\x16\x03\x01", "not an HTTP request"},
	{"\x00", "not an HTTP request"},
	{"\r\r\n", "line not ended by CRLF"},
	{strings.Repeat("\r\n", 9) + "GET / HTTP/1.1\r\n", "too many empty lines before the request"},
	{"get / HTTP/1.1\r\nHost: a\r\n\r\n", `get 0 "/"`},
	{"G@T / HTTP/1.1\r\n", "malformed method"},
	{" GET / HTTP/1.1\r\n", "not an HTTP request"},
	{"GET /\r\n", "malformed request line"},
	{"GET  / HTTP/1.1\r\n", "malformed request line"},
	{"GET / HTTP/1.1 \r\n", "malformed protocol version"},
	{"GET / HTTP/1.10\r\n", "malformed protocol version"},
	{"GET / http/1.1\r\n", "malformed protocol version"},
	{"GET / HTTP/2.0\r\n", "protocol version not supported"},
	{"GET /\x7f HTTP/1.1\r\n", "malformed request target"},
	{"GET /a#b HTTP/1.1\r\n", "malformed request target"},
	{"GET * HTTP/1.1\r\n", "malformed request target"},
	{"GET a:80 HTTP/1.1\r\n", "malformed request target"},
	{"GET ftp://a/ HTTP/1.1\r\n", "malformed request target"},
	{"GET http:///x HTTP/1.1\r\n", "malformed authority in the request target"},
	{"GET http://u@a/ HTTP/1.1\r\n", "malformed authority in the request target"},
	{"CONNECT / HTTP/1.1\r\n", "malformed request target"},
	{"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 request without Host"},
	{"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "more than one Host"},
	{"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "malformed Host"},
	{"GET / HTTP/1.1\r\nHost: a%zz\r\n\r\n", "malformed Host"},
	{"GET / HTTP/1.1\r\nHost: a:x\r\n\r\n", "malformed Host"},
	{"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "malformed Host"},
	{"GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", "malformed header name"},
	{"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", "malformed header name"},
	{"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", "malformed header name"},
	{"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", "header line folded or preceded by white space"},
	{"GET / HTTP/1.1\r\nHost: a\r\nX: b\x00c\r\n\r\n", "control byte in a header value"},
	{"GET / HTTP/1.1\r\nHost: a\r\nX: 12345678\x01\r\n\r\n", "control byte in a header value"},
	{"GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n", "control byte in a header value"},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", "more than one Content-Length"},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", "malformed Content-Length"},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", "malformed Content-Length"},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n", "malformed Content-Length"},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n", "len=9223372036854775807"},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "both Content-Length and Transfer-Encoding"},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "unknown Transfer-Encoding"},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "more than one Transfer-Encoding"},
	{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding in an HTTP/1.0 request"},
	{"GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", "unknown expectation"},
}

func TestHeads(t *testing.T) {
	lim := DefaultLimits()
	for _, c := range heads {
		if got := sameHowever(t, []byte(c.in), &lim); !strings.Contains(got, c.want) {
			t.Errorf("%q\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

func TestStrictRefusesBareLF(t *testing.T) {
	lim := DefaultLimits()
	lim.Strict = true
	for _, in := range []string{"GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\n", "\nGET"} {
		if got := sameHowever(t, []byte(in), &lim); got != "line not ended by CRLF" {
			t.Errorf("%q: %s", in, got)
		}
	}
}

// Each limit holds at its value and refuses one more.
func TestLimitsAreExact(t *testing.T) {
	lim := DefaultLimits()
	line := func(n int) string { return "GET /" + strings.Repeat("a", n-len("GET / HTTP/1.1")) + " HTTP/1.1" }
	field := func(n int) string { return "X: " + strings.Repeat("b", n-3) }
	head := func(n int) string { // four lines of up to 8 KiB that make a head of n bytes
		rest := n - len("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		var b strings.Builder
		for rest > 0 {
			k := min(rest, 8000)
			if rest-k > 0 && rest-k < 10 {
				k -= 10
			}
			b.WriteString(field(k-2) + "\r\n")
			rest -= k
		}
		return "GET / HTTP/1.1\r\nHost: a\r\n" + b.String() + "\r\n"
	}
	for _, c := range []struct{ name, fits, breaks, reason string }{
		{"request line", line(8192) + "\r\nHost: a\r\n\r\n", line(8193) + "\r\nHost: a\r\n\r\n", "request line too long"},
		{"endless request line", line(8192) + "\r\nHost: a\r\n\r\n", line(8300)[:8290], "request line too long"},
		{"field line", "GET / HTTP/1.1\r\nHost: a\r\n" + field(8192) + "\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n" + field(8193) + "\r\n\r\n", "header line too long"},
		{"fields", "GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X: y\r\n", 99) + "\r\n", "GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X: y\r\n", 100) + "\r\n", "too many header lines"},
		{"head", head(32 << 10), head(32<<10 + 1), "header section too large"},
		{"empty lines", strings.Repeat("\r\n", 8) + "GET / HTTP/1.1\r\nHost: a\r\n\r\n", strings.Repeat("\r\n", 9) + "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "too many empty lines before the request"},
	} {
		if got := parseWhole([]byte(c.fits), &lim); !strings.HasPrefix(got, "GET ") {
			t.Errorf("%s at its value: %s", c.name, got)
		}
		if got := sameHowever(t, []byte(c.breaks), &lim); got != c.reason {
			t.Errorf("%s beyond its value: %s", c.name, got)
		}
	}
}

func TestKnownFieldsAreFound(t *testing.T) {
	for id := FieldOther + 1; id < fieldCount; id++ {
		for _, name := range []string{id.String(), strings.ToLower(id.String()), strings.ToUpper(id.String())} {
			if got := LookupField([]byte(name)); got != id {
				t.Errorf("%q: %d, want %d", name, got, id)
			}
		}
		if got := LookupField([]byte(id.String() + "x")); got == id {
			t.Errorf("%qx is taken for %q", id.String(), id.String())
		}
	}
	var r Request
	in := []byte("GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1\r\nX: y\r\ncookie: b=2\r\n\r\n")
	lim := DefaultLimits()
	r.Parse(in, &lim)
	first := r.Next(Cookie, 0)
	second := r.Next(Cookie, first+1)
	if string(r.Fields[first].Value.Of(in)) != "a=1" || string(r.Fields[second].Value.Of(in)) != "b=2" || r.Next(Cookie, second+1) != -1 {
		t.Errorf("cookies at %d and %d", first, second)
	}
	if s, ok := r.Lookup(in, "x"); !ok || string(s.Of(in)) != "y" {
		t.Errorf("Lookup: %q %v", s.Of(in), ok)
	}
}

func TestResetForgets(t *testing.T) {
	var r Request
	lim := DefaultLimits()
	r.Parse([]byte("POST http://x/y?z HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close, upgrade\r\nUpgrade: x\r\nExpect: 100-continue\r\n\r\n"), &lim)
	r.Reset()
	in := []byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	if got, want := describe(in, &r, r.Parse(in, &lim)), parseWhole(in, &lim); got != want {
		t.Errorf("after Reset:\n got %s\nwant %s", got, want)
	}
}
