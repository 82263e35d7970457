package static

// Hot: runs for every range request; no allocation, checked arithmetic.

import (
	"math"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// byteRange is [start, end) of a file.
type byteRange struct{ start, end int64 }

// rangeVerdict is what a Range field comes to.
type rangeVerdict uint8

const (
	wholeFile     rangeVerdict = iota // no range to honour: 200
	someRanges                        // 206
	unsatisfiable                     // 416
)

// parseRanges parses a Range field (RFC 9110 section 14.2) as NGINX does, into out. Another unit is ignored; a malformed set
// is 416; ranges beyond the end are left out, and when none is left it is 416. More ranges than out holds, or ranges that
// together are more than the file, are a bomb (CVE-2011-3192) and answered with the whole file.
func parseRanges(value []byte, size int64, out []byteRange) (n int, v rangeVerdict) {
	const unit = "bytes="
	if len(value) <= len(unit) || !foldPrefix(value, unit) { // nothing behind the unit counts as no range, as in NGINX
		return 0, wholeFile
	}
	s := scanner{value[len(unit):]}
	var total int64
	for {
		r, ok, valid := s.one(size)
		if !valid {
			return 0, unsatisfiable
		}
		if ok {
			if n == len(out) {
				return 0, wholeFile
			}
			out[n] = r
			n++
			if total += r.end - r.start; total > size || total < 0 {
				return 0, wholeFile
			}
		}
		s.space()
		if len(s.b) == 0 {
			break
		}
		if s.b[0] != ',' {
			return 0, unsatisfiable
		}
		s.b = s.b[1:]
	}
	if n == 0 {
		return 0, unsatisfiable
	}
	return n, someRanges
}

type scanner struct{ b []byte }

func (s *scanner) space() {
	for len(s.b) > 0 && (s.b[0] == ' ' || s.b[0] == '\t') {
		s.b = s.b[1:]
	}
}

// number takes digits; has tells whether there were any. A value beyond int64 stays at its maximum.
func (s *scanner) number() (n int64, has bool) {
	for len(s.b) > 0 && s.b[0] >= '0' && s.b[0] <= '9' {
		d := int64(s.b[0] - '0')
		if n > (math.MaxInt64-d)/10 {
			n = math.MaxInt64
		} else {
			n = n*10 + d
		}
		has = true
		s.b = s.b[1:]
	}
	return n, has
}

// one takes "first-last", "first-" or "-suffix". ok tells whether the range selects anything of size bytes.
func (s *scanner) one(size int64) (r byteRange, ok, valid bool) {
	s.space()
	first, hasFirst := s.number()
	s.space()
	if len(s.b) == 0 || s.b[0] != '-' {
		return r, false, false
	}
	s.b = s.b[1:]
	s.space()
	last, hasLast := s.number()
	switch {
	case hasFirst && hasLast && first > last, !hasFirst && !hasLast:
		return r, false, false
	case !hasFirst: // the last bytes
		r = byteRange{size - min(last, size), size}
	case !hasLast:
		r = byteRange{first, size}
	default:
		r = byteRange{first, min(last, size-1) + 1}
	}
	return r, r.start < r.end, true
}

// foldPrefix reports whether b begins with prefix, which is in lower case, in any case.
func foldPrefix(b []byte, prefix string) bool {
	for i := range len(prefix) {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != prefix[i] {
			return false
		}
	}
	return true
}

// appendContentRange appends "bytes start-last/size", or "bytes */size" for an empty range.
func appendContentRange(b []byte, r byteRange, size int64) []byte {
	b = append(b, "bytes "...)
	if r.end == 0 {
		b = append(b, '*')
	} else {
		b = http1.AppendUint(b, uint64(r.start))
		b = append(b, '-')
		b = http1.AppendUint(b, uint64(r.end-1))
	}
	b = append(b, '/')
	return http1.AppendUint(b, uint64(size))
}

// appendPartHead appends what stands before a part of a multipart/byteranges body (RFC 9110 section 14.6).
func appendPartHead(b []byte, boundary, contentType string, r byteRange, size int64) []byte {
	b = append(b, "\r\n--"...)
	b = append(b, boundary...)
	b = append(b, "\r\n"...)
	if contentType != "" {
		b = http1.AppendField(b, "Content-Type", contentType)
	}
	b = append(b, "Content-Range: "...)
	b = appendContentRange(b, r, size)
	return append(b, "\r\n\r\n"...)
}
