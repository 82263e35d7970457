package xpath

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEnd      tokenKind = iota
	tokName               // a name, or "*", or "p:*"
	tokOperator           // and or mod div * + - = != < <= > >= |
	tokNumber
	tokLiteral
	tokVariable
	tokPunct // ( ) [ ] . .. @ , :: / //
)

type token struct {
	kind tokenKind
	text string
}

// lex cuts an expression into tokens (XPath section 3.7): where an operator may stand, "*" and a name are operators.
func lex(s string) (list []token, err error) {
	for {
		s = strings.TrimLeft(s, spaces)
		if s == "" {
			return list, nil
		}
		t, n := scan(s, operatorAllowed(list))
		if n == 0 {
			return nil, fmt.Errorf("xpath: unexpected %.20q", s)
		}
		list, s = append(list, t), s[n:]
	}
}

// operatorAllowed tells whether the last token is the end of an operand.
func operatorAllowed(list []token) bool {
	if len(list) == 0 {
		return false
	}
	switch last := list[len(list)-1]; last.kind {
	case tokOperator:
		return false
	case tokPunct:
		return last.text == ")" || last.text == "]" || last.text == "." || last.text == ".."
	}
	return true
}

// scan returns the token that s begins with, and its length; 0 if there is none.
func scan(s string, operator bool) (token, int) {
	switch c := s[0]; {
	case c == '"' || c == '\'':
		end := strings.IndexByte(s[1:], c)
		if end < 0 {
			return token{}, 0
		}
		return token{tokLiteral, s[1 : 1+end]}, end + 2
	case isDigit(c), c == '.' && len(s) > 1 && isDigit(s[1]):
		n := len(s) - len(strings.TrimLeft(s, "0123456789"))
		if n < len(s) && s[n] == '.' {
			n += 1 + len(s[n+1:]) - len(strings.TrimLeft(s[n+1:], "0123456789"))
		}
		return token{tokNumber, s[:n]}, n
	case c == '$':
		n := qname(s[1:])
		if n == 0 {
			return token{}, 0
		}
		return token{tokVariable, s[1 : 1+n]}, n + 1
	case c == '*' && !operator:
		return token{tokName, "*"}, 1
	}
	for _, p := range [...]string{"::", "//", "..", "(", ")", "[", "]", ".", "@", ",", "/"} {
		if strings.HasPrefix(s, p) {
			return token{tokPunct, p}, len(p)
		}
	}
	for _, p := range [...]string{"!=", "<=", ">=", "=", "<", ">", "|", "+", "-", "*"} {
		if strings.HasPrefix(s, p) {
			return token{tokOperator, p}, len(p)
		}
	}
	if operator {
		n := ncname(s)
		switch s[:n] {
		case "and", "or", "mod", "div":
			return token{tokOperator, s[:n]}, n
		}
		return token{}, 0
	}
	n := qname(s)
	if n > 0 && strings.HasPrefix(s[n:], ":*") {
		n += 2
	}
	return token{tokName, s[:n]}, n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// qname returns the length of the name with or without a prefix that s begins with.
func qname(s string) int {
	n := ncname(s)
	if n > 0 && n+1 < len(s) && s[n] == ':' {
		if m := ncname(s[n+1:]); m > 0 {
			return n + 1 + m
		}
	}
	return n
}

// ncname returns the length of the name without a colon that s begins with.
func ncname(s string) int {
	for i, r := range s {
		start := r == '_' || r|0x20 >= 'a' && r|0x20 <= 'z' || r >= 0xC0 && r != 0xD7 && r != 0xF7 && r != utf8.RuneError
		if !start && (i == 0 || r != '-' && r != '.' && r != 0xB7 && (r < '0' || r > '9')) {
			return i
		}
	}
	return len(s)
}

// IsNCName tells whether s is a name without a colon.
func IsNCName(s string) bool { return s != "" && ncname(s) == len(s) }

// IsQName tells whether s is a name with or without a prefix.
func IsQName(s string) bool { return s != "" && qname(s) == len(s) }
