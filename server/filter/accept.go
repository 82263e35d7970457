package filter

// Hot: runs for every response that could be compressed; no allocation, no map, no defer.

import "strings"

// Accepts tells whether an Accept-Encoding value names a coding, read as NGINX reads it (ngx_http_gzip_accept_encoding): the
// name begins the value or follows a comma or a space, "*" stands for nothing, a weight of zero refuses, and so does
// whatever is no weight. coding is in lower case.
func Accepts(value []byte, coding string) bool {
	for at := 0; ; {
		i := indexFold(value[at:], coding)
		if i < 0 {
			return false
		}
		at += i
		rest := value[at+len(coding):]
		if at == 0 || value[at-1] == ',' || value[at-1] == ' ' {
			return permitted(rest)
		}
		at += len(coding)
	}
}

// permitted reads what follows the name: nothing, the next element, or a weight.
func permitted(b []byte) bool {
	b = trimSpaces(b)
	if len(b) == 0 || b[0] == ',' {
		return true
	}
	if b[0] != ';' {
		return false
	}
	b = trimSpaces(b[1:])
	switch {
	case len(b) == 0:
		return true
	case b[0]|0x20 != 'q' || len(b) < 3 || b[1] != '=':
		return false
	}
	return quantity(b[2:]) > 0
}

// quantity reads a weight, in hundredths; NGINX adds the digits up, which tells zero from the rest as well.
func quantity(b []byte) int {
	if b[0] != '0' && b[0] != '1' {
		return 0
	}
	q := int(b[0]-'0') * 100
	if len(b) == 1 || b[1] == ',' || b[1] == ' ' {
		return q
	}
	if b[1] != '.' {
		return 0
	}
	digits := 0
	for _, c := range b[2:] {
		if c == ',' || c == ' ' {
			break
		}
		if c < '0' || c > '9' {
			return 0
		}
		q += int(c - '0')
		digits++
	}
	if q > 100 || digits > 3 {
		return 0
	}
	return q
}

func trimSpaces(b []byte) []byte {
	for len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	return b
}

// indexFold returns where lower, which is in lower case, begins in b in any case, or -1.
func indexFold(b []byte, lower string) int {
	for i := 0; i+len(lower) <= len(b); i++ {
		if b[i]|0x20 == lower[0] && strings.EqualFold(string(b[i:i+len(lower)]), lower) {
			return i
		}
	}
	return -1
}
