package router

// Hot: runs for every request; no allocation, no map, no defer.

import "strings"

// Kind is the type of a captured value.
type Kind uint8

const (
	// KindStr is Django's str: one or more bytes, no "/". ServeMux's {name} is the same.
	KindStr Kind = iota
	// KindInt is [0-9]+ as an int64; what does not fit does not match (Django: integers of any size).
	KindInt
	// KindSlug is [-a-zA-Z0-9_]+.
	KindSlug
	// KindUUID is a lower-case UUID with dashes.
	KindUUID
	// KindPath is one or more bytes other than newline, "/" among them.
	KindPath
	// KindRest is what is left of the path, which may be nothing: ServeMux's {name...}.
	KindRest
	// KindCustom is a value made by a [Converter].
	KindCustom
	// KindGroup is a group of a regular expression.
	KindGroup
)

const uuidLen = 36

// classDigit and the others are bits of byteClass.
const (
	classDigit = 1 << iota
	classSlug
	classHex
)

var byteClass = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case '0' <= c && c <= '9':
			t[c] = classDigit | classSlug | classHex
		case 'a' <= c && c <= 'f':
			t[c] = classSlug | classHex
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '-', c == '_':
			t[c] = classSlug
		}
	}
	return t
}()

// contains reports whether a value of kind k may hold the byte c.
func (k Kind) contains(c byte) bool {
	switch k {
	case KindStr:
		return c != '/'
	case KindInt:
		return byteClass[c]&classDigit != 0
	case KindSlug, KindUUID:
		return byteClass[c]&classSlug != 0
	case KindPath:
		return c != '\n'
	}
	return true
}

// run returns the end of the longest value of kind k that starts at path[pos], or -1 when there is none.
func (k Kind) run(path string, pos int) int {
	end := pos
	switch k {
	case KindStr:
		end = runUntil(path, pos, '/')
	case KindInt:
		end = runOf(path, pos, classDigit)
	case KindSlug:
		end = runOf(path, pos, classSlug)
	case KindUUID:
		return uuidEnd(path, pos)
	case KindPath:
		end = runUntil(path, pos, '\n')
	case KindRest:
		return len(path)
	}
	if end == pos {
		return -1
	}
	return end
}

func runUntil(path string, pos int, stop byte) int {
	if i := strings.IndexByte(path[pos:], stop); i >= 0 {
		return pos + i
	}
	return len(path)
}

func runOf(path string, pos int, class uint8) int {
	for pos < len(path) && byteClass[path[pos]]&class != 0 {
		pos++
	}
	return pos
}

func uuidEnd(path string, pos int) int {
	if len(path)-pos < uuidLen {
		return -1
	}
	for i := range uuidLen {
		c := path[pos+i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return -1
			}
		} else if byteClass[c]&classHex == 0 {
			return -1
		}
	}
	return pos + uuidLen
}

// parseInt reads the digits that KindInt matched; false when they do not fit an int64.
func parseInt(digits string) (int64, bool) {
	if len(digits) > 19 {
		digits = strings.TrimLeft(digits, "0")
		if len(digits) > 19 {
			return 0, false
		}
	}
	var n uint64 // 19 digits fit
	for i := range len(digits) {
		n = n*10 + uint64(digits[i]-'0')
	}
	return int64(n), n <= 1<<63-1
}
