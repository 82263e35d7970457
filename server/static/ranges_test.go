package static

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
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
	{"bytes=10-", 10, "416"}, {"bytes=5-2", 10, "416"}, {"bytes=5-2,0-1", 10, "0-2"}, {"bytes=-", 10, "416"}, {"bytes=", 10, "whole"},
	{"bytes=a-b", 10, "416"}, {"bytes=1-2;3-4", 10, "416"}, {"bytes=1-2,", 10, "416"}, {"bytes=,1-2", 10, "416"}, {"bytes=1-2,20-30", 10, "1-3"},
	{"bytes=-0", 10, "416"}, {"bytes=- 5", 10, "416"}, {"bytes=1-\t2", 10, "416"}, {"bytes=1 2-3", 10, "416"}, {"bytes=1-2 3", 10, "416"},
	{"bytes=1", 10, "416"}, {"bytes=1--2", 10, "416"}, {"bytes= ", 10, "416"}, {"lines=1-2", 10, "whole"}, {"", 10, "whole"}, {"bytes", 10, "whole"},
	{"bytes=0-9,0-9", 10, "whole"}, {"bytes=0-4,5-9", 10, "0-5 5-10"}, {"bytes=0-9,0-9,x", 10, "416"}, {"bytes=9-9,0-0", 10, "9-10 0-1"},
	{"bytes=0-0", 0, "whole"}, {"bytes=0-", 0, "whole"}, {"bytes=-1", 0, "whole"}, {"bytes=-0", 0, "whole"}, {"bytes=1-2", 0, "416"}, {"bytes=x", 0, "416"},
	{"bytes=0-9223372036854775807", 10, "0-10"}, {"bytes=9223372036854775807-", 10, "416"}, {"bytes=-9223372036854775807", 10, "0-10"},
	{"bytes=0-9223372036854775808", 10, "416"}, {"bytes=9223372036854775808-", 10, "416"}, {"bytes=-9223372036854775808", 10, "416"},
	{"bytes=-100600,-9223372036854675808", 100000, "whole"}, // CVE-2017-7529
	{"bytes=0-9223372036854775807", math.MaxInt64, "0-9223372036854775807"}, {"bytes=0-,0-", math.MaxInt64, "416"},
	{"bytes=" + strings.Repeat("0-0,", 15) + "1-1", 100, strings.Repeat("0-1 ", 15) + "1-2"},
	{"bytes=" + strings.Repeat("0-0,", 16) + "1-1", 100, "whole"},
	{"bytes=" + strings.Repeat("0-0,", 16) + "1-1,x", 100, "whole"},
	{"bytes=" + strings.Repeat("200-,", 20) + "1-1", 100, "1-2"},
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
		if got := describeRanges(c.value, c.size); got != strings.TrimSpace(c.want) {
			t.Errorf("%.60q of %d: %s, want %s", c.value, c.size, got, c.want)
		}
	}
}

var (
	fromTo  = regexp.MustCompile(`^ *([0-9]+) *- *([0-9]*) *$`)
	lastFew = regexp.MustCompile(`^ *-([0-9]+) *$`)
)

// naiveRanges is the reference: regular expressions, and numbers of any size.
func naiveRanges(value string, size int64) string {
	if len(value) <= 6 || strings.ToLower(value[:6]) != "bytes=" {
		return "whole"
	}
	number := func(s string) *big.Int { n, _ := new(big.Int).SetString(s, 10); return n }
	var parts []string
	all, total := big.NewInt(size), new(big.Int)
	for elem := range strings.SplitSeq(value[6:], ",") {
		start, end := new(big.Int), new(big.Int).Set(all)
		if m := fromTo.FindStringSubmatch(elem); m != nil {
			if start = number(m[1]); m[2] != "" {
				end = number(m[2])
			}
			if !start.IsInt64() || !end.IsInt64() {
				return "416"
			}
			if m[2] != "" && end.Cmp(all) < 0 {
				end.Add(end, big.NewInt(1))
			} else {
				end.Set(all)
			}
		} else if m := lastFew.FindStringSubmatch(elem); m != nil && number(m[1]).IsInt64() {
			if start.Sub(all, number(m[1])); start.Sign() < 0 {
				start.SetInt64(0)
			}
		} else {
			return "416"
		}
		switch {
		case start.Cmp(end) < 0:
			if len(parts) == MaxRanges {
				return "whole"
			}
			parts = append(parts, fmt.Sprintf("%d-%d", start, end))
			if total.Add(total, end).Sub(total, start); !total.IsInt64() {
				return "416"
			}
		case start.Sign() == 0:
			return "whole"
		}
	}
	switch {
	case len(parts) == 0:
		return "416"
	case total.Cmp(all) > 0:
		return "whole"
	}
	return strings.Join(parts, " ")
}

// Whatever is sent, what is selected lies within the file, is no more than the file, and is what the reference says.
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
		if got, want := describeRanges(value, size), naiveRanges(value, size); got != want {
			t.Fatalf("%q of %d: %s, want %s", value, size, got, want)
		}
	})
}
