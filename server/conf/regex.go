package conf

import (
	"fmt"
	"regexp"
	"strings"
)

// namedGroup is the head of a group whose capture becomes a variable: (?<name>, (?P<name> and (?'name'.
var namedGroup = regexp.MustCompile(`\(\?(?:P?<([A-Za-z_][A-Za-z0-9_]*)>|'([A-Za-z_][A-Za-z0-9_]*)')`)

// anyNamedGroup is namedGroup with any word as the name.
var anyNamedGroup = regexp.MustCompile(`\(\?(?:P?<|')(\w+)[>']`)

// regex checks the brackets of a regular expression and defines the variables of its named groups. What the expression
// means is not looked at here: syntax that Go's regexp does not have may be run by another engine.
func (c *checker) regex(d *Directive, i int, pattern string) bool {
	if fault := brackets(pattern); fault != "" {
		c.errorf(d, i, `pcre2_compile() failed: %s in "%s"`, fault, pattern)
		return false
	}
	if fault := groupNames(pattern); fault != "" {
		c.errorf(d, i, "pcre2_compile() failed: %s", fault)
		return false
	}
	if c.http == nil {
		return true
	}
	for _, m := range namedGroup.FindAllStringSubmatch(pattern, -1) {
		c.http.defined[lower(m[1]+m[2])] = true
	}
	return true
}

// groupNames says in PCRE2's words, and where, which name of a group cannot be one.
func groupNames(pattern string) string {
	seen := map[string]bool{}
	for _, m := range anyNamedGroup.FindAllStringSubmatchIndex(pattern, -1) {
		name, at := pattern[m[2]:m[3]], 0
		fault := ""
		switch {
		case name != "" && name[0] >= '0' && name[0] <= '9':
			fault, at = "subpattern name must start with a non-digit", m[2]
		case len(name) > 32:
			fault, at = "subpattern name is too long (maximum 32 code units)", m[3]
		case seen[name]:
			fault, at = "two named subpatterns have the same name (PCRE2_DUPNAMES not set)", m[1]
		}
		if fault != "" {
			return fmt.Sprintf(`%s in "%s" at "%s"`, fault, pattern, pattern[at:])
		}
		seen[name] = true
	}
	return ""
}

// brackets says in PCRE2's words which bracket is not closed.
func brackets(p string) string {
	depth := 0
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '\\':
			if i++; i == len(p) {
				return `\ at end of pattern`
			}
			if p[i] == 'Q' {
				end := strings.Index(p[i:], `\E`)
				if end < 0 {
					return fault(depth)
				}
				i += end + 1
			}
		case '[':
			end := classEnd(p, i)
			if end < 0 {
				return "missing terminating ] for character class"
			}
			i = end
		case '(':
			depth++
		case ')':
			if depth > 0 {
				depth--
			}
		}
	}
	return fault(depth)
}

func fault(depth int) string {
	if depth > 0 {
		return "missing closing parenthesis"
	}
	return ""
}

// classEnd is the index of the bracket that closes the character class at i.
func classEnd(p string, i int) int {
	i++
	if i < len(p) && p[i] == '^' {
		i++
	}
	for first := true; i < len(p); i, first = i+1, false {
		switch {
		case p[i] == '\\':
			i++
		case p[i] == '[' && i+1 < len(p) && p[i+1] == ':':
			if end := strings.Index(p[i:], ":]"); end > 0 {
				i += end + 1
			}
		case p[i] == ']' && !first:
			return i
		}
	}
	return -1
}
