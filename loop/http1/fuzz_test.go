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

// The targets are seeded with the goldens. An oracle is another reading of the same bytes: net/http's, or our own of the
// same input cut elsewhere. net/http is more lenient; where both accept they must agree.

func FuzzRequest(f *testing.F) {
	for _, file := range goldenFiles(f) {
		for _, g := range readGoldens(f, file) {
			f.Add(g.input, uint16(len(g.input)/2), false)
			f.Add(g.input, uint16(1), true)
		}
	}
	f.Fuzz(func(t *testing.T, input []byte, cut uint16, strict bool) {
		lim := DefaultLimits()
		lim.Strict = strict
		lim.Fields, lim.FieldLine, lim.Head = 8, 60, 200 // near enough to be met
		whole := run(lim, input).text()
		at := int(cut) % (len(input) + 1)
		if got := run(lim, input, at, at+(len(input)-at)/2).text(); got != whole {
			t.Fatalf("%q cut at %d:\n%s\nwant\n%s", input, at, got, whole)
		}
		var r Request
		if r.Parse(input, &lim) == Complete {
			checkRequest(t, &r, input)
			checkNetHTTP(t, &r, input)
		}
	})
}

// checkRequest holds for every request that was accepted.
func checkRequest(t *testing.T, r *Request, b []byte) {
	t.Helper()
	head := b[:r.HeadLen]
	if !bytes.HasSuffix(head, []byte("\n")) {
		t.Fatalf("%q: the head is %q", b, head)
	}
	for _, f := range r.Fields {
		name, value := f.Name.Of(head), f.Value.Of(head)
		if !ValidFieldName(string(name)) || !ValidFieldValue(string(value)) || string(trimmed(value)) != string(value) {
			t.Fatalf("%q: field %q %q", b, name, value)
		}
		if f.ID != LookupField(name) || f.ID != FieldOther && !r.Has(f.ID) {
			t.Fatalf("%q: field %q has id %v", b, name, f.ID)
		}
	}
	if strings.ContainsAny(string(r.Target.Of(head)), " \r\n\x00#") {
		t.Fatalf("%q: target %q", b, r.Target.Of(head))
	}
}

func checkNetHTTP(t *testing.T, r *Request, b []byte) {
	t.Helper()
	theirs, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(bytes.TrimLeft(b, "\r\n"))))
	if err != nil {
		return
	}
	if got := string(r.MethodSpan.Of(b)); got != theirs.Method {
		t.Fatalf("%q: method %q, net/http %q", b, got, theirs.Method)
	}
	if got := string(r.Target.Of(b)); got != theirs.RequestURI {
		t.Fatalf("%q: target %q, net/http %q", b, got, theirs.RequestURI)
	}
	if got := string(r.Authority.Of(b)); !strings.EqualFold(got, theirs.Host) && !strings.Contains(got, "%") {
		t.Fatalf("%q: host %q, net/http %q", b, got, theirs.Host)
	}
	chunked := len(theirs.TransferEncoding) > 0
	if chunked != (r.Length < 0) || !chunked && r.Length != theirs.ContentLength {
		t.Fatalf("%q: length %d, net/http %d chunked %v", b, r.Length, theirs.ContentLength, chunked)
	}
	if got := theirs.URL.RawQuery; theirs.URL.Scheme == "" && r.Form == FormOrigin && got != string(r.Query.Of(b)) {
		t.Fatalf("%q: query %q, net/http %q", b, r.Query.Of(b), got)
	}
	for _, f := range r.Fields {
		if f.ID != Host && f.ID != TransferEncoding && f.ID != TrailerField {
			if values := theirs.Header.Values(string(f.Name.Of(b))); !contains(values, string(f.Value.Of(b))) {
				t.Fatalf("%q: field %q %q, net/http %q", b, f.Name.Of(b), f.Value.Of(b), values)
			}
		}
	}
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func FuzzChunked(f *testing.F) {
	for _, g := range readGoldens(f, "testdata/chunked.md") {
		_, body, _ := bytes.Cut(g.input, []byte("\r\n\r\n"))
		f.Add(body, uint16(len(body)/2), false)
		f.Add(body, uint16(3), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, cut uint16, strict bool) {
		lim := DefaultLimits()
		lim.Strict = strict
		lim.ChunkExt, lim.Trailer = 20, 40
		head := "POST / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
		input := append([]byte(head), body...)
		whole := run(lim, input)
		at := len(head) + int(cut)%(len(body)+1)
		if got := run(lim, input, at, at+(len(input)-at)/2).text(); got != whole.text() {
			t.Fatalf("%q cut at %d:\n%s\nwant\n%s", body, at, got, whole.text())
		}
		var c ChunkReader
		content, rest, v := decodeAll(&c, body, &lim)
		if v != Complete {
			return
		}
		in := bytes.NewReader(body)
		theirs, err := io.ReadAll(httputil.NewChunkedReader(bufio.NewReaderSize(in, 1<<16)))
		if err == nil && string(theirs) != string(content) {
			t.Fatalf("%q: content %q, net/http %q", body, content, theirs)
		}
		if err != nil && len(rest) == 0 && c.trailer == 0 && c.overhead == 0 {
			t.Fatalf("%q: accepted, net/http says %v", body, err)
		}
	})
}

// decodeAll gathers the content of a whole message.
func decodeAll(c *ChunkReader, b []byte, lim *Limits) (content, rest []byte, v Verdict) {
	for {
		data, n, v := c.Next(b, lim)
		content = append(content, data.Of(b)...)
		b = b[n:]
		if v != Data {
			return content, b, v
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, tt := range pathTests {
		f.Add([]byte(tt.raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		checkPath(t, raw)
		if _, v := AppendPath(nil, raw, false); v.Failed() {
			if _, merged := AppendPath(nil, raw, true); !merged.Failed() {
				t.Fatalf("%q: accepted only when slashes are merged", raw)
			}
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, unix := range []int64{0, 1, -1, 784111777, 951782400, 4102444800, minDate, maxDate} {
		f.Add(unix, AppendDate(nil, unix))
	}
	f.Add(int64(0), []byte("Sunday, 06-Nov-94 08:49:37 GMT"))
	f.Add(int64(0), []byte("Sun Nov  6 08:49:37 1994"))
	f.Fuzz(func(t *testing.T, unix int64, text []byte) {
		if unix >= minDate && unix <= maxDate {
			checkDate(t, unix)
		}
		ours, ok := ParseDate(text)
		if !ok {
			return
		}
		if back, ok := ParseDate(AppendDate(nil, ours)); !ok || back != ours {
			t.Fatalf("%q: %d, then %d %v", text, ours, back, ok)
		}
		theirs, err := http.ParseTime(string(text))
		if rfc850 := bytes.IndexByte(text, '-') >= 0; err == nil && !rfc850 && theirs.Unix() != ours {
			t.Fatalf("%q: %d, net/http %d", text, ours, theirs.Unix())
		}
	})
}

// FuzzParts: what splits a field value or a query never loses its place and never panics.
func FuzzParts(f *testing.F) {
	for _, s := range []string{"", "a=1; b=\"2\"", "gzip;q=0.5, *;q=0", "a=1&b=%41+", ",;&= \t"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		for elem, rest := NextToken(b); len(elem) > 0; elem, rest = NextToken(rest) {
			n++
		}
		for name, value, rest := NextCookie(b); len(name)+len(value)+len(rest) > 0; name, value, rest = NextCookie(rest) {
			n++
		}
		for key, _, rest := NextQuery(b); key != nil; key, _, rest = NextQuery(rest) {
			n++
		}
		if n > 3*len(b) {
			t.Fatalf("%q: %d pieces", b, n)
		}
		AcceptsEncoding(b, "gzip")
		if out, _ := AppendUnescaped(nil, b, true); len(out) > len(b) {
			t.Fatalf("%q grew to %q", b, out)
		}
	})
}
