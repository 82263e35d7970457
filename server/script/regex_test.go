package script_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/script"
)

// captures matches and shows what is captured, "no" without a match.
func captures(t testing.TB, pattern string, caseless bool, subject string) string {
	t.Helper()
	tab := script.NewTable()
	re, err := tab.Regex(pattern, caseless)
	if err != nil {
		return err.Error()
	}
	s, _ := script.Compile("$1|$2|$3", tab)
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	c := get(t, "/")
	found, err := re.Exec(c, []byte(subject))
	if again, err2 := re.Match([]byte(subject)); again != found || err2 != err {
		t.Errorf("%s: Match says %t, Exec %t", pattern, again, found)
	}
	switch {
	case err != nil:
		return err.Error()
	case !found:
		return "no"
	}
	return string(s.Append(c, nil))
}

// What PCRE answers, for expressions that either engine of ours runs.
func TestRegexIsPCRE(t *testing.T) {
	for _, c := range []struct {
		pattern, subject, want string
	}{
		{`^/(.*)$`, "/a/b", "a/b||"},
		{`\.(php|phtml)$`, "/x.php", "php||"},
		{`\.php$`, "/x.php\n", "||"},  // "$" is also before a final newline
		{`\.php\z`, "/x.php\n", "no"}, // \z is not
		{`\.php\Z`, "/x.php\n", "||"},
		{`(?!x)\.php$`, "/x.php\n", "||"},
		{`^(..)$`, "\xc3\xa9", "\xc3\xa9||"}, // bytes, not runes
		{`^(.)\1$`, "\xe9\xe9", "\xe9||"},
		{`^([^a]+)$`, "\xff\x00", "\xff\x00||"},
		{"^\xc3\xa9", "\xc3\xa9t", "||"},
		{`a(?=b)(.)`, "ab", "b||"},
		{`(?<=a)(b)`, "ab", "b||"},
		{`(?>a+)(b)`, "aab", "b||"},
		{`(a++)(b)`, "aab", "aa|b|"},
		{`(?<n>a)(b)(?P<m>c)`, "abc", "a|b|c"},
		{`(?<n>a)(b)(?=c)(?P<m>c)`, "abc", "a|b|c"}, // groups count from the left, named or not
		{`(?'n'a)(b)`, "ab", "a|b|"},
		{`(a)|(b)`, "b", "|b|"},
		{`(?:(a)|b)*`, "ab", "a||"},
		{`^(a|ab)(c|bcd)(d*)$`, "abcd", "a|bcd|"},
		{`(\w+)\s(\d+)`, "ab 12", "ab|12|"},
		{`[[:alpha:]]+([[:digit:]$])`, "ab1", "1||"},
		{`\Qa.b\E(.)`, "a.bc", "c||"},
		{`a{2,3}?(a*)`, "aaaa", "aa||"},
		{`x{1001}`, strings.Repeat("x", 1001), "||"}, // more than Go's parser repeats
		{`\h(a)`, "\ta", "a||"},
		{`(a)\g1`, "aa", "a||"},
		{`(a)\g{1}b`, "aab", "a||"},
		{`()()()()()()()()()(a)(b)\g{10}\g11`, "abab", "||"},
		{`(?x) a b # comment`, "ab", "||"},
		{`(?m)^b$`, "a\nb\nc", "||"},
		{`(?s)a.b`, "a\nb", "||"},
		{`a.b`, "a\nb", "no"},
		{`\bfoo\b`, "a foo b", "||"},
		{`\Boo`, "foo", "||"},
		{`^$`, "", "||"},
		{``, "x", "||"},
		{`(?<!a)b(?<x>c)\k<x>`, "bcc", "c||"},
		{`(?=a)[]$a]+(b)`, "a]$b", "b||"},
		{`(?=a)[^]b](.)`, "ac", "c||"},
		{`(?=a)a\Q$.\E(b)`, "a$.b", "b||"},
		{`(?=a)a\Q$`, "a$", "||"},
		{`(?=a)[[:alpha:]$](b)$`, "ab", "b||"},
		{`(?=a)a[\h\e](b)`, "a\tb", "b||"},
		{`(?=a)a\R(b)`, "a\r\nb", "b||"},
		{`(?=a)a\N(b)`, "a\nb", "no"},
		{`(?m)(?=b)^b$`, "a\nb\nc", "||"},
		{`(?=a)a\$(b)`, "a$b", "b||"},
	} {
		if got := captures(t, c.pattern, false, c.subject); got != c.want {
			t.Errorf("%q on %q: %q, want %q", c.pattern, c.subject, got, c.want)
		}
	}
}

func TestRegexCaseless(t *testing.T) {
	for _, c := range [][3]string{
		{`^/(ADMIN)`, "/aDmIn", "aDmIn||"}, {`^/([a-f]+)$`, "/ABF", "ABF||"}, {`(?=x)(X)`, "x", "x||"}, {`k`, "K", "||"},
	} {
		if got := captures(t, c[0], true, c[1]); got != c[2] {
			t.Errorf("%q on %q: %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestNamedCaptures(t *testing.T) {
	tab := script.NewTable()
	re, err := tab.Regex(`^/(?<First>[a-z]+)(?:/(?<second>\d+))?`, false)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := script.Compile("$first|$second", tab)
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	c := get(t, "/")
	if got := string(s.AppendLog(c, nil, script.EscapeDefault)); got != "-|-" {
		t.Errorf("before a match: %s", got)
	}
	subject := []byte("/ab/12")
	_, _ = re.Exec(c, subject)
	subject[1] = 'x' // the captures are copies
	if got := string(s.Append(c, nil)); got != "ab|12" {
		t.Errorf("got %s", got)
	}
	_, _ = re.Exec(c, []byte("/cd"))
	if got := string(s.Append(c, nil)); got != "cd|" {
		t.Errorf("got %s", got)
	}
}

// The words are those of nginx -t with PCRE2.
func TestBadRegex(t *testing.T) {
	for pattern, want := range map[string]string{
		`(a`:          `missing closing parenthesis in "(a"`,
		`a)b`:         `unmatched closing parenthesis in "a)b" at ")b"`,
		`(a))`:        `unmatched closing parenthesis in "(a))" at ")"`,
		`\)[])](a))`:  `unmatched closing parenthesis in "\)[])](a))" at ")"`,
		`[a`:          `missing terminating ] for character class in "[a"`,
		`*a`:          `quantifier does not follow a repeatable item in "*a" at "*a"`,
		`x+*`:         `quantifier does not follow a repeatable item in "x+*" at "*"`,
		`a**`:         `quantifier does not follow a repeatable item in "a**" at "*"`,
		`a{2,1}`:      `numbers out of order in {} quantifier in "a{2,1}" at "}"`,
		`a\`:          `\ at end of pattern in "a\"`,
		`[b-a]c`:      `range out of order in character class in "[b-a]c" at "a]c"`,
		`[[:foo:]]`:   `unknown POSIX class name in "[[:foo:]]" at "foo:]]"`,
		`(?=a)\Kb`:    `\K is not supported in "(?=a)\Kb"`,
		`(?=a)\g{-1}`: `\g is not supported in "(?=a)\g{-1}"`,
	} {
		if _, err := script.NewTable().Regex(pattern, false); err == nil || err.Error() != "pcre2_compile() failed: "+want {
			t.Errorf("%s: %v, want %s", pattern, err, want)
		}
	}
	if _, err := script.NewTable().Regex(`(?<host>a)`, false); err == nil || err.Error() != `the duplicate "host" variable` {
		t.Errorf("got %v", err)
	}
}

// Expressions that make a backtracking engine run for ages: ours is linear, and regexp2 is stopped.
func TestRegexEnds(t *testing.T) {
	for _, pattern := range []string{`^(a+)+$`, `^(a|a)*$`, `^(a*)*b$`, `(x+x+)+y`} {
		began := time.Now()
		captures(t, pattern, false, strings.Repeat("a", 2000)+"!")
		captures(t, pattern, false, strings.Repeat("x", 2000))
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s took %v", pattern, took)
		}
	}
	tab := script.NewTable()
	re, err := tab.Regex(`^(?=a)(a+)+$`, false)
	if err != nil {
		t.Fatal(err)
	}
	c, env := get(t, "/"), new(recorder)
	script.SetEnv(c, env)
	began := time.Now()
	_, err = re.Exec(c, []byte(strings.Repeat("a", 40)+"!"))
	if took := time.Since(began); !errors.Is(err, script.ErrMatch) || took > 30*time.Second || len(env.lines) != 1 {
		t.Errorf("%v after %v, logged %q", err, took, env.lines)
	}
	if re, err = tab.Regex(`(a|b|c|d)*(a|b)*(c|d)*x`, false); err != nil {
		t.Fatal(err)
	}
	if _, err = re.Match(make([]byte, 8<<20)); !errors.Is(err, script.ErrMatch) {
		t.Errorf("a subject of 8 MiB: %v", err)
	}
}

// FuzzRegex compares the matcher with Go's own, which has the same priorities, on subjects of ASCII without newlines.
func FuzzRegex(f *testing.F) {
	for _, seed := range [][2]string{{`^/(.*)$`, "/a/b"}, {`(a|ab)(c|bcd)(d*)`, "abcd"}, {`(a*)*(b)?`, "aab"}, {`(?i)x(Y|z)+?`, "xyzzy"}, {`\b(\w+)\b`, " ab c"}, {`(a+?)(a*)$`, "aaa"}, {`[^a-c](.)?`, "abcd"},
		{`(|a)+b`, "aab"}, {`(?:(a)|(b))*`, "abab"}, {`^(?:x?){3}(x)`, "xx"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, subject string) {
		for i := range len(subject) {
			if subject[i] < 0x20 || subject[i] >= 0x7f {
				t.Skip()
			}
		}
		std, err := regexp.Compile(pattern)
		if err != nil || len(pattern) > 60 || len(subject) > 60 || strings.Contains(pattern, "(?P<") || strings.Contains(pattern, "(?<") {
			t.Skip()
		}
		for i := range len(pattern) {
			if pattern[i] >= 0x7f || pattern[i] == '{' || pattern[i] == 'p' || pattern[i] == 'P' || pattern[i] == 'x' {
				t.Skip() // escapes of runes beyond a byte
			}
		}
		if strings.Contains(pattern, `\z`) {
			t.Skip() // is left to regexp2, which counts empty iterations otherwise and is bounded by time
		}
		want := "no"
		if m := std.FindStringSubmatch(subject); m != nil {
			m = append(m, "", "", "")
			want = fmt.Sprintf("%s|%s|%s", m[1], m[2], m[3])
		}
		if got := captures(t, pattern, false, subject); got != want {
			t.Errorf("%q on %q: %q, want %q", pattern, subject, got, want)
		}
	})
}
