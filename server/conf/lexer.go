package conf

import "fmt"

// word is one parameter with the place it was read from.
type word struct {
	text         string
	line, column int
	width        int
	quoted       bool
}

// ending says what ended a run of words.
type ending uint8

const (
	endSemicolon ending = iota // ";"
	endOpen                    // "{"
	endClose                   // "}", no words before it
	endText                    // the text is over
	endError                   // what follows was skipped up to a place to go on from
)

// lexer cuts a source into runs of words, by the rules of NGINX's ngx_conf_read_token: a word ends at a space, ";" or
// "{", so that "}" and "#" inside a word are part of it; a word that begins with a quote ends at that quote and must be
// followed by a space, ";", "{" or ")"; "${" never opens a block; a backslash takes the next byte into the word, and
// \" \' \\ \t \r \n are replaced.
type lexer struct {
	src  *Source
	pos  int
	line int
	bol  int // offset of the first byte of the line
	// words are those of the current run.
	words []word
	told  bool // the end of the text has been reported as an error
}

func newLexer(src *Source) *lexer { return &lexer{src: src, line: 1} }

// next reads up to the next ";", "{" or "}", or to the end. The words are valid until the next call. With endError, err
// is what is wrong; the next call goes on behind it.
func (l *lexer) next() (words []word, end ending, err *Error) {
	l.words = l.words[:0]
	for {
		if err := l.space(); err != nil {
			return nil, endError, err
		}
		c, ok := l.peek()
		if !ok {
			return l.over()
		}
		switch c {
		case ';', '{':
			l.pos++
			if len(l.words) == 0 {
				return nil, endError, l.errorf(l.pos-1, 1, `unexpected "%c"`, c)
			}
			return l.words, endOf(c), nil
		case '}':
			if len(l.words) == 0 {
				l.pos++
				return nil, endClose, nil
			}
			// The brace is left for the next call: what is missing is most likely the ";" before it.
			err := l.errorf(l.pos, 1, `unexpected "}"`)
			err.Hint = fmt.Sprintf(`is the ";" missing behind %q?`, l.words[len(l.words)-1].text)
			return nil, endError, err
		}
		end, done, err := l.word(c)
		if err != nil {
			return nil, endError, err
		}
		if done {
			return l.words, end, nil
		}
	}
}

func endOf(c byte) ending {
	if c == '{' {
		return endOpen
	}
	return endSemicolon
}

// over is next at the end of the text.
func (l *lexer) over() ([]word, ending, *Error) {
	if len(l.words) == 0 {
		return nil, endText, nil
	}
	return nil, endError, l.endOfText()
}

func (l *lexer) endOfText() *Error {
	l.told = true
	text := `unexpected end of file, expecting ";" or "}"`
	if l.src.Name == "" {
		text = `unexpected end of parameter, expecting ";"`
	}
	err := l.errorf(len(l.src.Data), 1, "%s", text)
	if n := len(l.words); n > 0 {
		w := l.words[0]
		err.Pos = Pos{l.src, w.line, w.column, w.width}
		err.Hint = `this directive does not end`
	}
	return err
}

// peek returns the byte at pos.
func (l *lexer) peek() (byte, bool) {
	if l.pos >= len(l.src.Data) {
		return 0, false
	}
	return l.src.Data[l.pos], true
}

// step takes a byte and counts lines.
func (l *lexer) step() {
	if l.src.Data[l.pos] == '\n' {
		l.line++
		l.bol = l.pos + 1
	}
	l.pos++
}

// space skips spaces and comments. A comment is bounded as a word is, because NGINX reads it into the same buffer.
func (l *lexer) space() *Error {
	for {
		c, ok := l.peek()
		switch {
		case !ok:
			return nil
		case isSpace(c):
			l.step()
		case c == '#':
			start := l.pos
			for ok && c != '\n' {
				if l.pos-start == MaxWord {
					return l.tooLong(start, l.line, 0)
				}
				l.pos++
				c, ok = l.peek()
			}
		default:
			return nil
		}
	}
}

// word reads one word that begins with c. done says that a ";" or "{" right behind it ended the run.
func (l *lexer) word(c byte) (end ending, done bool, err *Error) {
	if c == '"' || c == '\'' {
		return l.quoted(c)
	}
	start, line, column := l.pos, l.line, l.pos-l.bol+1
	variable := false
	for {
		c, ok := l.peek()
		if !ok {
			l.push(start, l.pos, line, column, false)
			return endError, false, l.endOfText()
		}
		if l.pos-start == MaxWord {
			return endError, false, l.tooLong(start, line, 0)
		}
		if c == '{' && variable {
			l.pos++
			continue
		}
		variable = c == '$'
		switch {
		case c == '\\':
			l.escape()
		case l.pos == start:
			l.pos++
		case isSpace(c):
			l.push(start, l.pos, line, column, false)
			return 0, false, nil
		case c == ';' || c == '{':
			l.push(start, l.pos, line, column, false)
			l.pos++
			return endOf(c), true, nil
		default:
			l.pos++
		}
	}
}

// quoted reads a word in quotes and what must follow it.
func (l *lexer) quoted(quote byte) (end ending, done bool, err *Error) {
	line, column := l.line, l.pos-l.bol+1
	l.pos++
	start := l.pos
	for {
		c, ok := l.peek()
		if !ok {
			err := l.endOfText()
			err.Pos = Pos{l.src, line, column, 1}
			err.Hint = fmt.Sprintf("this %c is never closed", quote)
			return endError, false, err
		}
		if l.pos-start == MaxWord {
			return endError, false, l.tooLong(start, line, quote)
		}
		if c == quote {
			break
		}
		if c == '\\' {
			l.escape()
			continue
		}
		l.step()
	}
	l.push(start, l.pos, line, column, true)
	l.pos++
	return l.afterQuote()
}

// afterQuote is what may stand right behind a closing quote. NGINX lets ")" begin a new word there, for `if ($a = "b")`.
func (l *lexer) afterQuote() (end ending, done bool, err *Error) {
	c, ok := l.peek()
	switch {
	case !ok:
		return endError, false, l.endOfText()
	case isSpace(c), c == ')':
		return 0, false, nil
	case c == ';' || c == '{':
		l.pos++
		return endOf(c), true, nil
	}
	err = l.errorf(l.pos, 1, `unexpected "%c"`, c)
	err.Hint = "a space is missing behind the closing quote, or the quote inside needs a backslash"
	l.recover()
	return endError, false, err
}

// escape takes a backslash and the byte behind it.
func (l *lexer) escape() {
	l.pos++
	if l.pos < len(l.src.Data) {
		l.step()
	}
}

// columnOf is the column of an offset on its line.
func (l *lexer) columnOf(at int) int {
	n := 1
	for at > 0 && l.src.Data[at-1] != '\n' {
		at--
		n++
	}
	return n
}

func (l *lexer) push(start, end, line, column int, quoted bool) {
	w := word{text: unescape(l.src.Data[start:end]), line: line, column: column, width: end - start, quoted: quoted}
	if quoted {
		w.width += 2
	}
	l.words = append(l.words, w)
}

func (l *lexer) errorf(at, width int, format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Pos: Pos{l.src, l.line, at - l.bol + 1, width}, Line: l.line}
}

// unescape replaces the escapes NGINX knows; a backslash before any other byte stays.
func unescape(raw []byte) string {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' && i+1 < len(raw) {
			switch raw[i+1] {
			case '"', '\'', '\\':
				i++
			case 't':
				out = append(out, '\t')
				i++
				continue
			case 'r':
				out = append(out, '\r')
				i++
				continue
			case 'n':
				out = append(out, '\n')
				i++
				continue
			}
		}
		out = append(out, raw[i])
	}
	return string(out)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
