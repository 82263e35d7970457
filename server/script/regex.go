package script

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"

	"github.com/wheelpit/wheelpit/pipeline"
)

// A Regex is an expression in the syntax of PCRE that matches bytes, as NGINX's do. One that Go's regexp/syntax knows is
// run by the matcher of this package, in time linear in the subject and without allocation; the others (lookaround, back
// references, atomic groups) by regexp2, which backtracks, bounded by matchTimeout, and allocates.
//
// Two things differ from PCRE. An iteration of a group that takes nothing is not made, so `(a*)*` captures the last "a"s
// and not the nothing behind them. And case is folded for the letters of Latin-1, not of ASCII alone.
type Regex struct {
	pattern string
	program *program        // nil when only full can run it
	full    *regexp2.Regexp // nil when program can
	groups  int             // with group 0
	names   []*Variable     // by group; nil where a group has no name
}

// matchTimeout bounds one match of an expression that backtracks (NGINX: pcre2's match limit, 10^7 steps).
const matchTimeout = 250 * time.Millisecond

// ErrMatch is what matching returns when it took too long: PCRE2_ERROR_MATCHLIMIT, which NGINX answers with 500.
var ErrMatch = errors.New("pcre2_match() failed: -47")

// Regex compiles an expression; its named groups become variables of the table. The error's text is NGINX's where the
// fault has a name in PCRE.
func (t *Table) Regex(pattern string, caseless bool) (*Regex, error) {
	re := &Regex{pattern: pattern}
	names, err := re.compile(caseless)
	if err != nil {
		return nil, err
	}
	re.groups = len(names)
	for i, name := range names {
		if name == "" {
			continue
		}
		if re.names == nil {
			re.names = make([]*Variable, len(names))
		}
		if re.names[i], err = t.addCapture(name); err != nil {
			return nil, err
		}
	}
	return re, nil
}

// compile chooses the engine, and returns the names of all groups.
func (re *Regex) compile(caseless bool) (names []string, err error) {
	flags := syntax.Perl
	if caseless {
		flags |= syntax.FoldCase
	}
	text := latin1(re.pattern)
	tree, fault := syntax.Parse(text, flags)
	if fault == nil && !strings.Contains(re.pattern, `\z`) {
		names = tree.CapNames()
		if re.program, err = compileProgram(tree); err == nil {
			return names, nil
		}
	}
	translated, err := forRegexp2(text)
	if err != nil {
		return nil, compileError(re.pattern, fault, err)
	}
	options := regexp2.RE2
	if caseless {
		options |= regexp2.IgnoreCase
	}
	if re.full, err = regexp2.Compile(translated, options, regexp2.OptionMaintainCaptureOrder()); err != nil {
		return nil, compileError(re.pattern, fault, err)
	}
	re.full.MatchTimeout = matchTimeout
	for _, i := range re.full.GetGroupNumbers() {
		name := re.full.GroupNameFromNumber(i)
		if name != "" && name[0] <= '9' {
			name = "" // regexp2 gives a group without a name that of its number
		}
		names = append(names, name)
	}
	return names, nil
}

// Pattern returns the expression as it was written.
func (re *Regex) Pattern() string { return re.pattern }

// Groups returns the number of capturing groups.
func (re *Regex) Groups() int { return re.groups - 1 }

// Match tells whether subject matches, without any captures. The error is [ErrMatch].
func (re *Regex) Match(subject []byte) (bool, error) {
	m := matchers.Get().(*matcher)
	found, err := re.run(m, subject)
	matchers.Put(m)
	return found, err
}

// Exec is Match that keeps the captures of a match, $1 to $9 and named ones, for scripts that run on c.
func (re *Regex) Exec(c *pipeline.Ctx, subject []byte) (bool, error) {
	m := matchers.Get().(*matcher)
	found, err := re.run(m, subject)
	if found {
		re.keep(stateOf(c), m, subject)
	}
	matchers.Put(m)
	if err != nil {
		EnvOf(c).Log("alert", fmt.Sprintf(`%v on "%s" using "%s"`, err, subject, re.pattern))
	}
	return found, err
}

// keep stores captures in the state of a request.
func (re *Regex) keep(s *state, m *matcher, subject []byte) {
	if re.groups == 1 {
		s.captures = s.captures[:0]
		return
	}
	s.subject = s.keep(subject)
	s.captures = append(s.captures[:0], m.captures...)
	for i, v := range re.names {
		if v == nil {
			continue
		}
		sl := slot{kept: true, found: true}
		if start := s.captures[2*i]; start >= 0 {
			sl.value = s.subject[start:s.captures[2*i+1]]
		}
		*s.slot(v.slot) = sl
	}
}

// latin1 spells each byte of 0x80 and above as the rune of that number, since both engines read runes.
func latin1(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}
