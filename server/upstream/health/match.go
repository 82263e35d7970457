package health

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
)

// Match is a match block: all of its conditions must hold. The zero value lets every response pass.
type Match struct {
	conditions []func(*Response) bool
}

// Pattern is a compiled regular expression.
type Pattern interface{ Match([]byte) bool }

// Response is what a probe brought.
type Response struct {
	Status int
	Header textproto.MIMEHeader
	Body   []byte // its beginning
}

// Passes tells whether r is as it should be. A nil match wants 2xx or 3xx.
func (m *Match) Passes(r *Response) bool {
	if m == nil {
		return r.Status >= 200 && r.Status < 400
	}
	for _, holds := range m.conditions {
		if !holds(r) {
			return false
		}
	}
	return true
}

// Add adds a directive of the block, split into words: {"status", "!", "500-599"}, {"header", "Content-Type", "=",
// "text/html"}, {"body", "~", "Welcome"}. compile makes regular expressions; nil are Go's.
func (m *Match) Add(words []string, compile func(string) (Pattern, error)) error {
	if compile == nil {
		compile = goPattern
	}
	if len(words) < 2 {
		return errors.New("health: invalid number of arguments in a match block")
	}
	var holds func(*Response) bool
	var err error
	switch words[0] {
	case "status":
		holds, err = statusCondition(words[1:])
	case "header":
		holds, err = headerCondition(words[1:], compile)
	case "body":
		holds, err = bodyCondition(words[1:], compile)
	default:
		err = errors.New("unknown directive")
	}
	if err != nil {
		return fmt.Errorf("health: %w in %q of a match block", err, strings.Join(words, " "))
	}
	m.conditions = append(m.conditions, holds)
	return nil
}

func goPattern(s string) (Pattern, error) { return regexp.Compile(s) }

// statusCondition reads `status [!] code[-code]...`.
func statusCondition(words []string) (func(*Response) bool, error) {
	not := words[0] == "!"
	if not {
		words = words[1:]
	}
	if len(words) == 0 {
		return nil, errors.New("no status")
	}
	ranges := make([][2]int, len(words))
	for i, w := range words {
		low, high, isRange := strings.Cut(w, "-")
		if !isRange {
			high = low
		}
		from, errFrom := strconv.Atoi(low)
		to, errTo := strconv.Atoi(high)
		if errFrom != nil || errTo != nil || from < 100 || to > 599 || from > to {
			return nil, fmt.Errorf("invalid status %q", w)
		}
		ranges[i] = [2]int{from, to}
	}
	return func(r *Response) bool {
		for _, c := range ranges {
			if r.Status >= c[0] && r.Status <= c[1] {
				return !not
			}
		}
		return not
	}, nil
}

// headerCondition reads `header [!] name` and `header name =|!=|~|!~ value`.
func headerCondition(words []string, compile func(string) (Pattern, error)) (func(*Response) bool, error) {
	switch {
	case len(words) == 1:
		return func(r *Response) bool { return r.has(words[0]) }, nil
	case len(words) == 2 && words[0] == "!":
		return func(r *Response) bool { return !r.has(words[1]) }, nil
	case len(words) != 3:
		return nil, errors.New("invalid number of arguments")
	}
	operator, not := strings.CutPrefix(words[1], "!")
	var equal func([]byte) bool
	switch operator {
	case "=":
		equal = func(b []byte) bool { return string(b) == words[2] }
	case "~":
		p, err := compile(words[2])
		if err != nil {
			return nil, err
		}
		equal = p.Match
	default:
		return nil, fmt.Errorf("invalid operator %q", words[1])
	}
	return func(r *Response) bool {
		for _, v := range r.Header[textproto.CanonicalMIMEHeaderKey(words[0])] {
			if equal([]byte(v)) {
				return !not
			}
		}
		return not
	}, nil
}

func (r *Response) has(name string) bool {
	return len(r.Header[textproto.CanonicalMIMEHeaderKey(name)]) > 0
}

// bodyCondition reads `body ~|!~ regex`.
func bodyCondition(words []string, compile func(string) (Pattern, error)) (func(*Response) bool, error) {
	if len(words) != 2 {
		return nil, errors.New("invalid number of arguments")
	}
	operator, not := strings.CutPrefix(words[0], "!")
	if operator != "~" {
		return nil, fmt.Errorf("invalid operator %q", words[0])
	}
	p, err := compile(words[1])
	if err != nil {
		return nil, err
	}
	return func(r *Response) bool { return p.Match(r.Body) != not }, nil
}
