package xpath

import (
	"bytes"
	"strconv"
	"strings"
)

// ParseDTD reads the entities of a DTD (NGINX xml_entities). Other declarations are passed over, and so are parameter entities.
func ParseDTD(data []byte) (Entities, error) {
	data, err := toUTF8(data)
	if err != nil {
		return nil, err
	}
	e := Entities{}
	_, err = e.declarations(data, false)
	return e, err
}

// declarations reads markup declarations up to the end, or to the "]" of an internal subset, and returns how many bytes they are.
func (e Entities) declarations(in []byte, internal bool) (n int, err error) {
	for n < len(in) {
		rest := in[n:]
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			end := bytes.Index(rest[4:], []byte("-->"))
			if end < 0 {
				return 0, errOpen
			}
			n += end + 7
		case bytes.HasPrefix(rest, []byte("<?")):
			end := bytes.Index(rest, []byte("?>"))
			if end < 0 {
				return 0, errOpen
			}
			n += end + 2
		case rest[0] == '<':
			words, used := declaration(rest)
			if used == 0 {
				return 0, errOpen
			}
			e.declare(words)
			n += used
		case rest[0] == ']' && internal:
			return n + 1, nil
		default:
			n++
		}
	}
	if internal {
		return 0, errOpen
	}
	return n, nil
}

// declaration cuts the declaration that in begins with into words; quoted ones keep the quote they begin with.
func declaration(in []byte) (words []string, n int) {
	for i := 1; i < len(in); {
		switch c := in[i]; {
		case c == '>':
			return words, i + 1
		case c == '"' || c == '\'':
			end := bytes.IndexByte(in[i+1:], c)
			if end < 0 {
				return nil, 0
			}
			words = append(words, string(in[i:i+1+end]))
			i += end + 2
		case strings.IndexByte(spaces, c) >= 0:
			i++
		default:
			end := i + bytes.IndexAny(in[i:], " \t\r\n>\"'")
			if end < i {
				return nil, 0
			}
			words = append(words, string(in[i:end]))
			i = end
		}
	}
	return nil, 0
}

// declare takes the declaration of a general entity; the first of a name counts. An external one is empty: nothing is read.
func (e Entities) declare(words []string) {
	if len(words) < 3 || words[0] != "!ENTITY" || words[1] == "%" {
		return
	}
	if _, twice := e[words[1]]; twice {
		return
	}
	if text := words[2]; text[0] == '"' || text[0] == '\'' {
		e[words[1]] = charRefs(text[1:])
		return
	}
	e[words[1]] = ""
}

// charRefs replaces the character references in the value of an entity (XML section 4.4.5).
func charRefs(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "&#")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		digits, after, closed := strings.Cut(rest, ";")
		base := 10
		if strings.HasPrefix(digits, "x") {
			base = 16
		}
		n, err := strconv.ParseUint(strings.TrimPrefix(digits, "x"), base, 32)
		if !closed || err != nil || n > 0x10ffff {
			b.WriteString("&#")
			s = rest
			continue
		}
		b.WriteRune(rune(n))
		s = after
	}
}
