package cache

// Hot: Field runs for every field of a response; no allocation, no map, no defer.

import (
	"math"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// Ignore is a set of response fields that have no say (NGINX: proxy_ignore_headers).
type Ignore uint8

// The fields that Freshness reads.
const (
	IgnoreAccelExpires Ignore = 1 << iota
	IgnoreExpires
	IgnoreCacheControl
	IgnoreSetCookie
	IgnoreVary
)

// ValidFor is one pair of proxy_cache_valid: for how many seconds a response of that status is fresh. Status 0 is any.
type ValidFor struct {
	Status  int
	Seconds int64
}

// ValidForStatus returns what the first pair that fits says, 0 when none does.
func ValidForStatus(pairs []ValidFor, status int) int64 {
	for i := range pairs {
		if s := pairs[i].Status; s == 0 || s == status {
			return pairs[i].Seconds
		}
	}
	return 0
}

// Freshness reads from the fields of a response whether, and how long, it may be kept, as NGINX does (RFC 9111 section 5.2 says more
// than is done). Its zero value does not know the time: begin with Reset. It may be used again.
//
//	X-Accel-Expires, wherever it stands, wins over Cache-Control, and that over Expires. no-cache, no-store and private, in any line of
//	Cache-Control, forbid to keep the response unless X-Accel-Expires stands behind them or before; Set-Cookie and "Vary: *"
//	forbid it always. Of X-Accel-Expires and Expires the first line counts.
type Freshness struct {
	now    int64 // seconds
	ignore Ignore

	never, noCache, expired bool // never: nothing can make it cacheable any more
	accel, expires          bool // there was such a line
	valid                   int64
	updating, errors        int64
	vary                    []byte
	varied                  bool
}

// Reset begins another response; now is in milliseconds.
func (f *Freshness) Reset(now int64, ignore Ignore) {
	*f = Freshness{now: now / 1000, ignore: ignore, vary: f.vary[:0]}
}

// Field reads a field line of the response; one that says nothing of caching is passed over. name is in any case.
func (f *Freshness) Field(name, value []byte) {
	switch len(name) {
	case len("vary"):
		if f.is(IgnoreVary, name, "vary") {
			f.readVary(value)
		}
	case len("expires"):
		if equalFold(name, "expires") && !f.expires {
			f.expires = true
			if f.ignore&IgnoreExpires == 0 {
				f.readExpires(value)
			}
		}
	case len("set-cookie"):
		if f.is(IgnoreSetCookie, name, "set-cookie") {
			f.never = true
		}
	case len("cache-control"):
		if f.is(IgnoreCacheControl, name, "cache-control") {
			f.readCacheControl(value)
		}
	case len("x-accel-expires"):
		if equalFold(name, "x-accel-expires") && !f.accel {
			f.accel = true
			if f.ignore&IgnoreAccelExpires == 0 {
				f.readAccelExpires(value)
			}
		}
	}
}

func (f *Freshness) is(bit Ignore, name []byte, lower string) bool {
	return f.ignore&bit == 0 && equalFold(name, lower)
}

// Result says whether a response of that status may be kept, and fills in Valid, Updating, Error, Date and Vary of m, which is the
// Freshness's memory until Reset. When no field says how long, valid does (proxy_cache_valid).
func (f *Freshness) Result(m *Meta, status int, valid []ValidFor) (cacheable bool) {
	m.Valid = f.valid
	if m.Valid == 0 {
		if n := ValidForStatus(valid, status); n != 0 {
			m.Valid = add(f.now, n)
		}
	}
	m.Status, m.Updating, m.Error, m.Date, m.Vary = status, f.updating, f.errors, f.now, f.vary
	return !f.never && !f.noCache && !f.expired && m.Valid != 0
}

// Forbids tells whether the fields that were read so far forbid to keep the response, whatever Result says of its validity.
func (f *Freshness) Forbids() bool { return f.never || f.noCache || f.expired }

// Explicit tells whether a field said how long the response is fresh. After a 304 without, what is stored says it (NGINX).
func (f *Freshness) Explicit() bool { return f.valid != 0 }

func (f *Freshness) readVary(value []byte) {
	for rest := value; len(rest) > 0; {
		var name []byte
		if name, rest = nextToken(rest); string(name) == "*" {
			f.never = true
			return
		}
	}
	if f.varied {
		f.vary = append(f.vary, ", "...)
	}
	f.vary, f.varied = append(f.vary, value...), true
	if len(f.vary) > varyMax {
		f.never = true
	}
}

func (f *Freshness) readExpires(value []byte) {
	if f.valid != 0 {
		return
	}
	if at, ok := http1.ParseDate(value); ok && at >= f.now {
		f.valid = at
	} else {
		f.expired = true
	}
}

// readAccelExpires takes seconds from now, or the time behind "@"; 0 is never. What is no number says nothing.
func (f *Freshness) readAccelExpires(value []byte) {
	at := len(value) > 0 && value[0] == '@'
	if at {
		value = value[1:]
	}
	n, ok := number(value)
	switch {
	case !ok:
		return
	case !at && n == 0:
		f.never = true
		return
	case !at:
		n = add(f.now, n)
	}
	f.valid, f.noCache, f.expired = n, false, false
}

func (f *Freshness) readCacheControl(value []byte) {
	if !f.accel || f.valid == 0 {
		if find(value, "no-cache") >= 0 || find(value, "no-store") >= 0 || find(value, "private") >= 0 {
			f.noCache = true
			return
		}
		if !f.readMaxAge(value) {
			return
		}
	}
	if n, there := f.directive(value, "stale-while-revalidate="); there {
		f.updating, f.errors = n, n
	}
	if n, there := f.directive(value, "stale-if-error="); there {
		f.errors = n
	}
}

// readMaxAge returns false when the rest of the line has no say.
func (f *Freshness) readMaxAge(value []byte) bool {
	n, there := f.directive(value, "s-maxage=")
	if !there {
		n, there = f.directive(value, "max-age=")
	}
	switch {
	case !there:
		return true
	case f.never:
		return false
	case n == 0:
		f.noCache = true
		return false
	}
	f.valid, f.expired = add(f.now, n), false
	return true
}

// directive returns the seconds behind a directive's name. Those that are no number make the response uncacheable.
func (f *Freshness) directive(value []byte, name string) (n int64, there bool) {
	i := find(value, name)
	if i < 0 {
		return 0, false
	}
	value = value[i+len(name):]
	end := 0
	for end < len(value) && value[end] != ',' && value[end] != ';' && value[end] != ' ' {
		end++
	}
	if end == 0 {
		return 0, true
	}
	n, ok := number(value[:end])
	if !ok {
		f.never = true
	}
	return n, true
}

// number reads digits; a number that is too large is the largest.
func number(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n > (math.MaxInt64-9)/10 {
			n = math.MaxInt64
		} else {
			n = n*10 + int64(c-'0')
		}
	}
	return n, len(b) > 0
}

// add adds seconds without overflow.
func add(a, b int64) int64 {
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}

// find returns where lower stands in b, in any case, or -1.
func find(b []byte, lower string) int {
	for i := 0; i+len(lower) <= len(b); i++ {
		if b[i]|0x20 == lower[0] && equalFold(b[i:i+len(lower)], lower) {
			return i
		}
	}
	return -1
}

// equalFold compares with a text in lower case.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
