package http1

import (
	"regexp"
	"strings"
	"testing"
)

// Lists over several field lines are one list, and a "*" in one is no tag.
func TestTagLists(t *testing.T) {
	for _, c := range []struct {
		lines string // separated by "|"
		etag  string
		weak  bool
		want  TagMatch
	}{
		{``, `"a"`, true, NoTags},
		{`a`, `"a"`, true, NoTags},
		{`*`, `"a"`, false, TagMatched},
		{`*`, `W/"a"`, false, TagMatched},
		{`*`, ``, false, TagUnmatched},
		{`*, "b"`, `"a"`, true, TagUnmatched},
		{`*|"b"`, `"a"`, true, TagUnmatched},
		{`"b"|*`, `"a"`, true, TagUnmatched},
		{`"a"`, `"a"`, false, TagMatched},
		{`"b"|"a"`, `"a"`, false, TagMatched},
		{`"b" , "a"`, `"a"`, false, TagMatched},
		{`"b","a"`, `W/"a"`, true, TagMatched},
		{`"b","a"`, `W/"a"`, false, TagUnmatched},
		{`W/"a"`, `"a"`, true, TagMatched},
		{`W/"a"`, `"a"`, false, TagUnmatched},
		{`w/"a"`, `"a"`, true, NoTags},
		{`"a" "b"`, `"a"`, true, NoTags},
		{`"a" "b", "c"`, `"c"`, true, TagMatched},
		{`"x,y"`, `"x,y"`, true, TagMatched},
		{`"x\", "y"`, `"y"`, true, TagMatched},
		{`"a`, `"a"`, true, NoTags},
		{`,,"a",`, `"a"`, true, TagMatched},
		{`""`, `""`, true, TagMatched},
		{`"a"`, `a`, true, TagUnmatched},
	} {
		head := []byte("GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: " + strings.ReplaceAll(c.lines, "|", "\r\nIf-None-Match: ") + "\r\n\r\n")
		var r Request
		limits := DefaultLimits()
		if v := r.Parse(head, &limits); v != Complete {
			t.Fatal(v)
		}
		if got := r.MatchETags(head, IfNoneMatch, c.etag, c.weak); got != c.want {
			t.Errorf("%s has %s (weak %t): got %d, want %d", c.lines, c.etag, c.weak, got, c.want)
		}
	}
}

// FuzzMatchETag compares with Django's parse_etags, which splits at every comma, on lists without a comma in quotes.
func FuzzMatchETag(f *testing.F) {
	for _, s := range []string{"", "*", `"a"`, `W/"a", "b"`, `"a" x,`, `x"a"`, `,`, `W/`, `W/W/"a"`, `"a"b"c"`, "\t\"a\" , W/ \"b\""} {
		f.Add(s, `"a"`)
		f.Add(s, `W/"b"`)
	}
	tag := regexp.MustCompile(`^(?:W/)?"[^"]*"$`)
	f.Fuzz(func(t *testing.T, list, etag string) {
		if !tag.MatchString(etag) || strings.ContainsFunc(list, func(r rune) bool { return r != '\t' && (r < ' ' || r > '~') }) {
			return
		}
		strong, weak := NoTags, NoTags
		for elem := range strings.SplitSeq(list, ",") {
			if strings.Count(elem, `"`)%2 == 1 {
				return
			}
			if elem = strings.Trim(elem, " \t"); !tag.MatchString(elem) {
				continue
			}
			strong, weak = max(strong, TagUnmatched), max(weak, TagUnmatched)
			if elem == etag && !strings.HasPrefix(etag, "W/") {
				strong = TagMatched
			}
			if strings.TrimPrefix(elem, "W/") == strings.TrimPrefix(etag, "W/") {
				weak = TagMatched
			}
		}
		if got := matchTags([]byte(list), etag, false); got != strong {
			t.Errorf("%q has %q: got %d, want %d", list, etag, got, strong)
		}
		if got := matchTags([]byte(list), etag, true); got != weak {
			t.Errorf("%q has %q, weak: got %d, want %d", list, etag, got, weak)
		}
	})
}
