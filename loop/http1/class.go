// Hot: runs for every request; no allocation, no map, no defer.

package http1

import "encoding/binary"

// The character classes of the grammars, one bit each. A byte's classes are looked up in class.
const (
	isToken  = 1 << iota // tchar, RFC 9110 section 5.6.2
	isValue              // field-content with SP and HTAB, RFC 9110 section 5.5: no CTL, obs-text allowed
	isTarget             // what may stand in a request target: no CTL, no SP, no '#'; raw 8-bit bytes as NGINX takes them
	isHost               // reg-name without pct-encoded, RFC 3986 section 3.2.2; without ',' (see validHost)
	isDigit
	isHex
	isAlpha
	isTricky // bytes that make a path need normalising: see CleanPath
)

// class is filled once, when the package is initialised.
var class = func() (t [256]uint8) {
	for i := range t {
		c := byte(i)
		if c >= 0x20 && c != 0x7f || c == '\t' {
			t[i] |= isValue
		}
		if c > 0x20 && c != 0x7f && c != '#' {
			t[i] |= isTarget
		}
		if c <= 0x20 || c == 0x7f || c == '%' || c == '?' || c == '#' {
			t[i] |= isTricky
		}
	}
	mark := func(set string, bits uint8) {
		for i := 0; i < len(set); i++ {
			t[set[i]] |= bits
		}
	}
	mark("0123456789", isDigit|isHex|isToken|isHost)
	mark("abcdefABCDEF", isHex)
	mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", isAlpha|isToken|isHost)
	mark("!#$%&'*+-.^_`|~", isToken)
	mark("-._~!$&'()*+;=", isHost)
	return t
}()

// lower maps A-Z to a-z and leaves every other byte.
var lower = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if i >= 'A' && i <= 'Z' {
			t[i] |= 0x20
		}
	}
	return t
}()

// equalFold reports whether b is s but for the case of ASCII letters; s is in lower case.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i, c := range b {
		if lower[c] != s[i] {
			return false
		}
	}
	return true
}

// allIn reports whether every byte of b is in the class bits.
func allIn(b []byte, bits uint8) bool {
	for _, c := range b {
		if class[c]&bits == 0 {
			return false
		}
	}
	return true
}

// countIn returns how many bytes b begins with that are in the class bits.
func countIn(b []byte, bits uint8) int {
	for i, c := range b {
		if class[c]&bits == 0 {
			return i
		}
	}
	return len(b)
}

// Constants of the eight-bytes-at-a-time tests: a byte repeated.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// validValue reports whether b holds only bytes that a field value may have (RFC 9110 section 5.5). CR, LF and NUL
// there are how one header is made to look like two (response splitting, smuggling); the other CTLs have no use.
//
// Eight bytes are tested at once for being below SP or DEL; only a word that has such a byte (a tab, as a rule) is
// looked at byte by byte.
func validValue(b []byte) bool {
	last := len(b) - 8
	if last < 0 {
		return allIn(b, isValue)
	}
	for i := 0; i < last; i += 8 {
		if !validWord(b[i:]) {
			return false
		}
	}
	return validWord(b[last:]) // some of it once more, which is cheaper than the rest byte by byte
}

// validWord is validValue for the first eight bytes of b.
func validWord(b []byte) bool {
	w := binary.LittleEndian.Uint64(b)
	del := w ^ ones*0x7f
	return ((w-ones*0x20)&^w|(del-ones)&^del)&highs == 0 || allIn(b[:8], isValue)
}

// trim returns the offsets of b[start:end] without the spaces and tabs (OWS) at both ends.
func trim(b []byte, start, end int) (int, int) {
	for start < end && (b[start] == ' ' || b[start] == '\t') {
		start++
	}
	for start < end && (b[end-1] == ' ' || b[end-1] == '\t') {
		end--
	}
	return start, end
}

// trimmed is trim for a slice.
func trimmed(b []byte) []byte {
	start, end := trim(b, 0, len(b))
	return b[start:end]
}

// hexValue is the value of a byte of the class isHex.
func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&0x0f + 9
}
