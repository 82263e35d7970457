package fastcgi

import (
	"fmt"
	"strings"
	"testing"
)

// rec is a record with n bytes of padding.
func rec(kind byte, content string, pad int) string {
	return string([]byte{1, kind, 0, 1, byte(len(content) >> 8), byte(len(content)), byte(pad), 9}) + content + strings.Repeat("#", pad)
}

const endOK = "\x00\x00\x00\x00\x00\x00\x00\x00"

var answers = []struct {
	name, in, want string // see told
}{
	{"nothing", "", ""},
	{"an answer", rec(6, "hello", 3) + rec(6, "", 0) + rec(3, endOK, 0), "out(hello) closed end(0,0) clean"},
	{"two pieces", rec(6, "he", 0) + rec(6, "llo", 255) + rec(6, "", 8) + rec(3, endOK, 5), "out(hello) closed end(0,0) clean"},
	{"an empty answer", rec(6, "", 0) + rec(3, endOK, 0), "closed end(0,0) clean"},
	{"no stdout at all", rec(3, endOK, 0), "end(0,0) clean"},
	{"stderr", rec(7, "oops", 4) + rec(6, "hi", 0) + rec(7, "", 0) + rec(6, "", 0) + rec(7, "late", 0) + rec(3, endOK, 0),
		"err(oops) out(hi) closed err(late) end(0,0) clean"},
	{"statuses", rec(3, "\x01\x02\x03\x04\x02###", 1), "end(16909060,2) clean"},
	{"a short end", rec(3, "\x00\x01", 0), "end(1,0) clean"},
	{"an end without content", rec(3, "", 0), "end(0,0) clean"},
	{"an end with padding alone", rec(3, "", 3), "end(0,0) clean"},
	{"a long end", rec(3, endOK+"more", 0), "end(0,0) clean"},
	{"extra data", rec(6, "hi", 0) + rec(3, endOK, 0) + "x", "out(hi) end(0,0) extra"},
	{"another answer", rec(3, endOK, 0) + rec(6, "hi", 0), "end(0,0) extra"},
	{"stdout after its end", rec(6, "", 0) + rec(6, "hi", 0), "closed out(hi)"},
	{"cut", rec(6, "hello", 3)[:10], "out(he)"},
	{"an end without all its padding", rec(3, endOK, 2)[:17], ""},
	{"version 0", "\x00", "upstream sent unsupported FastCGI protocol version: 0"},
	{"HTTP", "HTTP/1.1 200 OK\r\n", "upstream sent unsupported FastCGI protocol version: 72"},
	{"type", rec(6, "a", 0) + rec(4, "", 0), "out(a) upstream sent invalid FastCGI record type: 4"},
	{"id high", "\x01\x06\x01\x01\x00\x00\x00\x00", "upstream sent unexpected FastCGI request id high byte: 1"},
	{"id low", "\x01\x03\x00\x02\x00\x00\x00\x00", "upstream sent unexpected FastCGI request id low byte: 2"},
	{"management", "\x01\x0a\x00\x00\x00\x00\x00\x00", "upstream sent invalid FastCGI record type: 10"},
}

// told feeds in in pieces that end at the cuts and says what the Reader said, adjacent payload joined.
func told(t testing.TB, in string, cuts ...int) string {
	var r Reader
	var words []string
	fed := 0
	for _, end := range append(cuts, len(in)) {
		for fed < end {
			piece := []byte(in[fed:end])
			data, n, e := r.Next(piece)
			fed += n
			switch {
			case (e == Stdout || e == Stderr) && (len(data) == 0 || string(data) != string(piece[n-len(data):n])):
				t.Fatalf("%q: the payload %q does not end at %d", in, data, n)
			case e == Partial && n != len(piece):
				t.Fatalf("%q: partial with %d bytes left", in, len(piece)-n)
			case e >= Extra:
				_, n, again := r.Next(piece)
				if n != 0 || again != e || r.Clean() {
					t.Fatalf("%q: refused with %d, then %d", in, e, again)
				}
				if e == Extra {
					return strings.Join(append(words, "extra"), " ")
				}
				return strings.Join(append(words, string(r.AppendRefusal(nil))), " ")
			}
			words = tell(&r, words, string(data), e)
		}
	}
	if r.Clean() {
		words = append(words, "clean")
	}
	return strings.Join(words, " ")
}

func tell(r *Reader, words []string, data string, e Event) []string {
	kind := map[Event]string{Stdout: "out(", Stderr: "err("}[e]
	switch {
	case e == StdoutEnd:
		return append(words, "closed")
	case e == End:
		return append(words, fmt.Sprintf("end(%d,%d)", r.AppStatus(), r.ProtocolStatus()))
	case kind == "":
		return words
	}
	if n := len(words) - 1; n >= 0 && strings.HasPrefix(words[n], kind) {
		words[n] = strings.TrimSuffix(words[n], ")") + data + ")"
		return words
	}
	return append(words, kind+data+")")
}

func TestAnswers(t *testing.T) {
	for _, a := range answers {
		if got := told(t, a.in); got != a.want {
			t.Errorf("%s: %s\nwant %s", a.name, got, a.want)
		}
		each := make([]int, 0, len(a.in))
		for cut := range len(a.in) {
			each = append(each, cut)
			if got := told(t, a.in, cut); got != a.want {
				t.Errorf("%s, cut at %d: %s", a.name, cut, got)
			}
		}
		if got := told(t, a.in, each...); got != a.want {
			t.Errorf("%s, byte by byte: %s", a.name, got)
		}
	}
}

// The largest record, with the most padding, cut around its ends.
func TestLargestRecord(t *testing.T) {
	content := strings.Repeat("x", MaxRecord)
	in := rec(6, content, 255) + rec(7, content, 255) + rec(3, endOK, 255)
	want := "out(" + content + ") err(" + content + ") end(0,0) clean"
	for _, cut := range []int{7, 8, 9, 8 + MaxRecord - 1, 8 + MaxRecord, 8 + MaxRecord + 1, 8 + MaxRecord + 255, len(in) - 1} {
		if told(t, in, cut) != want {
			t.Errorf("cut at %d it is read as something else", cut)
		}
	}
}

func TestReset(t *testing.T) {
	var r Reader
	if _, _, e := r.Next([]byte("x")); e != BadVersion || !e.Refused() {
		t.Fatal(e)
	}
	r.Reset()
	if _, n, e := r.Next([]byte(rec(3, "\x00\x00\x00\x07", 0))); n != 12 || e != End || !r.Clean() || r.AppStatus() != 7 {
		t.Error(n, e)
	}
	if got := r.AppendRefusal([]byte("a")); string(got) != "a" {
		t.Errorf("%q", got)
	}
}

func TestTrimStderr(t *testing.T) {
	for in, want := range map[string]string{"": "", "a": "a", "PHP message: a. \r\n": "PHP message: a", "\n": "\n", "...": ".", "a\nb": "a\nb"} {
		if got := TrimStderr([]byte(in)); string(got) != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// A Reader says the same however its input was cut.
func FuzzReader(f *testing.F) {
	for _, a := range answers {
		f.Add(a.in, 3, 9)
	}
	f.Fuzz(func(t *testing.T, in string, a, b int) {
		want := told(t, in)
		cut := func(n int) int { return max(n%(len(in)+1), -(n % (len(in) + 1))) }
		a, b = cut(a), cut(b)
		if got := told(t, in, min(a, b), max(a, b)); got != want {
			t.Errorf("%q: %s\ncut at %d and %d: %s", in, want, a, b, got)
		}
	})
}
