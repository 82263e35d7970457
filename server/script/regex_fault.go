package script

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
)

// faults are PCRE2's words for what Go's parser finds.
var faults = map[syntax.ErrorCode]string{
	syntax.ErrMissingParen:          "missing closing parenthesis",
	syntax.ErrUnexpectedParen:       "unmatched closing parenthesis",
	syntax.ErrMissingBracket:        "missing terminating ] for character class",
	syntax.ErrMissingRepeatArgument: "quantifier does not follow a repeatable item",
	syntax.ErrInvalidRepeatOp:       "quantifier does not follow a repeatable item",
	syntax.ErrInvalidRepeatSize:     "numbers out of order in {} quantifier",
	syntax.ErrTrailingBackslash:     `\ at end of pattern`,
	syntax.ErrInvalidCharRange:      "range out of order in character class",
}

// compileError words the fault of an expression that neither engine takes. std is what Go's parser says of it, full what
// regexp2 does.
func compileError(pattern string, std, full error) error {
	var e *syntax.Error
	if !errors.As(std, &e) || faults[e.Code] == "" {
		return fmt.Errorf(`pcre2_compile() failed: %w in "%s"`, full, pattern)
	}
	text, at := faults[e.Code], faultAt(pattern, e)
	if strings.HasPrefix(e.Expr, "[:") {
		text = "unknown POSIX class name"
	}
	if at == len(pattern) {
		return fmt.Errorf(`pcre2_compile() failed: %s in "%s"`, text, pattern)
	}
	return fmt.Errorf(`pcre2_compile() failed: %s in "%s" at "%s"`, text, pattern, pattern[at:])
}

// faultAt is where PCRE2 sees the fault.
func faultAt(pattern string, e *syntax.Error) int {
	at := strings.Index(pattern, e.Expr)
	switch {
	case e.Code == syntax.ErrUnexpectedParen:
		return unmatchedParen(pattern)
	case at < 0:
		return len(pattern)
	case strings.HasPrefix(e.Expr, "[:"):
		return at + len("[:")
	}
	switch e.Code {
	case syntax.ErrMissingRepeatArgument:
		return at
	case syntax.ErrInvalidRepeatOp, syntax.ErrInvalidRepeatSize, syntax.ErrInvalidCharRange:
		return at + len(e.Expr) - 1
	}
	return len(pattern)
}

// unmatchedParen is the place of the first closing parenthesis that nothing opened.
func unmatchedParen(pattern string) int {
	depth := 0
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '[':
			i += classHead(pattern[i:]) - 1
			for i++; i < len(pattern) && pattern[i] != ']'; i++ {
				if pattern[i] == '\\' {
					i++
				}
			}
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return i
			}
		}
	}
	return len(pattern)
}
