package slice

import (
	"math"
	"strings"
)

// span is what a Range value asks for; a suffix is its last start bytes.
type span struct {
	start, end int64 // end is behind the last byte
	suffix     bool
}

// of returns the bytes of a whole; there are none when from is not before to.
func (s span) of(total int64) (from, to int64) {
	if s.suffix {
		return max(total-s.start, 0), total
	}
	return s.start, min(s.end, total)
}

// verdict is what a Range value is.
type verdict uint8

const (
	whole   verdict = iota // no range of bytes, or several: the answer is the whole
	one                    // range
	invalid                // 416, as in NGINX
)

// parseRange reads a Range value (RFC 9110 section 14.1.2).
func parseRange(value []byte) (s span, v verdict) {
	text := string(value)
	if len(text) < 7 || !strings.EqualFold(text[:6], "bytes=") {
		return s, whole
	}
	s, rest, ok := cutSpan(strings.TrimLeft(text[6:], " "))
	rest = strings.TrimLeft(rest, " ")
	switch {
	case !ok:
		return s, invalid
	case rest == "":
		return s, one
	case rest[0] == ',':
		return s, whole
	}
	return s, invalid
}

// cutSpan reads the range that a text begins with.
func cutSpan(text string) (s span, rest string, ok bool) {
	if suffix, is := strings.CutPrefix(text, "-"); is {
		n, rest, ok := cutNumber(suffix)
		return span{start: n, suffix: true}, rest, ok
	}
	s.start, text, ok = cutNumber(text)
	text, dash := strings.CutPrefix(strings.TrimLeft(text, " "), "-")
	if !ok || !dash {
		return s, text, false
	}
	if text = strings.TrimLeft(text, " "); text == "" || text[0] == ',' {
		s.end = math.MaxInt64
		return s, text, true
	}
	s.end, text, ok = cutNumber(text)
	if s.end < math.MaxInt64 {
		s.end++
	}
	return s, text, ok
}

// cutNumber reads the number that a text begins with. One that is too large is refused.
func cutNumber(text string) (n int64, rest string, ok bool) {
	i := 0
	for ; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
		digit := int64(text[i] - '0')
		if n > (math.MaxInt64-digit)/10 {
			return 0, "", false
		}
		n = n*10 + digit
	}
	return n, text[i:], i > 0
}

// parseContentRange reads a Content-Range value whose length is known; end is behind the last byte.
func parseContentRange(text string) (start, end, total int64, ok bool) {
	text, ok = strings.CutPrefix(text, "bytes ")
	if !ok {
		return 0, 0, 0, false
	}
	var oks [3]bool
	start, text, oks[0] = cutNumber(strings.TrimLeft(text, " "))
	text, dash := strings.CutPrefix(strings.TrimLeft(text, " "), "-")
	end, text, oks[1] = cutNumber(strings.TrimLeft(text, " "))
	text, slash := strings.CutPrefix(strings.TrimLeft(text, " "), "/")
	total, text, oks[2] = cutNumber(strings.TrimLeft(text, " "))
	if !oks[0] || !oks[1] || !oks[2] || !dash || !slash || strings.TrimLeft(text, " ") != "" || end == math.MaxInt64 {
		return 0, 0, 0, false
	}
	return start, end + 1, total, true
}
