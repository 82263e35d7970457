package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

// head is what a response's head comes to.
type head struct {
	verdict   Verdict
	status    int
	length    int64
	keepAlive bool
}

// heads are what servers send. Those of CGI have no status line.
var heads = []struct {
	name string
	cgi  bool
	text string
	want head
}{
	{"length", false, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", head{Complete, 200, 5, true}},
	{"no reason", false, "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n", head{Complete, 200, 5, true}},
	{"empty reason", false, "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n", head{Complete, 200, 5, true}},
	{"reason with obs-text", false, "HTTP/1.1 200 \xe9t\xe9\r\nContent-Length: 5\r\n\r\n", head{Complete, 200, 5, true}},
	{"LF alone", false, "HTTP/1.1 200 OK\nContent-Length: 5\n\n", head{Complete, 200, 5, true}},
	{"1.2 is 1.1", false, "HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\n", head{Complete, 200, 5, true}},
	{"1.0", false, "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", head{Complete, 200, 5, false}},
	{"1.0 kept", false, "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\n", head{Complete, 200, 5, true}},
	{"close", false, "HTTP/1.1 200 OK\r\nConnection: a, close\r\nContent-Length: 5\r\n\r\n", head{Complete, 200, 5, false}},
	{"close in the second line", false, "HTTP/1.1 200 OK\r\nConnection: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\n", head{Complete, 200, 5, false}},
	{"close and keep-alive", false, "HTTP/1.1 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 5\r\n\r\n", head{Complete, 200, 5, false}},
	{"chunked", false, "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", head{Complete, 200, -1, true}},
	{"until close", false, "HTTP/1.1 200 OK\r\n\r\n", head{Complete, 200, UntilClose, false}},
	{"until close, kept says it", false, "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n", head{Complete, 200, UntilClose, false}},
	{"100", false, "HTTP/1.1 100 Continue\r\n\r\n", head{Complete, 100, 0, true}},
	{"101", false, "HTTP/1.1 101 Switching\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n", head{Complete, 101, UntilClose, false}},
	{"204", false, "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", head{Complete, 204, 0, true}},
	{"204 with a length", false, "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", head{Complete, 204, 0, false}},
	{"204, chunked", false, "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", head{Complete, 204, 0, false}},
	{"304", false, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", head{Complete, 304, 0, true}},
	{"304, chunked", false, "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", head{Complete, 304, 0, true}},
	{"999", false, "HTTP/1.1 999 Other\r\nContent-Length: 0\r\n\r\n", head{Complete, 999, 0, true}},

	{"two lengths", false, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", head{verdict: DuplicateLength}},
	{"a list of lengths", false, "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n", head{verdict: BadContentLength}},
	{"a length with a sign", false, "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n", head{verdict: BadContentLength}},
	{"a negative length", false, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", head{verdict: BadContentLength}},
	{"an empty length", false, "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", head{verdict: BadContentLength}},
	{"a huge length", false, "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n", head{verdict: BadContentLength}},
	{"length and chunks", false, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", head{verdict: LengthAndEncoding}},
	{"chunks of 1.0", false, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", head{verdict: EncodingOnHTTP10}},
	{"two encodings", false, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", head{verdict: DuplicateEncoding}},
	{"gzip, chunked", false, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", head{verdict: UnknownEncoding}},
	{"identity", false, "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", head{verdict: UnknownEncoding}},
	{"0.9", false, "<html>\r\n", head{verdict: BadStatusLine}},
	{"another protocol", false, "SSH-2.0-x", head{verdict: BadStatusLine}},
	{"2.0", false, "HTTP/2.0 200 OK\r\n\r\n", head{verdict: BadStatusLine}},
	{"status of two digits", false, "HTTP/1.1 99 OK\r\n\r\n", head{verdict: BadStatusLine}},
	{"status of four digits", false, "HTTP/1.1 2000 OK\r\n\r\n", head{verdict: BadStatusLine}},
	{"status below 100", false, "HTTP/1.1 099 OK\r\n\r\n", head{verdict: BadStatusLine}},
	{"two spaces", false, "HTTP/1.1  200 OK\r\n\r\n", head{verdict: BadStatusLine}},
	{"NUL in the reason", false, "HTTP/1.1 200 O\x00K\r\n\r\n", head{verdict: BadStatusLine}},
	{"empty line first", false, "\r\nHTTP/1.1 200 OK\r\n\r\n", head{verdict: BadStatusLine}},
	{"folded", false, "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", head{verdict: FoldedField}},
	{"space before the colon", false, "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", head{verdict: BadFieldName}},
	{"no name", false, "HTTP/1.1 200 OK\r\n: b\r\n\r\n", head{verdict: BadFieldName}},
	{"no colon", false, "HTTP/1.1 200 OK\r\nabc\r\n\r\n", head{verdict: BadFieldName}},
	{"NUL", false, "HTTP/1.1 200 OK\r\nA: b\x00\r\n\r\n", head{verdict: BadFieldValue}},
	{"CR", false, "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", head{verdict: BadFieldValue}},

	{"CGI", true, "Content-Type: text/plain\r\n\r\n", head{Complete, 200, UntilClose, false}},
	{"CGI, LF alone", true, "Content-Type: text/plain\n\n", head{Complete, 200, UntilClose, false}},
	{"CGI, Status", true, "Status: 404 Not Found\r\nContent-Length: 3\r\n\r\n", head{Complete, 404, 3, false}},
	{"CGI, Status without a reason", true, "status: 204\r\n\r\n", head{Complete, 204, 0, false}},
	{"CGI, Location", true, "Location: /a\r\n\r\n", head{Complete, 302, UntilClose, false}},
	{"CGI, Status and Location", true, "Location: /a\r\nStatus: 201\r\n\r\n", head{Complete, 201, UntilClose, false}},
	{"CGI, a status line", true, "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\n", head{Complete, 404, 3, true}},
	{"CGI, nothing", true, "\r\n", head{Complete, 200, UntilClose, false}},
	{"CGI, 100", true, "Status: 100 Continue\r\n\r\n", head{verdict: BadStatusLine}},
	{"CGI, 199", true, "Status: 199 x\r\n\r\n", head{verdict: BadStatusLine}},
	{"CGI, 100 in a status line", true, "HTTP/1.1 100 Continue\r\n\r\n", head{verdict: BadStatusLine}},
	{"CGI, 101", true, "Status: 101 Switching\r\nUpgrade: a\r\n\r\n", head{Complete, 101, UntilClose, false}},
	{"CGI, status of four digits", true, "Status: 2000 OK\r\n\r\n", head{verdict: BadStatusLine}},
	{"CGI, a bad Status", true, "Status: abc\r\n\r\n", head{verdict: BadStatusLine}},
	{"CGI, two lengths", true, "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", head{verdict: DuplicateLength}},
	{"CGI, no fields", true, "<html>\r\n", head{verdict: BadFieldName}},
}

// TestResponseHeads parses each head whole, and cut at every byte, with a body behind it.
func TestResponseHeads(t *testing.T) {
	lim := Limits{Head: 4096, Fields: 100}
	for _, c := range heads {
		for cut := 0; cut <= len(c.text); cut++ {
			r := Response{CGI: c.cgi}
			for range 2 { // Reset leaves nothing behind
				r.Reset()
				v := r.Parse([]byte(c.text[:cut]), &lim)
				if v == Complete && cut < len(c.text) {
					t.Fatalf("%s: complete after %d of %d bytes", c.name, cut, len(c.text))
				}
				if v == Partial {
					v = r.Parse([]byte(c.text+"body"), &lim)
				}
				got := head{verdict: v}
				if v == Complete {
					got = head{v, r.Status, r.Length, r.KeepAlive}
					if int(r.HeadLen) != len(c.text) {
						t.Fatalf("%s: the head is %d bytes, not %d", c.name, r.HeadLen, len(c.text))
					}
				}
				if got != c.want {
					t.Fatalf("%s, cut at %d: %+v, want %+v", c.name, cut, got, c.want)
				}
			}
		}
	}
}

// TestStatusText compares what follows the code.
func TestStatusText(t *testing.T) {
	for text, want := range map[string]string{
		"HTTP/1.1 404 Not Found\r\n\r\n": "Not Found", "HTTP/1.1 404 \r\n\r\n": "", "HTTP/1.1 404\r\n\r\n": "", "HTTP/1.1 200  x\r\n\r\n": " x",
		"Status: 404 Not Found\r\n\r\n": "Not Found", "Status: 404\r\n\r\n": "", "Status: 404 \r\n\r\n": "", "Status: 302: Moved\r\n\r\n": ": Moved",
		"A: b\r\n\r\n": "",
	} {
		r := Response{CGI: true}
		r.Reset()
		if v := r.Parse([]byte(text), &Limits{Head: 4096, Fields: 100}); v != Complete || string(r.StatusText.Of([]byte(text))) != want {
			t.Errorf("%q: %v, %q, not %q", text, v, r.StatusText.Of([]byte(text)), want)
		}
	}
}

// TestResponseLimits has heads at, and one beyond, each limit.
func TestResponseLimits(t *testing.T) {
	text := "HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n\r\n"
	for _, c := range []struct {
		lim  Limits
		want Verdict
	}{
		{Limits{Head: len(text), Fields: 2}, Complete},
		{Limits{Head: len(text) - 1, Fields: 2}, HeadTooLarge},
		{Limits{Head: len(text), Fields: 1}, TooManyFields},
	} {
		for cut := range len(text) {
			var r Response
			r.Reset()
			v := r.Parse([]byte(text[:cut]), &c.lim)
			if v == Partial {
				v = r.Parse([]byte(text), &c.lim)
			}
			if v != c.want {
				t.Errorf("%+v, cut at %d: %v, want %v", c.lim, cut, v, c.want)
			}
		}
	}
	var r Response
	r.Reset()
	if v := r.Parse(bytes.Repeat([]byte("HTTP/1.1 200 "), 100), &Limits{Head: 100, Fields: 1}); v != HeadTooLarge {
		t.Errorf("a line without an end: %v", v)
	}
}

// FuzzResponse holds three things: a head cut anywhere comes to the same, what is kept of it is well formed, and net/http, where
// it accepts the head, too, finds the same status and the same body behind it.
func FuzzResponse(f *testing.F) {
	for _, c := range heads {
		f.Add([]byte(c.text+"5\r\nhello\r\n0\r\n\r\n"), uint16(len(c.text)/2), c.cgi)
	}
	f.Fuzz(func(t *testing.T, in []byte, at uint16, cgi bool) {
		lim := Limits{Head: 4096, Fields: 50, Trailer: 1024, ChunkExt: 1024}
		r, s := Response{CGI: cgi}, Response{CGI: cgi}
		r.Reset()
		s.Reset()
		v := r.Parse(in, &lim)
		w := s.Parse(in[:min(int(at), len(in))], &lim)
		if w == Partial {
			w = s.Parse(in, &lim)
		}
		if v != w || v == Complete && (r.Status != s.Status || r.Length != s.Length || r.HeadLen != s.HeadLen || len(r.Fields) != len(s.Fields)) {
			t.Fatalf("%q: whole %v, cut at %d %v", in, v, at, w)
		}
		if v != Complete {
			return
		}
		for i := range r.Fields {
			name, value := string(r.Fields[i].Name.Of(in)), string(r.Fields[i].Value.Of(in))
			if !ValidFieldName(name) || !ValidFieldValue(value) || strings.Trim(value, " \t") != value {
				t.Fatalf("%q: field %q: %q", in, name, value)
			}
		}
		if !cgi && r.Status >= 200 {
			compare(t, in, &r, &lim)
		}
	})
}

// compare reads the body as this package frames it and as net/http does.
func compare(t *testing.T, in []byte, r *Response, lim *Limits) {
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(in)), nil)
	if err != nil {
		return // it is stricter in some ways
	}
	if resp.StatusCode != r.Status {
		t.Fatalf("%q: status %d, net/http has %d", in, r.Status, resp.StatusCode)
	}
	want, err := io.ReadAll(resp.Body)
	if err != nil {
		return
	}
	body := in[r.HeadLen:]
	switch {
	case r.Length == UntilClose:
	case r.Length >= 0:
		body = body[:min(int64(len(body)), r.Length)]
	default:
		var chunks ChunkReader
		var got []byte
		for v := Data; v == Data; {
			var data Span
			var n int
			if data, n, v = chunks.Next(body, lim); v.Failed() || v == Partial {
				return // strict where net/http is not
			}
			got, body = append(got, data.Of(body)...), body[n:]
		}
		body = got
	}
	if !bytes.Equal(body, want) {
		t.Fatalf("%q: body %q, net/http has %q", in, body, want)
	}
}

func TestIsToken(t *testing.T) {
	for text, want := range map[string]bool{
		"GET": true, "a!#$%&'*+-.^_`|~0": true, "": false, "A B": false, "A\r\nB": false, "A(": false, "\x00": false, "\xe4": false, "A:": false,
	} {
		if got := IsToken([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
