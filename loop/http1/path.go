// Hot: runs for every request; no allocation, no map, no defer.

package http1

import "bytes"

// CleanPath reports whether a path needs no normalising: it begins with "/", holds no "%", "?", "#" or CTL, no "//" and no
// segment that begins with ".". Most paths are clean, and are then used where they lie. A path that is not, such as
// "/.well-known/x", may still come out of AppendPath unchanged.
func CleanPath(raw []byte) bool {
	if len(raw) == 0 || raw[0] != '/' {
		return false
	}
	slash := true // of the byte before
	for _, c := range raw[1:] {
		if class[c]&isTricky != 0 || slash && (c == '/' || c == '.') {
			return false
		}
		slash = c == '/'
	}
	return true
}

// AppendPath appends the normal form of the raw path of a target, as NGINX makes it: percent-encoding is undone once,
// "." and ".." segments are resolved, and with mergeSlashes (NGINX: merge_slashes, on by default) runs of "/" become one.
//
// All happens in one pass over decoded bytes, so "%2e%2e%2f" is "../" and cannot pass by a check made before decoding;
// and once only, so "%252e" is "%2e". An encoded "?", "#" or "%" is an ordinary byte of the path. Bytes of no valid
// UTF-8 are kept. A raw "?" or "#" ends the path. The empty path (of "http://a?x") is "/".
//
// Refused with BadPath, and dst as it was: a path that does not begin with "/", ".." above the root, a broken "%xx", and %00,
// which would cut the name short for the C functions behind a gateway.
func AppendPath(dst, raw []byte, mergeSlashes bool) ([]byte, Verdict) {
	root := len(dst)
	if end := bytes.IndexAny(raw, "?#"); end >= 0 {
		raw = raw[:end]
	}
	dst = append(dst, '/')
	if len(raw) == 0 {
		return dst, Complete
	}
	if raw[0] != '/' {
		return dst[:root], BadPath
	}
	segment := len(dst) // where the current segment begins: 1 behind a "/"
	ok := true
	for i := 1; i < len(raw); i++ {
		c := raw[i]
		if c == '%' {
			if c, ok = unhex(raw[i+1:]); !ok {
				return dst[:root], BadPath
			}
			i += 2
		}
		switch c {
		case 0:
			return dst[:root], BadPath
		case '/':
			empty := segment == len(dst)
			dst = append(dst, '/')
			if empty && mergeSlashes {
				dst = dst[:segment]
			}
			if dst, segment, ok = resolve(dst, root, segment); !ok {
				return dst[:root], BadPath
			}
		default:
			dst = append(dst, c)
		}
	}
	if dst, _, ok = resolve(dst, root, segment); !ok {
		return dst[:root], BadPath
	}
	return dst, Complete
}

// resolve ends the segment that begins at dst[segment], perhaps with its "/", at a "/" or at the end of the path: "." goes
// away, ".." takes the segment before it along (RFC 3986 section 5.2.4). It returns where the next segment begins, and
// not ok for ".." above the root.
func resolve(dst []byte, root, segment int) ([]byte, int, bool) {
	switch string(dst[segment:]) {
	case ".", "./":
		return dst[:segment], segment, true
	case "..", "../":
		slash := bytes.LastIndexByte(dst[root:segment-1], '/')
		if slash < 0 {
			return dst, segment, false
		}
		up := root + slash + 1
		return dst[:up], up, true
	}
	return dst, len(dst), true
}

// unhex decodes the two hexadecimal digits that b begins with.
func unhex(b []byte) (c byte, ok bool) {
	if len(b) < 2 || class[b[0]]&class[b[1]]&isHex == 0 {
		return 0, false
	}
	return hexValue(b[0])<<4 | hexValue(b[1]), true
}
