// Hot: no allocation beyond dst, no map, no defer.

package http1

import "bytes"

// NextQuery splits a query (application/x-www-form-urlencoded): the first pair, as it was sent, and the rest. A pair
// without "=" has an empty value. At the end everything is nil.
func NextQuery(raw []byte) (key, value, rest []byte) {
	for len(raw) > 0 {
		pair := raw
		if amp := bytes.IndexByte(raw, '&'); amp >= 0 {
			pair, raw = raw[:amp], raw[amp+1:]
		} else {
			raw = nil
		}
		if len(pair) == 0 {
			continue
		}
		if eq := bytes.IndexByte(pair, '='); eq >= 0 {
			return pair[:eq], pair[eq+1:], raw
		}
		return pair, pair[len(pair):], raw
	}
	return nil, nil, nil
}

// QueryValue returns the first value of a key, as it was sent, and whether there is one. Keys are compared decoded.
func QueryValue(raw []byte, name string) ([]byte, bool) {
	for len(raw) > 0 {
		key, value, rest := NextQuery(raw)
		if key != nil && equalDecoded(key, name) {
			return value, true
		}
		raw = rest
	}
	return nil, false
}

// equalDecoded reports whether an escaped key means name.
func equalDecoded(key []byte, name string) bool {
	n := 0
	for i := 0; i < len(key); i, n = i+1, n+1 {
		c := key[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(key) && class[key[i+1]]&class[key[i+2]]&isHex != 0:
			c = hexValue(key[i+1])<<4 | hexValue(key[i+2])
			i += 2
		}
		if n >= len(name) || name[n] != c {
			return false
		}
	}
	return n == len(name)
}

// AppendUnescaped appends raw percent-decoded, with "+" as a space if plus is set. It reports whether every escape was well
// formed; a broken one is kept as it is.
func AppendUnescaped(dst, raw []byte, plus bool) ([]byte, bool) {
	ok := true
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == '+' && plus:
			c = ' '
		case c == '%' && i+2 < len(raw) && class[raw[i+1]]&class[raw[i+2]]&isHex != 0:
			c = hexValue(raw[i+1])<<4 | hexValue(raw[i+2])
			i += 2
		case c == '%':
			ok = false
		}
		dst = append(dst, c)
	}
	return dst, ok
}
