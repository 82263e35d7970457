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

// parseRanges parses a Range field (RFC 9110 section 14.2) into out, with NGINX's outcomes throughout. Another unit is
// ignored, and so is a range of an empty file; a malformed set or a number beyond int64 is 416; a range that selects nothing
// is left out, and when none is left it is 416. More ranges than out holds, or ranges that together are more than the file,
// are a bomb (CVE-2011-3192) and answered with the whole file.
func parseRanges(value []byte, size int64, out []byteRange) (n int, v rangeVerdict) {
	const unit = "bytes="
	if len(value) <= len(unit) || !foldPrefix(value, unit) { // nothing behind the unit counts as no range, as in NGINX
		return 0, wholeFile
	}
	s := scanner{value[len(unit):]}
	var total int64
	for {
		r, ok := s.one(size)
		if !ok {
			return 0, unsatisfiable
		}
		switch {
		case r.start < r.end:
			if n == len(out) {
				return 0, wholeFile
			}
			out[n] = r
			n++
			if total += r.end - r.start; total < 0 {
				return 0, unsatisfiable
			}
		case r.start == 0: // nothing of an empty file
			return 0, wholeFile
		}
		if len(s.b) == 0 {
			break
		}
		s.b = s.b[1:] // the comma at which one stopped
	}
	switch {
	case n == 0:
		return 0, unsatisfiable
	case total > size:
		return 0, wholeFile
	}
	return n, someRanges
}

type scanner struct{ b []byte }

func (s *scanner) space() {
	for len(s.b) > 0 && s.b[0] == ' ' {
		s.b = s.b[1:]
	}
}

// ends reports whether a range ends here: at a comma, or at the end of the value.
func (s *scanner) ends() bool { return len(s.b) == 0 || s.b[0] == ',' }

// number takes digits; ok tells whether there were any, and that they fit an int64 (CVE-2017-7529).
func (s *scanner) number() (n int64, ok bool) {
	for len(s.b) > 0 && s.b[0] >= '0' && s.b[0] <= '9' {
		d := int64(s.b[0] - '0')
		if n > (math.MaxInt64-d)/10 {
			return 0, false
		}
		n = n*10 + d
		ok = true
		s.b = s.b[1:]
	}
	return n, ok
}

// one takes "first-last", "first-" or "-suffix" up to the comma or the end behind it. The range is empty when it selects
// nothing of size bytes.
func (s *scanner) one(size int64) (r byteRange, ok bool) {
	s.space()
	if len(s.b) > 0 && s.b[0] == '-' {
		s.b = s.b[1:]
		n, ok := s.number()
		s.space()
		return byteRange{size - min(n, size), size}, ok && s.ends()
	}
	first, ok := s.number()
	s.space()
	if !ok || len(s.b) == 0 || s.b[0] != '-' {
		return r, false
	}
	s.b = s.b[1:]
	s.space()
	if s.ends() {
		return byteRange{first, size}, true
	}
	last, ok := s.number()
	s.space()
	return byteRange{first, min(last, size-1) + 1}, ok && s.ends()
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
