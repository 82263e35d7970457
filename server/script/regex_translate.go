package script

import (
	"fmt"
	"regexp"
	"strings"
)

// escapes are what regexp2 has to be told of PCRE's escapes: within a class, and outside of one.
var escapes = map[byte][2]string{
	'Z': {``, endOfText},
	'h': {`\t \xa0`, `[\t \xa0]`},
	'R': {``, `(?>\r\n|[\n\x0b\f\r\x85])`},
	'N': {``, `[^\n]`},
	'e': {`\x1b`, `\x1b`},
}

// endOfText is PCRE's "$".
const endOfText = `(?=\n?\z)`

var multiline = regexp.MustCompile(`\(\?[a-zA-Z]*m`)

var groupReference = regexp.MustCompile(`^\\g(?:\{(\d+)\}|(\d+))`)

// forRegexp2 rewrites an expression of PCRE for regexp2 in its RE2 mode: "$" is also before a final newline, and escapes
// that regexp2 would take for letters are spelled out, or refused.
func forRegexp2(p string) (string, error) {
	var out strings.Builder
	lines := multiline.MatchString(p) // then "$" has a meaning of its own
	for i, class := 0, false; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\' && i+1 < len(p):
			n, text, err := escape(p[i:], class)
			if err != nil {
				return "", err
			}
			out.WriteString(text)
			i += n - 1
		case class && strings.HasPrefix(p[i:], "[:") && strings.Contains(p[i:], ":]"):
			n := strings.Index(p[i:], ":]") + 2
			out.WriteString(p[i : i+n])
			i += n - 1
		case c == '[' && !class:
			n := classHead(p[i:])
			out.WriteString(p[i : i+n])
			i, class = i+n-1, true
		case c == ']' && class:
			class = false
			out.WriteByte(c)
		case c == '$' && !class && !lines:
			out.WriteString(endOfText)
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), nil
}

// classHead is the length of what opens a class: a "]" that stands first does not end it.
func classHead(p string) int {
	n := 1
	if n < len(p) && p[n] == '^' {
		n++
	}
	if n < len(p) && p[n] == ']' {
		n++
	}
	return n
}

// escape translates the escape that p begins with, and returns its length.
func escape(p string, class bool) (n int, text string, err error) {
	c := p[1]
	switch {
	case c == 'Q':
		if end := strings.Index(p, `\E`); end >= 0 {
			return end + 2, p[:end+2], nil
		}
		return len(p), p, nil
	case c == 'g' && !class:
		if m := groupReference.FindStringSubmatch(p); m != nil {
			return len(m[0]), `(?:\` + m[1] + m[2] + `)`, nil
		}
	case escapes[c][1] != "":
		if class {
			return 2, escapes[c][0], nil
		}
		return 2, escapes[c][1], nil
	}
	if strings.IndexByte("HVKXCgoLlUu", c) >= 0 {
		return 0, "", fmt.Errorf(`\%c is not supported`, c)
	}
	return 2, p[:2], nil
}
