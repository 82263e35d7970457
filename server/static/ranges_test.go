package static

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

var rangeCases = []struct {
	value string
	size  int64
	want  string // ranges, "whole" or "416"
}{
	{"bytes=0-0", 10, "0-1"}, {"bytes=0-9", 10, "0-10"}, {"bytes=0-10", 10, "0-10"}, {"bytes=5-", 10, "5-10"}, {"bytes=-1", 10, "9-10"},
	{"bytes=-100", 10, "0-10"}, {"bytes=1-2,4-5", 10, "1-3 4-6"}, {"bytes= 1 - 2 , 4-5 ", 10, "1-3 4-6"}, {"Bytes=1-2", 10, "1-3"},
	{"bytes=10-", 10, "416"}, {"bytes=5-2", 10, "416"}, {"bytes=-", 10, "416"}, {"bytes=", 10, "whole"}, {"bytes=a-b", 10, "416"},
	{"bytes=1-2;3-4", 10, "416"}, {"bytes=1-2,", 10, "416"}, {"bytes=1-2,20-30", 10, "1-3"}, {"bytes=-0", 10, "416"}, {"bytes=0-0", 0, "416"},
	{"lines=1-2", 10, "whole"}, {"", 10, "whole"}, {"bytes", 10, "whole"}, {"bytes=0-9,0-9", 10, "whole"}, {"bytes=0-4,5-9", 10, "0-5 5-10"},
	{"bytes=0-18446744073709551615", 10, "0-10"}, {"bytes=18446744073709551615-", 10, "416"}, {"bytes=-9223372036854775808", 10, "0-10"},
	{"bytes=" + strings.Repeat("0-0,", 16) + "1-1", 100, "whole"},
}

func describeRanges(value string, size int64) string {
	var list [MaxRanges]byteRange
	n, v := parseRanges([]byte(value), size, list[:])
	switch v {
	case wholeFile:
		return "whole"
	case unsatisfiable:
		return "416"
	}
	var parts []string
	for _, r := range list[:n] {
		parts = append(parts, fmt.Sprintf("%d-%d", r.start, r.end))
	}
	return strings.Join(parts, " ")
}

func TestRanges(t *testing.T) {
	for _, c := range rangeCases {
		if got := describeRanges(c.value, c.size); got != c.want {
			t.Errorf("%.60q of %d: %s, want %s", c.value, c.size, got, c.want)
		}
	}
}

// naiveRange is the reference for one plain "first-last", "first-" or "-suffix" whose numbers fit.
func naiveRange(value string, size int64) (string, bool) {
	first, last, ok := strings.Cut(strings.TrimPrefix(value, "bytes="), "-")
	a, errA := strconv.ParseInt(first, 10, 62)
	b, errB := strconv.ParseInt(last, 10, 62)
	switch {
	case !ok || !strings.HasPrefix(value, "bytes=") || strings.ContainsAny(value, "+_ \t") || strings.Count(value, "-") > 1:
		return "", false
	case first == "" && errB == nil:
		a, b = max(size-b, 0), size-1
	case last == "" && errA == nil:
		b = size - 1
	case errA != nil || errB != nil:
		return "", false
	case a > b:
		return "416", true
	}
	if b = min(b, size-1); a > b {
		return "416", true
	}
	return fmt.Sprintf("%d-%d", a, b+1), true
}

// Whatever is sent, what is selected lies within the file and is no more than the file.
func FuzzRanges(f *testing.F) {
	for _, c := range rangeCases {
		f.Add(c.value, c.size)
	}
	f.Fuzz(func(t *testing.T, value string, size int64) {
		if size < 0 {
			return
		}
		var list [MaxRanges]byteRange
		n, v := parseRanges([]byte(value), size, list[:])
		var total int64
		for _, r := range list[:n] {
			if v == someRanges && (r.start < 0 || r.start >= r.end || r.end > size) {
				t.Fatalf("%q of %d selects %v", value, size, r)
			}
			total += r.end - r.start
		}
		if v == someRanges && (n == 0 || total > size) {
			t.Fatalf("%q of %d selects %d ranges of %d bytes", value, size, n, total)
		}
		if want, ok := naiveRange(value, size); ok && describeRanges(value, size) != want {
			t.Fatalf("%q of %d: %s, want %s", value, size, describeRanges(value, size), want)
		}
	})
}
