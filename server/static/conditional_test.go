package static

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
)

const testTag, testTime = `"a-b"`, 784111777 // Sun, 06 Nov 1994 08:49:37 GMT

var preconditionCases = []struct {
	p    preconditions
	want outcome
}{
	{preconditions{}, proceed},
	{preconditions{ifMatch: []byte(testTag)}, proceed},
	{preconditions{ifMatch: []byte("*")}, proceed},
	{preconditions{ifMatch: []byte("")}, preconditionFailed},
	{preconditions{ifMatch: []byte(`"x", "a-b"`)}, proceed},
	{preconditions{ifMatch: []byte(`"x\", "a-b"`)}, proceed}, // a backslash escapes nothing in an entity tag
	{preconditions{ifMatch: []byte(`"x,y","a-b"`)}, proceed},
	{preconditions{ifMatch: []byte(`"a-b`)}, preconditionFailed},
	{preconditions{ifMatch: []byte(`"a-b"c`)}, preconditionFailed},
	{preconditions{ifMatch: []byte(`a-b`)}, preconditionFailed},
	{preconditions{ifMatch: []byte(`W/"a-b"`)}, preconditionFailed},
	{preconditions{ifMatch: []byte(`W/"a-b", "a-b"`)}, proceed},
	{preconditions{ifMatch: []byte(`"x", *`)}, preconditionFailed}, // "*" stands alone
	{preconditions{ifMatch: []byte(`"x"`), ifUnmodifiedSince: testDate(0)}, preconditionFailed},
	{preconditions{ifMatch: []byte(testTag), ifUnmodifiedSince: testDate(-1)}, proceed},
	{preconditions{ifUnmodifiedSince: testDate(0)}, proceed},
	{preconditions{ifUnmodifiedSince: testDate(-1)}, preconditionFailed},
	{preconditions{ifUnmodifiedSince: []byte("nonsense")}, proceed},
	{preconditions{ifNoneMatch: []byte(testTag)}, notModified},
	{preconditions{ifNoneMatch: []byte(`W/"a-b"`)}, notModified},
	{preconditions{ifNoneMatch: []byte(`, ,"x" , W/"a-b" ,`)}, notModified},
	{preconditions{ifNoneMatch: []byte("*")}, notModified},
	{preconditions{ifNoneMatch: []byte(`*, "x"`)}, proceed},
	{preconditions{ifNoneMatch: []byte(`"x"`), ifModifiedSince: testDate(0)}, proceed},
	{preconditions{ifModifiedSince: testDate(0)}, notModified},
	{preconditions{ifModifiedSince: testDate(1)}, proceed}, // exact, as NGINX
	{preconditions{ifModifiedSince: testDate(-1)}, proceed},
	{preconditions{ifModifiedSince: []byte("nonsense")}, proceed},
	{preconditions{ifMatch: []byte(testTag), ifNoneMatch: []byte(testTag)}, notModified},
	{preconditions{ifMatch: []byte(`"x"`), ifNoneMatch: []byte(testTag)}, preconditionFailed},
}

func testDate(off int64) []byte { return http1.AppendDate(nil, testTime+off) }

func TestPreconditions(t *testing.T) {
	for i, c := range preconditionCases {
		if got := c.p.evaluate(testTag, testTime, Exact, false); got != c.want {
			t.Errorf("case %d: %d, want %d", i, got, c.want)
		}
	}
}

func TestModifiedSince(t *testing.T) {
	for _, c := range []struct {
		mode               ModifiedSince
		older, same, newer outcome // what the client's date is against the file's
	}{
		{Exact, proceed, notModified, proceed},
		{Before, proceed, notModified, notModified},
		{Off, proceed, proceed, proceed},
	} {
		for off, want := range map[int64]outcome{-1: c.older, 0: c.same, 1: c.newer} {
			p := preconditions{ifModifiedSince: testDate(off)}
			if got := p.evaluate(testTag, testTime, c.mode, false); got != want {
				t.Errorf("mode %d, date off by %d: %d, want %d", c.mode, off, got, want)
			}
		}
	}
}

// Every day of the week is a date, Wednesday too, which begins with the W of a weak tag.
func TestIfRange(t *testing.T) {
	for day := range int64(7) {
		mtime := testTime + day*86400
		if date := http1.AppendDate(nil, mtime); !ifRangeHolds(date, testTag, mtime) {
			t.Errorf("%s does not hold", date)
		}
	}
	for value, want := range map[string]bool{testTag: true, `"x"`: false, `W/"a-b"`: false, `"`: false, "": false, "nonsense": false,
		string(testDate(1)): false, string(testDate(-1)): false, testTag + ", " + testTag: false} {
		if got := ifRangeHolds([]byte(value), testTag, testTime); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

// wellFormed is a list of entity tags as RFC 9110 section 8.8.3 writes it.
var wellFormed = regexp.MustCompile(`^(W/)?"[!#-~\x80-\xff]*"([ \t]*,[ \t]*(W/)?"[!#-~\x80-\xff]*")*$`)
var oneTag = regexp.MustCompile(`(W/)?"[^"]*"`)

// naiveMatch is the reference for well-formed lists.
func naiveMatch(list, etag string, weak bool) bool {
	for _, tag := range oneTag.FindAllString(list, -1) {
		if tag == etag || weak && strings.TrimPrefix(tag, "W/") == etag {
			return true
		}
	}
	return false
}

// Whatever is sent, nothing panics; well-formed lists match as the reference says, and dates in the form of today
// compare as net/http reads them.
func FuzzConditional(f *testing.F) {
	for _, c := range preconditionCases {
		f.Add(string(c.p.ifMatch), string(c.p.ifNoneMatch), string(c.p.ifModifiedSince), string(c.p.ifUnmodifiedSince))
	}
	f.Fuzz(func(t *testing.T, match, noneMatch, since, unmodified string) {
		for _, list := range []string{match, noneMatch} {
			for _, weak := range []bool{false, true} {
				got := matchesETag([]byte(list), testTag, weak)
				if got && list != "*" && !strings.Contains(list, testTag) {
					t.Errorf("%q matches", list)
				}
				if wellFormed.MatchString(list) && got != naiveMatch(list, testTag, weak) {
					t.Errorf("%q, weak %v: %v", list, weak, got)
				}
			}
		}
		p := preconditions{ifMatch: []byte(match), ifNoneMatch: []byte(noneMatch), ifModifiedSince: []byte(since), ifUnmodifiedSince: []byte(unmodified)}
		switch got := p.evaluate(testTag, testTime, Exact, false); {
		case (got == preconditionFailed) == matchesETag(p.ifMatch, testTag, false):
			t.Errorf("If-Match %q: %d", match, got)
		case got == notModified && !matchesETag(p.ifNoneMatch, testTag, true):
			t.Errorf("If-None-Match %q beside a date: %d", noneMatch, got)
		}
		if when, err := http.ParseTime(since); err == nil && when.UTC().Format(http.TimeFormat) == since {
			p := preconditions{ifModifiedSince: []byte(since)}
			if got, want := p.evaluate(testTag, testTime, Before, false) == notModified, when.Unix() >= testTime; got != want {
				t.Errorf("If-Modified-Since %q: %v, want %v", since, got, want)
			}
		}
	})
}
