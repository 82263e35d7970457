package memcached

import (
	"fmt"
	"strings"
	"testing"
)

func TestAppendGet(t *testing.T) {
	for key, want := range map[string]string{
		"/a?b=c&d": "/a?b=c&d", "a b\r\n\t\x00%": "a%20b%0D%0A%09%00%25", "\x7f\x80\xff": "\x7f\x80\xff", "%20": "%2520",
	} {
		got := AppendGet([]byte("x"), []byte(key))
		if string(got) != "xget "+want+"\r\n" {
			t.Errorf("%q: %q", key, got)
		}
		if k := Key(got[1:]); string(k) != want {
			t.Errorf("%q: the key is %q", key, k)
		}
	}
}

// answers to "get /k" with memcached_gzip_flag 2: what Head says, then what Next says.
var answers = []struct{ name, in, want string }{
	{"a value", "VALUE /k 0 5\r\nhello\r\nEND\r\n", "found 5: hello end clean"},
	{"an empty value", "VALUE /k 0 0\r\n\r\nEND\r\n", "found 0: end clean"},
	{"gzip", "VALUE /k 2 2\r\nzz\r\nEND\r\n", "found 2 gzip: zz end clean"},
	{"other flags", "VALUE /k 4294967293 2\r\nzz\r\nEND\r\n", "found 2: zz end clean"},
	{"a value with a line end", "VALUE /k 0 7\r\n\r\nEND\r\n\r\nEND\r\n", "found 7: \r\nEND\r\n end clean"},
	{"no value", "END\r\n", "not found clean"},
	{"no value and more", "END\r\nx", "not found trailer"},
	{"more behind", "VALUE /k 0 2\r\nhi\r\nEND\r\nVALUE", "found 2: hi trailer"},
	{"two values", "VALUE /k 0 2\r\nhi\r\nVALUE /k 0 2\r\nhi\r\nEND\r\n", "found 2: hi trailer"},
	{"a value too long", "VALUE /k 0 2\r\nhi!\r\nEND\r\n", "found 2: hi trailer"},
	{"LF alone behind", "VALUE /k 0 2\r\nhi\nEND\n", "found 2: hi trailer"},
	{"cut in the head", "VALUE /k 0 ", ""},
	{"cut in the value", "VALUE /k 0 5\r\nhe", "found 5: he"},
	{"cut in the trailer", "VALUE /k 0 2\r\nhi\r\nEN", "found 2: hi"},
	{"nothing", "", ""},
	{"an error", "ERROR\r\n", `memcached sent invalid response: "ERROR"`},
	{"a server's error", "SERVER_ERROR out of memory\r\n", `memcached sent invalid response: "SERVER_ERROR out of memory"`},
	{"an empty line", "\r\n", `memcached sent invalid response: ""`},
	{"LF alone", "\n", `memcached sent invalid response: ""`},
	{"END with LF alone", "END\n", `memcached sent invalid response: "END"`},
	{"END and more", "ENDX\r\n", `memcached sent invalid response: "ENDX"`},
	{"another key", "VALUE /j 0 2\r\nhi\r\nEND\r\n", `memcached sent invalid key in response "VALUE /j 0 2" for key "/k"`},
	{"a shorter key", "VALUE / 0 2\r\n", `memcached sent invalid key in response "VALUE / 0 2" for key "/k"`},
	{"a longer key", "VALUE /kk 0 2\r\n", `memcached sent invalid response: "VALUE /kk 0 2"`},
	{"the key alone", "VALUE /k\r\n", `memcached sent invalid response: "VALUE /k"`},
	{"no length", "VALUE /k 0\r\n", `memcached sent invalid response: "VALUE /k 0"`},
	{"flags that are none", "VALUE /k x 2\r\n", `memcached sent invalid flags in response "VALUE /k x 2" for key "/k"`},
	{"no flags", "VALUE /k  2\r\n", `memcached sent invalid flags in response "VALUE /k  2" for key "/k"`},
	{"negative", "VALUE /k 0 -2\r\n", `memcached sent invalid length in response "VALUE /k 0 -2" for key "/k"`},
	{"empty length", "VALUE /k 0 \r\n", `memcached sent invalid length in response "VALUE /k 0 " for key "/k"`},
	{"a cas number", "VALUE /k 0 2 9\r\n", `memcached sent invalid length in response "VALUE /k 0 2 9" for key "/k"`},
	{"too long a length", "VALUE /k 0 9223372036854775808\r\n", `memcached sent invalid length in response "VALUE /k 0 9223372036854775808" for key "/k"`},
	{"the longest", "VALUE /k 0 9223372036854775807\r\n", "found 9223372036854775807:"},
}

// told feeds in to a Reader in pieces that end at the cuts and says what it said, the pieces of the content joined.
func told(t testing.TB, in string, cuts ...int) string {
	var r Reader
	key := []byte("/k")
	at, v, ends := 0, Partial, append(cuts, len(in))
	for ; v == Partial && len(ends) > 0; ends = ends[1:] {
		at, v = r.Head([]byte(in[:ends[0]]), key, 2)
		if v != Partial {
			break
		}
	}
	words := []string{}
	switch {
	case v == Partial:
		return ""
	case v.Refused():
		return string(AppendRefusal(nil, v, []byte(in), key))
	case v == NotFound:
		words = append(words, "not found")
	case r.Gzip():
		words = append(words, fmt.Sprintf("found %d gzip:", r.Length()))
	default:
		words = append(words, fmt.Sprintf("found %d:", r.Length()))
	}
	content := ""
	for _, end := range ends {
		for at < end {
			data, n, verdict := r.Next([]byte(in[at:end]))
			at += n
			if verdict == Content && len(data) != n || verdict == Partial && at != end {
				t.Fatalf("%q: %d with %d bytes of %d", in, verdict, len(data), n)
			}
			if content += string(data); verdict == BadTrailer {
				at, v = len(in), BadTrailer
			} else if verdict == End {
				v = End
			}
		}
	}
	if content != "" {
		words = append(words, content)
	}
	if v == End || v == BadTrailer {
		words = append(words, map[Verdict]string{End: "end", BadTrailer: "trailer"}[v])
	}
	if r.Clean() {
		words = append(words, "clean")
	}
	return strings.Join(words, " ")
}

func TestAnswers(t *testing.T) {
	for _, a := range answers {
		check := func(cuts ...int) {
			t.Helper()
			if got := told(t, a.in, cuts...); got != a.want {
				t.Errorf("%s, cut at %d: %q\nwant %q", a.name, cuts, got, a.want)
			}
		}
		check()
		each := make([]int, 0, len(a.in))
		for cut := range len(a.in) {
			each = append(each, cut)
			check(cut)
		}
		check(each...)
	}
}

func TestFlagsUnseen(t *testing.T) {
	var r Reader
	if n, v := r.Head([]byte("VALUE /k x 2\r\n"), []byte("/k"), 0); v != Found || n != 14 || r.Gzip() {
		t.Error(n, v)
	}
	r.Reset()
	if got := AppendRefusal(nil, NotFound, nil, []byte("/k")); string(got) != `key: "/k" was not found by memcached` {
		t.Errorf("%s", got)
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
