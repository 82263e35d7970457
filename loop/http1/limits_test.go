package http1

import (
	"fmt"
	"strings"
	"testing"
)

// A limit is hit at its value plus one, and not at its value.
func TestLimitsAreExact(t *testing.T) {
	const get = "GET / HTTP/1.1\r\nHost: a\r\n"
	const post = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	tests := []struct {
		name  string
		lim   func(*Limits)
		input func(n int) string // more by one for n = 1
		want  int
	}{
		{"request line", func(l *Limits) { l.RequestLine = 30 }, func(n int) string {
			return "GET /" + strings.Repeat("x", 16+n) + " HTTP/1.1\r\nHost: a\r\n\r\n"
		}, 414},
		{"field line", func(l *Limits) { l.FieldLine = 30 }, func(n int) string {
			return get + "X: " + strings.Repeat("x", 27+n) + "\r\n\r\n"
		}, 431},
		{"field line, bare LF", func(l *Limits) { l.FieldLine = 30 }, func(n int) string {
			return get + "X: " + strings.Repeat("x", 27+n) + "\n\r\n"
		}, 431},
		{"head", func(l *Limits) { l.Head = 50 }, func(n int) string {
			return get + "X: " + strings.Repeat("x", 18+n) + "\r\n\r\n"
		}, 431},
		{"head in its last line", func(l *Limits) { l.Head = len(get) + 2 }, func(n int) string {
			return get + strings.Repeat("x:\r\n", n) + "\r\n"
		}, 431},
		{"head cut by the request line", func(l *Limits) { l.Head = 20 }, func(n int) string {
			return "GET /xx" + strings.Repeat("x", n) + " HTTP/1.0\r\n\r\n"
		}, 431},
		{"fields", func(l *Limits) { l.Fields = 3 }, func(n int) string {
			return get + strings.Repeat("X: y\r\n", 2+n) + "\r\n"
		}, 431},
		{"empty lines", func(l *Limits) { l.EmptyLines = 3 }, func(n int) string {
			return strings.Repeat("\r\n", 3+n) + get + "\r\n"
		}, 400},
		{"chunk extensions", func(l *Limits) { l.ChunkExt = 10 }, func(n int) string {
			return post + "1;abc\r\nx\r\n0;" + strings.Repeat("b", 3+n) + "\r\n\r\n" // a CR counts once it follows an extension
		}, 400},
		{"leading zeros", func(l *Limits) { l.ChunkExt = 10 }, func(n int) string {
			return post + strings.Repeat("0", 11+n) + "\r\n\r\n"
		}, 400},
		{"trailer", func(l *Limits) { l.Trailer = 10 }, func(n int) string {
			return post + "0\r\nX:" + strings.Repeat("y", 6+n) + "\r\n\r\n"
		}, 431},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lim := DefaultLimits()
			tt.lim(&lim)
			for n, want := range []int{0, tt.want} {
				input := []byte(tt.input(n))
				d := run(lim, input)
				if m := d.messages[0]; m.status != want || m.complete != (want == 0) {
					t.Fatalf("%d above the limit: %q\n%s", n, input, d.text())
				}
				checkCuts(t, tt.name, lim, input, d.text())
			}
		})
	}
}

// A sender that never ends a line is refused as soon as the limit is passed, not when the line ends.
func TestEndlessLines(t *testing.T) {
	lim := DefaultLimits()
	for _, tt := range []struct {
		start string
		limit int
		want  Verdict
	}{
		{"GET /", lim.RequestLine, RequestLineTooLong},
		{"GET / HTTP/1.1\r\nX: ", lim.FieldLine + len("GET / HTTP/1.1\r\n"), FieldLineTooLong},
		{"GET / HTTP/1.1\r\n", lim.FieldLine + len("GET / HTTP/1.1\r\n"), FieldLineTooLong},
	} {
		var r Request
		input := []byte(tt.start + strings.Repeat("x", 10_000))
		if v := r.Parse(input[:tt.limit], &lim); v != Partial {
			t.Errorf("%q at the limit: %v", tt.start, v)
		}
		if v := r.Parse(input[:tt.limit+1], &lim); v != tt.want {
			t.Errorf("%q above the limit: %v", tt.start, v)
		}
	}
}

// A CR where the line end of the longest line may be does not let the line go on.
func TestCRAtTheLimit(t *testing.T) {
	lim := DefaultLimits()
	var r Request
	input := []byte("GET /" + strings.Repeat("x", lim.RequestLine-5) + "\rx")
	if v := r.Parse(input[:lim.RequestLine+1], &lim); v != Partial {
		t.Error(v)
	}
	if v := r.Parse(input, &lim); v != RequestLineTooLong {
		t.Error(v)
	}
}

// Parse costs time linear in the input, however it comes: no byte is looked at twice.
func TestNoRescan(t *testing.T) {
	lim := Limits{RequestLine: 1 << 20, FieldLine: 1 << 20, Head: 1 << 20, Fields: 10}
	input := []byte("GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 1<<19))
	var r Request
	for n := range input {
		if v := r.Parse(input[:n], &lim); v != Partial {
			t.Fatal(n, v)
		}
		if int(r.scan) != n {
			t.Fatalf("after %d bytes the next search begins at %d", n, r.scan)
		}
	}
}

func TestVerdicts(t *testing.T) {
	for v := Partial; v < verdictCount; v++ {
		if v.Failed() != (v.Status() >= 400) {
			t.Errorf("%d: failed %v, status %d", v, v.Failed(), v.Status())
		}
		if v.String() == "" || v.Error() != "http1: "+v.String() {
			t.Errorf("%d has no reason", v)
		}
		if v.Failed() && StatusText(v.Status()) == "" {
			t.Errorf("%d: no text for %d", v, v.Status())
		}
	}
	if v := Verdict(255); v.Status() != 0 || v.String() == "" {
		t.Error("an unknown verdict")
	}
	_ = fmt.Errorf("wrapped: %w", error(BadHost))
}

// A verdict is final until Reset, which keeps nothing of the message but the memory.
func TestVerdictIsFinal(t *testing.T) {
	lim := DefaultLimits()
	var r Request
	bad := []byte("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n")
	good := []byte("POST http://b/p?q HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\n")
	if v := r.Parse(bad, &lim); v != DuplicateHost {
		t.Fatal(v)
	}
	if v := r.Parse(good, &lim); v != DuplicateHost {
		t.Fatal("a refusal was forgotten:", v)
	}
	r.Reset()
	if v := r.Parse(good, &lim); v != Complete {
		t.Fatal(v)
	}
	if v := r.Parse(append(good, bad...), &lim); v != Complete || int(r.HeadLen) != len(good) {
		t.Fatal("went on behind the head:", v)
	}
	r.Reset()
	if r.Started() || r.Parse([]byte("GET / HTTP/1.0\r\n\r\n"), &lim) != Complete {
		t.Fatal("the third message")
	}
	fresh := Request{}
	fresh.Parse([]byte("GET / HTTP/1.0\r\n\r\n"), &lim)
	r.Fields, fresh.Fields, r.first, fresh.first = nil, nil, [fieldCount]uint16{}, [fieldCount]uint16{}
	if got, want := fmt.Sprintf("%+v", r), fmt.Sprintf("%+v", fresh); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestChunkRefusalIsFinal(t *testing.T) {
	lim := DefaultLimits()
	var c ChunkReader
	if _, _, v := c.Next([]byte("x"), &lim); v != BadChunkSize {
		t.Fatal(v)
	}
	for _, b := range []string{"", "0\r\n\r\n"} {
		if _, n, v := c.Next([]byte(b), &lim); v != BadChunkSize || n != 0 {
			t.Fatal(n, v)
		}
	}
	c.Reset()
	if _, n, v := c.Next([]byte("0\r\n\r\nGET"), &lim); v != Complete || n != 5 {
		t.Fatal(n, v)
	}
	if _, n, v := c.Next([]byte("GET"), &lim); v != Complete || n != 0 {
		t.Fatal("went on behind the content:", n, v)
	}
}

// Pending tells of a chunk before its data comes.
func TestPending(t *testing.T) {
	lim := DefaultLimits()
	var c ChunkReader
	for _, tt := range []struct {
		input string
		want  int64
	}{{"5", 0}, {"\r\n", 5}, {"he", 3}, {"llo\r\n10", 0}, {"\r\n", 16}} {
		for b := []byte(tt.input); len(b) > 0; {
			_, n, v := c.Next(b, &lim)
			if v.Failed() {
				t.Fatal(v)
			}
			b = b[n:]
		}
		if c.Pending() != tt.want {
			t.Errorf("after %q: %d", tt.input, c.Pending())
		}
	}
}
