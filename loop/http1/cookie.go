// Hot: no allocation, no map, no defer.

package http1

// NextCookie splits a Cookie field (RFC 6265 section 4.2.1): the first pair, and the rest. A pair without "=" has an empty
// name. At the end both are empty and rest is nil.
func NextCookie(field []byte) (name, value, rest []byte) {
	for len(field) > 0 {
		end := 0
		for end < len(field) && field[end] != ';' {
			end++
		}
		pair := trimmed(field[:end])
		field = field[min(end+1, len(field)):]
		if len(pair) == 0 {
			continue
		}
		for i, c := range pair {
			if c == '=' {
				return trimmed(pair[:i]), unquoted(trimmed(pair[i+1:])), field
			}
		}
		return nil, pair, field
	}
	return nil, nil, nil
}

// CookieValue returns the value of the first cookie of that name, compared exactly, and whether there is one.
func CookieValue(field []byte, name string) ([]byte, bool) {
	for len(field) > 0 {
		n, v, rest := NextCookie(field)
		if string(n) == name && n != nil {
			return v, true
		}
		field = rest
	}
	return nil, false
}

// unquoted removes the double quotes around a cookie's value.
func unquoted(b []byte) []byte {
	if len(b) >= 2 && b[0] == '"' && b[len(b)-1] == '"' {
		return b[1 : len(b)-1]
	}
	return b
}
