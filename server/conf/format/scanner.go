package format

import "strings"

// kind says what a token is.
type kind uint8

const (
	word kind = iota
	comment
	semicolon
	open
	shut
	raw // what stands between the braces of a block of Lua
)

// token is a piece of the text as it was written.
type token struct {
	kind  kind
	text  string
	lines int  // line breaks before it
	glued bool // nothing stands before it: the ")" behind a closing quote
}

// scan cuts a text that package conf has found no fault with. It follows the same rules, ngx_conf_read_token's, but keeps what
// conf drops: comments, quotes, escapes and line breaks.
func scan(text string) (list []token) {
	s := scanner{text: text}
	first := "" // word of the directive
	for {
		lines, at := s.space(), s.pos
		if s.pos == len(s.text) {
			return list
		}
		t := token{lines: lines}
		t.kind, t.text = s.next()
		if n := len(list); t.kind == word && n > 0 && list[n-1].kind == word {
			t.glued = at == s.end
		}
		s.end = s.pos
		list = append(list, t)
		switch {
		case t.kind == word && first == "":
			first = t.text
		case t.kind == open && strings.HasSuffix(first, "_by_lua_block"):
			list = append(list, token{kind: raw, text: s.block()})
			first = ""
		case t.kind == semicolon, t.kind == open, t.kind == shut:
			first = ""
		}
	}
}

type scanner struct {
	text string
	pos  int
	end  int // of the last token
}

// space skips what separates tokens and counts the line breaks in it.
func (s *scanner) space() (lines int) {
	for ; s.pos < len(s.text) && isSpace(s.text[s.pos]); s.pos++ {
		if s.text[s.pos] == '\n' {
			lines++
		}
	}
	return lines
}

// next takes the token that begins at pos.
func (s *scanner) next() (kind, string) {
	start := s.pos
	switch c := s.text[s.pos]; c {
	case '#':
		for s.pos < len(s.text) && s.text[s.pos] != '\n' {
			s.pos++
		}
		return comment, strings.TrimRight(s.text[start:s.pos], " \t\r")
	case ';', '{', '}':
		s.pos++
		return map[byte]kind{';': semicolon, '{': open, '}': shut}[c], s.text[start:s.pos]
	case '"', '\'':
		s.quoted(c)
	default:
		s.word()
	}
	return word, s.text[start:s.pos]
}

// quoted takes a word in quotes.
func (s *scanner) quoted(quote byte) {
	for s.pos++; s.pos < len(s.text) && s.text[s.pos] != quote; {
		s.step()
	}
	s.pos = min(s.pos+1, len(s.text))
}

// word takes a word without quotes. "${" does not open a block.
func (s *scanner) word() {
	variable := false
	for start := s.pos; s.pos < len(s.text); {
		c := s.text[s.pos]
		if c == '{' && variable {
			s.pos++
			continue
		}
		if variable = c == '$'; s.pos > start && (isSpace(c) || c == ';' || c == '{') {
			return
		}
		s.step()
	}
}

// step takes a byte, and the one behind it when it is a backslash.
func (s *scanner) step() {
	if s.text[s.pos] == '\\' {
		s.pos++
	}
	s.pos = min(s.pos+1, len(s.text))
}

// block takes a block of another language up to its brace, whose inner braces are in pairs.
func (s *scanner) block() string {
	start := s.pos
	for depth := 1; s.pos < len(s.text); s.pos++ {
		switch s.text[s.pos] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return s.text[start:s.pos]
			}
		}
	}
	return s.text[start:]
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
