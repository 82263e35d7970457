package ssi

import (
	"errors"
	"fmt"
	"strings"
	"sync"
)

// valueMax bounds a value that is put together of several variables, in bytes. A page that sets a variable to twice itself forty
// times would have a terabyte otherwise.
const valueMax = 1 << 20

var (
	errName  = errors.New("invalid variable name in an SSI command")
	errValue = fmt.Errorf("a value of more than %d bytes in an SSI command", valueMax)
)

// variable returns the value of a variable: one that was set, a date, or one of the server.
func (m *machine) variable(name string) (value string, found bool) {
	if value, found = m.lookup(name); found {
		return value, true
	}
	switch name {
	case "date_local", "date_gmt":
		now, _ := m.c.Transport().Date()
		return string(appendTime(nil, m.timefmt, now, name == "date_gmt")), true
	}
	if m.f.cfg.Variable == nil {
		return "", false
	}
	b, found := m.f.cfg.Variable(m.c, name, nil)
	return string(b), found
}

// evaluate puts variables into a value and takes escapes away: a backslash before another one, a quote or "$". uri puts the
// directory of the request before what does not begin with "/".
func (m *machine) evaluate(text []byte, uri bool) (string, error) {
	var b strings.Builder
	escaped := false
	for i := 0; i < len(text); {
		ch := text[i]
		switch {
		case escaped:
			escaped = false
			if ch != '\\' && ch != '\'' && ch != '"' && ch != '$' {
				b.WriteByte('\\')
			}
		case ch == '\\':
			escaped = true
			i++
			continue
		case ch == '$':
			name, n, err := cutName(text[i+1:])
			if err != nil {
				return "", err
			}
			value, _ := m.variable(name)
			if b.Len() > 0 && b.Len()+len(value) > valueMax {
				return "", errValue
			}
			b.WriteString(value)
			i += 1 + n
			continue
		}
		b.WriteByte(ch)
		i++
	}
	s := b.String()
	if uri && !strings.HasPrefix(s, "/") {
		path := m.c.PathView()
		s = path[:strings.LastIndexByte(path, '/')+1] + s
	}
	return s, nil
}

// cutName returns the name of a variable, in lower case, and how much of b it takes, with its braces.
func cutName(b []byte) (name string, n int, err error) {
	braced := len(b) > 0 && b[0] == '{'
	start := 0
	if braced {
		start = 1
	}
	end := start
	for end < len(b) && isName(b[end]) {
		end++
	}
	n = end
	if braced {
		if end == len(b) || b[end] != '}' {
			return "", 0, fmt.Errorf("the closing bracket in \"%s\" variable is missing", b[start:end])
		}
		n++
	}
	if end == start {
		return "", 0, errName
	}
	return strings.ToLower(string(b[start:end])), n, nil
}

func isName(ch byte) bool {
	return ch|0x20 >= 'a' && ch|0x20 <= 'z' || ch >= '0' && ch <= '9' || ch == '_'
}

// expression decides an if: a value that is not empty, or one compared with text or a regular expression.
func (m *machine) expression(expr []byte) (bool, error) {
	end := 0
	for end < len(expr) && (isName(expr[end]) || strings.IndexByte("${}\"'", expr[end]) >= 0) {
		end++
	}
	left, err := m.evaluate([]byte(strings.ToLower(string(expr[:end]))), false)
	if err != nil {
		return false, err
	}
	rest := strings.TrimLeft(string(expr[end:]), " ")
	if rest == "" {
		return left != "", nil
	}
	negative := strings.HasPrefix(rest, "!=")
	if !negative && rest[0] != '=' {
		return false, fmt.Errorf("invalid expression in %q", expr)
	}
	rest = strings.TrimLeft(strings.TrimPrefix(rest, "!")[1:], " ")
	holds, err := m.compare(left, rest, expr)
	return holds != negative, err
}

// compare tells whether left is right, or matches it when it stands between slashes.
func (m *machine) compare(left, right string, expr []byte) (bool, error) {
	pattern := len(right) > 1 && right[0] == '/'
	switch {
	case pattern && right[len(right)-1] != '/':
		return false, fmt.Errorf("invalid expression in %q", expr)
	case pattern:
		right = right[1 : len(right)-1]
	case len(right) > 1 && strings.HasPrefix(right, `\/`):
		right = right[1:]
	}
	value, err := m.evaluate([]byte(right), false)
	if err != nil || !pattern {
		return left == value, err
	}
	return m.match(value, left)
}

// match matches text and keeps the captures.
func (m *machine) match(pattern, text string) (bool, error) {
	re, err := m.f.patterns.compile(pattern, m.f.cfg.Compile)
	if err != nil {
		return false, err
	}
	loc := re.FindStringSubmatchIndex(text)
	if loc == nil {
		return false, nil
	}
	groups := make([]string, 0, len(loc)/2)
	for i := 0; i+1 < len(loc); i += 2 {
		group := ""
		if loc[i] >= 0 {
			group = text[loc[i]:loc[i+1]]
		}
		groups = append(groups, group)
	}
	m.capture(groups)
	for i, name := range re.SubexpNames() {
		if name != "" && i < len(groups) {
			m.set(strings.ToLower(name), groups[i])
		}
	}
	return true, nil
}

// patterns are compiled regular expressions, so that one in a page is not compiled for each request. There are at most
// patternsMax; then all are forgotten.
type patterns struct {
	mu     sync.Mutex
	byText map[string]Regexp
}

const patternsMax = 256

func (p *patterns) compile(text string, compile func(string) (Regexp, error)) (Regexp, error) {
	p.mu.Lock()
	re := p.byText[text]
	p.mu.Unlock()
	if re != nil {
		return re, nil
	}
	re, err := compile(text)
	if err != nil {
		return nil, fmt.Errorf("ssi: %w", err)
	}
	p.mu.Lock()
	if len(p.byText) >= patternsMax || p.byText == nil {
		p.byText = make(map[string]Regexp)
	}
	p.byText[text] = re
	p.mu.Unlock()
	return re, nil
}
