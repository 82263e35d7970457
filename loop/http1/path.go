// Hot: CleanPath runs for every request, AppendPath for the few whose path needs work; no allocation beyond dst.

package http1

// CleanPath reports whether a raw path is what AppendPath would make of it: it begins with "/", has no escapes, no empty
// segments and no segment that begins with a dot.
func CleanPath(raw []byte) bool {
	if len(raw) == 0 || raw[0] != '/' {
		return false
	}
	slash := false
	for _, c := range raw {
		switch {
		case c == '/':
			if slash {
				return false
			}
			slash = true
			continue
		case c == '.' && slash, class[c]&isTricky != 0:
			return false
		}
		slash = false
	}
	return true
}

// AppendPath appends the normalised form of a raw path (without its query): percent-decoded once, "." and ".." segments
// resolved, empty segments merged when mergeSlashes is set. It does what NGINX's location matching sees: an escaped slash
// or dot takes part like a plain one, ".." above the root is refused, and so are broken escapes and NUL, which would end
// the path early in the system calls below. Other bytes are kept as they are, valid UTF-8 or not.
//
// The result is used for routing, access rules and files alike, so that they cannot disagree.
func AppendPath(dst, raw []byte, mergeSlashes bool) ([]byte, Verdict) {
	base := len(dst)
	if len(raw) == 0 || raw[0] != '/' {
		return dst, BadPath
	}
	dst = append(dst, '/')
	seg := len(dst) // where the current segment begins
	for i := 1; i < len(raw); i++ {
		c := raw[i]
		if c == '%' {
			if i+2 >= len(raw) || class[raw[i+1]]&class[raw[i+2]]&isHex == 0 {
				return dst, BadPath
			}
			c = hexValue(raw[i+1])<<4 | hexValue(raw[i+2])
			i += 2
		}
		if c == 0 {
			return dst, BadPath
		}
		if c != '/' {
			dst = append(dst, c)
			continue
		}
		switch next, how := endSegment(dst, base, seg); {
		case how == aboveRoot:
			return dst, BadPath
		case how == dotSegment:
			dst = next
		case len(dst) > seg || !mergeSlashes:
			dst = append(dst, '/')
		}
		seg = len(dst)
	}
	next, how := endSegment(dst, base, seg)
	if how == aboveRoot {
		return dst, BadPath
	}
	return next, Complete
}

// segmentKind is what a segment was.
type segmentKind uint8

const (
	plainSegment segmentKind = iota
	dotSegment               // "." or "..", resolved: the result ends with a slash
	aboveRoot                // ".." that leads out
)

// endSegment resolves the segment dst[seg:] when it is a dot segment.
func endSegment(dst []byte, base, seg int) ([]byte, segmentKind) {
	switch string(dst[seg:]) {
	case ".":
		return dst[:seg], dotSegment
	case "..":
		end := seg - 1 // the slash before ".."
		if end == base {
			return dst, aboveRoot
		}
		for end--; dst[end] != '/'; end-- {
		}
		return dst[:end+1], dotSegment
	}
	return dst, plainSegment
}
