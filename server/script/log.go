package script

// Hot: runs for every line of an access log; no allocation, no map, no defer.

import (
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Escape is how log_format writes values.
type Escape uint8

const (
	// EscapeDefault writes `"`, `\`, control bytes and those of 0x7f and above as \xXX, and "-" for a value that is not
	// found.
	EscapeDefault Escape = iota
	// EscapeJSON writes what stands between the quotes of a JSON string. What is not found is nothing.
	EscapeJSON
	// EscapeNone writes values as they are. What is not found is nothing.
	EscapeNone
)

// ParseEscape reads the parameter escape= of log_format.
func ParseEscape(s string) (Escape, bool) {
	switch strings.ToLower(s) {
	case "default", "":
		return EscapeDefault, true
	case "json":
		return EscapeJSON, true
	case "none":
		return EscapeNone, true
	}
	return EscapeDefault, false
}

// AppendLog is [Script.Append] for a log: values are escaped, the text between them is not.
func (s *Script) AppendLog(c *pipeline.Ctx, dst []byte, escape Escape) []byte {
	for i := range s.parts {
		p := &s.parts[i]
		if p.variable == nil && p.capture == 0 {
			dst = append(dst, p.text...)
			continue
		}
		at, found := len(dst), true
		if p.variable != nil {
			dst, found = p.variable.Append(c, dst)
		} else {
			dst = append(dst, capture(c, p.capture)...)
		}
		switch {
		case !found && escape == EscapeDefault:
			dst = append(dst[:at], '-')
		case escape == EscapeDefault:
			dst = escapeLog(dst, at)
		case escape == EscapeJSON:
			dst = escapeJSON(dst, at)
		}
	}
	return dst
}

const upperHex = "0123456789ABCDEF"

// escapeLog escapes what follows at where it lies.
func escapeLog(b []byte, at int) []byte {
	for i := at; i < len(b); i++ {
		if logEscaped(b[i]) {
			n := len(b)
			for _, ch := range b[i:n] {
				if logEscaped(ch) {
					b = append(b, '\\', 'x', upperHex[ch>>4], upperHex[ch&15])
				} else {
					b = append(b, ch)
				}
			}
			return b[:i+copy(b[i:], b[n:])]
		}
	}
	return b
}

func logEscaped(ch byte) bool { return ch < 0x20 || ch >= 0x7f || ch == '"' || ch == '\\' }

// escapeJSON is escapeLog for a JSON string.
func escapeJSON(b []byte, at int) []byte {
	for i := at; i < len(b); i++ {
		if jsonEscaped(b[i]) {
			n := len(b)
			for _, ch := range b[i:n] {
				b = appendJSON(b, ch)
			}
			return b[:i+copy(b[i:], b[n:])]
		}
	}
	return b
}

func jsonEscaped(ch byte) bool { return ch < 0x20 || ch == '"' || ch == '\\' }

func appendJSON(b []byte, ch byte) []byte {
	switch {
	case !jsonEscaped(ch):
		return append(b, ch)
	case ch >= 0x20:
		return append(b, '\\', ch)
	}
	if at := strings.IndexByte("\n\r\t\b\f", ch); at >= 0 {
		return append(b, '\\', "nrtbf"[at])
	}
	return append(b, '\\', 'u', '0', '0', '0'+ch>>4, upperHex[ch&15])
}
