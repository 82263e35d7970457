package conf

import (
	"math"
	"strconv"
	"strings"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// ParseNumber reads a decimal number without sign, as NGINX's ngx_atoi does.
func ParseNumber(s string) (int64, bool) {
	if s == "" {
		return 0, false
	}
	n := int64(0)
	for i := range len(s) {
		d := int64(s[i]) - '0'
		if d < 0 || d > 9 || n > (math.MaxInt64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// ParseSize reads a size in bytes with an optional k or m; ParseOffset knows g as well. NGINX has both: sizes are of
// memory, offsets of files and bodies.
func ParseSize(s string) (int64, bool)   { return parseUnits(s, "km") }
func ParseOffset(s string) (int64, bool) { return parseUnits(s, "kmg") }

func parseUnits(s, units string) (int64, bool) {
	if s == "" {
		return 0, false
	}
	shift := 0
	if i := strings.IndexByte(units, s[len(s)-1]|0x20); i >= 0 {
		shift, s = 10*(i+1), s[:len(s)-1]
	}
	n, ok := ParseNumber(s)
	if !ok || n > math.MaxInt64>>shift {
		return 0, false
	}
	return n << shift, true
}

// timeUnit is a suffix of a time. Units must come in falling order, each at most once.
type timeUnit struct {
	suffix string
	length time.Duration
	rank   int
}

var timeUnits = [...]timeUnit{
	{"ms", time.Millisecond, 8}, {"y", 365 * 24 * time.Hour, 1}, {"M", 30 * 24 * time.Hour, 2},
	{"w", 7 * 24 * time.Hour, 3}, {"d", 24 * time.Hour, 4}, {"h", time.Hour, 5}, {"m", time.Minute, 6},
	{"s", time.Second, 7}, {" ", time.Second, 9},
}

// ParseMsec reads a time such as "1h 30m", "500ms" or "60", which is seconds, in milliseconds; weeks are the largest
// unit. ParseSec reads one in seconds, where years and months are known and milliseconds are not. NGINX has both.
func ParseMsec(s string) (int64, bool) { return parseTime(s, time.Millisecond, 2) }
func ParseSec(s string) (int64, bool)  { return parseTime(s, time.Second, 0) }

// parseTime reads a time in units of grain; rank is that of the largest unit which is not allowed.
func parseTime(s string, grain time.Duration, rank int) (int64, bool) {
	total, digits := int64(0), false
	for s != "" {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		value := int64(0)
		if n > 0 {
			var ok bool
			if value, ok = ParseNumber(s[:n]); !ok {
				return 0, false
			}
			digits = true
		}
		u := timeUnit{length: time.Second, rank: 10}
		if s = s[n:]; s != "" {
			var ok bool
			if u, ok = cutUnit(&s, grain); !ok || !u.follows(rank) {
				return 0, false
			}
			rank = u.rank
		}
		scale := int64(u.length / grain)
		if value > (math.MaxInt64-total)/scale {
			return 0, false
		}
		total += value * scale
		s = strings.TrimLeft(s, " ")
	}
	return total, digits
}

// follows says whether a unit may come behind one of that rank. A number of seconds without a suffix stands for "s".
func (u timeUnit) follows(rank int) bool {
	if u.suffix == " " {
		return rank < 7
	}
	return rank < u.rank
}

// cutUnit takes the unit that *s begins with.
func cutUnit(s *string, grain time.Duration) (timeUnit, bool) {
	for _, u := range timeUnits {
		if rest, ok := strings.CutPrefix(*s, u.suffix); ok {
			*s = rest
			return u, u.length >= grain
		}
	}
	return timeUnit{}, false
}

// Buffers are a number of buffers of a size in bytes.
type Buffers struct{ Number, Size int64 }

// ParseBuffers reads a number and a size, neither of them 0.
func ParseBuffers(number, size string) (b Buffers, ok bool) {
	n, ok1 := ParseNumber(number)
	s, ok2 := ParseSize(size)
	return Buffers{n, s}, ok1 && ok2 && n > 0 && s > 0
}
