package xpath_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

const document = `<?xml version="1.0"?>
<!-- before -->
<r xmlns:p="urn:p" p:z="pz"><a i="1"><b>x</b><b>y</b></a><a i="2"><b>z</b><p:b/></a><?t data?><c xml:lang="en-GB" xml:id="k">1<d/>2</c></r>`

var env = &xpath.Env{Namespace: func(prefix string) (string, bool) { return "urn:p", prefix == "q" }}

func parse(t testing.TB, text string) *xpath.Node {
	t.Helper()
	root, err := xpath.Parse([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func newRun() *xpath.Run {
	return &xpath.Run{Steps: 1 << 20, Variable: func(n xpath.Name) (xpath.Value, bool) { return 3.0, n.Local == "three" }}
}

var expressions = []struct{ src, want string }{
	{"/r/a[2]/b", "z"}, {"//b[2]", "y"}, {"count(//b)", "3"}, {"count(//q:b)", "1"}, {"name(//q:*[1])", "p:b"}, {"//q:b/../@i", "2"},
	{"count(//node())", "16"}, {"count(//@*)", "5"}, {"count(/r/namespace::*)", "2"}, {"//@q:z", "pz"}, {"/r/a[@i='2']/preceding-sibling::a/@i", "1"},
	{"//d/preceding::b[1]", "z"}, {"//d/preceding::b[2]", "y"}, {"//b[.='y']/following::b", "z"}, {"//d/ancestor::*[2]/@q:z", "pz"}, {"name(//d/..)", "c"},
	{"//processing-instruction('t')", "data"}, {"//comment()", " before "}, {"//c/text()[2]", "2"}, {"id('k')/d/following-sibling::text()", "2"},
	{"boolean(//d[lang('en')])", "true"}, {"sum(//@i) = $three", "true"}, {"$three * 2 - 1 div 2", "5.5"}, {"7 mod -4", "3"}, {"- - 2", "2"}, {"-$three", "-3"},
	{"1 div 0", "Infinity"}, {"-1 div 0", "-Infinity"}, {"0 div 0", "NaN"}, {"0.1 + 0.2", "0.3"}, {"1 div 3", "0.333333333333333"}, {"1000000 * 1000000", "1000000000000"},
	{"//b = 'z'", "true"}, {"//b != 'z'", "true"}, {"not(//b = 'q')", "true"}, {"//a/@i > 1", "true"}, {"//a/@i < //a/@i", "true"}, {"true() = 'x'", "true"},
	{"substring('12345', 1.5, 2.6)", "234"}, {"substring('12345', 0 div 0)", ""}, {"translate('bar', 'abc', 'AB')", "BAr"}, {"normalize-space('  a  b ')", "a b"},
	{"substring-before('a=b', '=')", "a"}, {"substring-after('a=b', '=')", "b"}, {"substring-after('a', '=')", ""}, {"string-length('hé')", "2"}, {"round(-1.5)", "-1"}, {"round(2.5)", "3"},
	{"concat('a', 1, true())", "a1true"}, {"count(* | //b | *)", "4"}, {"(//b | //a)[1]/@i", "1"}, {"//a[position() = last()]/@i", "2"}, {"//b[position() mod 2 = 1]", "x"},
	{"/descendant::b[3]", "z"}, {"//a[b = 'z' and @i]/@i", "2"}, {"//*[self::c or self::d][2]/../text()", ""}, {"(//*)[self::c or self::d][2]/../text()", "1"}, {"div div div", "NaN"}, {"and or mod", "false"}, {"number('1e3')", "NaN"},
	{"number('-.5')", "-0.5"}, {"string(/r/a)", "xy"}, {"//a[1]/b[2]/ancestor-or-self::node()[last()]/r/a/@i", "1"}, {"..", ""}, {".//b", "x"}, {"count(//b/ancestor::a)", "2"},
}

func TestExpressions(t *testing.T) {
	root := parse(t, document)
	for _, test := range expressions {
		e, err := xpath.Compile(test.src, env)
		if err != nil {
			t.Errorf("%s: %v", test.src, err)
			continue
		}
		run := newRun()
		got := xpath.String(e.Eval(&xpath.Context{Node: root, Pos: 1, Size: 1, Run: run}))
		if got != test.want || run.Err != nil {
			t.Errorf("%s: %q, %v, want %q", test.src, got, run.Err, test.want)
		}
	}
}

var faults = []string{
	"", "a[", "a]", "a/", "//", "(1", "f()", "count()", "count(1,2)", "x::a", "$", "$p:a", "p:a", "'a", "1 +", "a b", "@", "a/@", "!", "a:b:c", "..a", "1.2.3", "[1]", "count(/a",
	strings.Repeat("(", 200) + "1" + strings.Repeat(")", 200), strings.Repeat("a[", 200) + "1" + strings.Repeat("]", 200), strings.Repeat("1+", 2000) + "1", strings.Repeat("a|", 2000) + "a",
	strings.Repeat("a", 70000),
}

func TestFaults(t *testing.T) {
	for _, src := range faults {
		if _, err := xpath.Compile(src, env); err == nil {
			t.Errorf("%.40q was taken", src)
		}
	}
	for _, src := range []string{"a[", "a//", "..", "child::a/parent::b", "a | ", "1", "$x", "count(a)", "(a)", "id('x')[1]"} {
		if _, err := xpath.CompilePattern(src, env); err == nil {
			t.Errorf("pattern %q was taken", src)
		}
	}
}

// What goes wrong while an expression is evaluated stops the run: there is no other end of it.
func TestRunErrors(t *testing.T) {
	root := parse(t, "<r>"+strings.Repeat("<a/>", 1000)+"</r>")
	for src, want := range map[string]error{"$none": nil, "count(1)": nil, "'a'/b": nil, "//a[count(//a) > 1]": xpath.ErrSteps, "//a != //a": xpath.ErrSteps} {
		e, err := xpath.Compile(src, env)
		if err != nil {
			t.Fatal(src, err)
		}
		run := newRun()
		run.Steps = 100_000
		e.Eval(&xpath.Context{Node: root, Pos: 1, Size: 1, Run: run})
		if run.Err == nil || want != nil && !errors.Is(run.Err, want) {
			t.Errorf("%s: %v", src, run.Err)
		}
	}
}

var patterns = []struct {
	src      string
	priority float64
	matches  string // the names of what it matches
}{
	{"b", 0, "b b b"}, {"q:b", 0, "p:b"}, {"q:*", -0.25, "p:b"}, {"*", -0.5, "r a b b a b p:b c d"}, {"a/b", 0.5, "b b b"}, {"/r", 0.5, "r"}, {"r//d", 0.5, "d"}, {"b[2]", 0.5, "b"},
	{"a[@i = 2]/*[last()]", 0.5, "p:b"}, {"@i", 0, "i i"}, {"@*", -0.5, "p:z i i xml:lang xml:id"}, {"processing-instruction('t')", 0, "t"}, {"processing-instruction()", -0.5, "t"},
	{"id('k')", 0.5, "c"}, {"id('k')/d", 0.5, "d"}, {"//b[. = 'z']", 0.5, "b"}, {"a//b", 0.5, "b b b"}, {"r/b", 0.5, ""}, {"/a", 0.5, ""}, {"c[position() = 1]", 0.5, "c"},
}

func TestPatterns(t *testing.T) {
	root := parse(t, document)
	all, _ := xpath.Compile("//node() | //@*", env)
	run := newRun()
	for _, test := range patterns {
		list, err := xpath.CompilePattern(test.src, env)
		if err != nil || len(list) != 1 || list[0].Priority != test.priority {
			t.Errorf("%s: %+v, %v", test.src, list, err)
			continue
		}
		var names []string
		for _, n := range all.Eval(&xpath.Context{Node: root, Run: run}).(xpath.NodeSet) {
			if list[0].Matches(&xpath.Context{Node: n, Pos: 1, Size: 1, Run: run}) {
				names = append(names, n.QName())
			}
		}
		if got := strings.Join(names, " "); got != test.matches {
			t.Errorf("%s: %q, want %q", test.src, got, test.matches)
		}
	}
}
