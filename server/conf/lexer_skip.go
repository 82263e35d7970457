package conf

import "fmt"

// How the lexer goes on behind what it cannot read.

// tooLong is the error of a word, comment or string that does not fit MaxWord; the rest of its line is skipped.
func (l *lexer) tooLong(start, line int, quote byte) *Error {
	text := fmt.Sprintf("too long parameter \"%s...\" started", l.src.Data[start:start+10])
	if quote != 0 {
		text = fmt.Sprintf("too long parameter, probably missing terminating \"%c\" character", quote)
	}
	err := &Error{Message: text, Pos: Pos{l.src, line, l.columnOf(start), 1}, Line: line}
	l.recover()
	return err
}

// recover skips to the end of the line, or to the ";" or brace that comes first.
func (l *lexer) recover() {
	for {
		c, ok := l.peek()
		if !ok || c == '\n' || c == '}' {
			return
		}
		l.pos++
		if c == ';' || c == '{' {
			return
		}
	}
}

// skipBlock skips a block of another language, whose braces are in pairs.
func (l *lexer) skipBlock() {
	for depth := 1; depth > 0 && l.pos < len(l.src.Data); l.step() {
		switch l.src.Data[l.pos] {
		case '{':
			depth++
		case '}':
			depth--
		}
	}
}
