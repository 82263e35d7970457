package conf

import (
	"slices"
	"strings"
)

// Checks of the rewrite module.

// setVariable checks `set $name value`.
func setVariable(c *checker, d *Directive) any {
	if !c.define(d, 1) {
		return nil
	}
	s, ok := c.value(d, 2)
	if !ok {
		return nil
	}
	return s
}

// defineVariable checks a directive whose first argument becomes a variable: auth_request_set.
func defineVariable(c *checker, d *Directive) any { return setVariable(c, d) }

// Return is the value of return.
type Return struct {
	// Status is the code; 302 when only an address was given.
	Status int
	// Text is the body, or the address of a redirect.
	Text Script
}

func returnStatus(c *checker, d *Directive) any {
	n, ok := ParseNumber(d.Args[0])
	r, text := Return{Status: int(n)}, 2
	if !ok {
		if len(d.Args) != 1 || !isRedirect(d.Args[0]) {
			return c.badReturn(d)
		}
		r.Status, text = 302, 1
	} else if n > 999 {
		return c.badReturn(d)
	}
	if text > len(d.Args) {
		return r
	}
	if r.Text, ok = c.value(d, text); !ok {
		return nil
	}
	return r
}

func (c *checker) badReturn(d *Directive) any {
	c.errorf(d, 1, `invalid return code "%s"`, d.Args[0]).Hint =
		"it takes a code with an optional text, or one address that begins with http://, https:// or $scheme"
	return nil
}

// isRedirect says whether a text is an address, as NGINX tells it.
func isRedirect(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "$scheme")
}

// Rewrite is the value of rewrite.
type Rewrite struct {
	// Pattern is the regular expression.
	Pattern string
	// Replacement is without its last "?", which KeepArgs says was not there.
	Replacement Script
	KeepArgs    bool
	// Flag is "last", "break", "redirect", "permanent" or empty. An address as the replacement is a redirect too.
	Flag string
}

func rewrite(c *checker, d *Directive) any {
	if d.Args[1] == "" {
		c.errorf(d, 2, "empty replacement")
		return nil
	}
	if !c.regex(d, 1, d.Args[0]) {
		return nil
	}
	r := Rewrite{Pattern: d.Args[0]}
	text, drops := strings.CutSuffix(d.Args[1], "?")
	r.KeepArgs = !drops
	if len(d.Args) == 3 {
		if r.Flag = d.Args[2]; !slices.Contains([]string{"last", "break", "redirect", "permanent"}, r.Flag) {
			c.errorf(d, 3, `invalid parameter "%s"`, r.Flag).Hint = "it is one of: last, break, redirect, permanent"
			return nil
		}
	}
	var ok bool
	if r.Replacement, ok = c.text(d, 2, text); !ok {
		return nil
	}
	return r
}

// Condition is the value of if.
type Condition struct {
	// Variable is the name that is compared; empty for a test of a file.
	Variable string
	// Op is "", "=", "!=", "~", "~*", "!~", "!~*", or a test of a file: "-f", "!-f", and so on with d, e and x.
	Op string
	// Text is compared with, or is the file's name. Pattern is the expression instead.
	Text    Script
	Pattern string
}

var (
	comparisons = []string{"=", "!=", "~", "~*", "!~", "!~*"}
	fileTests   = []string{"-f", "!-f", "-d", "!-d", "-e", "!-e", "-x", "!-x"}
)

func ifCondition(c *checker, d *Directive) any {
	words, bad := conditionWords(d.Args)
	if bad != nil {
		return c.badCondition(d, bad.at, bad.text)
	}
	first, last := words[0], len(words)
	if len(first.text) > 1 && first.text[0] == '$' {
		return c.comparison(d, words)
	}
	if !isFileTest(first.text) || last != 2 || !slices.Contains(fileTests, first.text) {
		return c.badCondition(d, first.at, first.text)
	}
	s, ok := c.text(d, words[1].at, words[1].text)
	if !ok {
		return nil
	}
	return Condition{Op: first.text, Text: s}
}

func isFileTest(s string) bool {
	return len(s) == 2 && s[0] == '-' || len(s) == 3 && s[:2] == "!-"
}

func (c *checker) badCondition(d *Directive, i int, text string) any {
	c.errorf(d, i, `invalid condition "%s"`, text).Hint = `for example ($a), ($a = b), ($a ~* regex), (-f file)`
	return nil
}

// conditionWord is a word of a condition without its parentheses, with the index of the argument it came from.
type conditionWord struct {
	text string
	at   int
}

// conditionWords takes the parentheses off; bad is the word that has none.
func conditionWords(args []string) (words []conditionWord, bad *conditionWord) {
	for i, a := range args {
		words = append(words, conditionWord{a, i + 1})
	}
	first, last := &words[0], &words[len(words)-1]
	if !strings.HasPrefix(first.text, "(") {
		return nil, first
	}
	first.text = first.text[1:]
	if !strings.HasSuffix(last.text, ")") {
		return nil, last
	}
	last.text = last.text[:len(last.text)-1]
	if words[0].text == "" && len(words) > 1 {
		words = words[1:]
	}
	if n := len(words); words[n-1].text == "" && n > 1 {
		words = words[:n-1]
	}
	return words, nil
}

// comparison checks `$variable` and `$variable op text`.
func (c *checker) comparison(d *Directive, words []conditionWord) any {
	if len(words) != 1 && len(words) != 3 {
		return c.badCondition(d, words[0].at, words[0].text)
	}
	cond := Condition{Variable: lower(words[0].text[1:])}
	c.read(d, words[0].at, cond.Variable)
	if len(words) == 1 {
		return cond
	}
	cond.Op = words[1].text
	switch i := slices.Index(comparisons, cond.Op); {
	case i < 0:
		c.errorf(d, words[1].at, `unexpected "%s" in condition`, cond.Op).Hint = "it is one of: " + strings.Join(comparisons, " ")
		return nil
	case i > 1:
		cond.Pattern = words[2].text
		if !c.regex(d, words[2].at, cond.Pattern) {
			return nil
		}
		return cond
	}
	var ok bool
	if cond.Text, ok = c.text(d, words[2].at, words[2].text); !ok {
		return nil
	}
	return cond
}

// ErrorPage is the value of error_page.
type ErrorPage struct {
	Codes []int
	// Status replaces the code: -1 leaves it, 0 takes what the page answers ("=" alone).
	Status int
	URI    Script
}

func errorPage(c *checker, d *Directive) any {
	n := len(d.Args)
	p := ErrorPage{Status: -1}
	codes := d.Args[:n-1]
	if text, ok := strings.CutPrefix(d.Args[n-2], "="); ok {
		status, isNumber := ParseNumber(text)
		if n == 2 || text != "" && !isNumber {
			c.errorf(d, n-1, `invalid value "%s"`, d.Args[n-2])
			return nil
		}
		p.Status, codes = int(status), d.Args[:n-2]
	}
	var ok bool
	if p.URI, ok = c.value(d, n); !ok {
		return nil
	}
	for i, a := range codes {
		code, ok := ParseNumber(a)
		switch {
		case !ok || code == 499:
			c.errorf(d, i+1, `invalid value "%s"`, a)
			return nil
		case code < 300 || code > 599:
			c.errorf(d, i+1, `value "%s" must be between 300 and 599`, a)
			return nil
		}
		p.Codes = append(p.Codes, int(code))
	}
	return p
}
