package xslt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/xslt"
	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

const head = `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">`

// sheets writes files, of which those that begin with no element of their own are contents of a stylesheet, and returns the
// first one's name.
func sheets(t testing.TB, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		text := files[i+1]
		if strings.HasPrefix(text, "<xsl:") {
			text = head + "\n" + text + "</xsl:stylesheet>"
		}
		name := filepath.Join(dir, files[i])
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, files[0])
}

const text = `<xsl:output method="text"/>`

// Of several files, what imports comes before what is imported, and what is imported last before what is imported first.
func TestImports(t *testing.T) {
	for name, test := range map[string]struct {
		want  string
		files []string
	}{
		"precedence": {"a2b1c1", []string{
			"m", `<xsl:import href="i1"/><xsl:import href="i2"/>` + text + `<xsl:template match="a">a2</xsl:template>`,
			"i1", `<xsl:template match="a">a1</xsl:template><xsl:template match="b">b0</xsl:template><xsl:template match="c">c1</xsl:template>`,
			"i2", `<xsl:template match="b">b1</xsl:template><xsl:template match="x" priority="9">x</xsl:template>`}},
		"apply-imports": {"[(a)]b", []string{
			"m", `<xsl:import href="i"/>` + text + `<xsl:template match="a">[<xsl:apply-imports/>]</xsl:template><xsl:template match="b">b<xsl:apply-imports/></xsl:template>`,
			"i", `<xsl:template match="a">(a)</xsl:template>`}},
		"apply-imports keeps to what was imported": {"12", []string{
			"m", `<xsl:import href="i1"/><xsl:import href="i2"/>` + text,
			"i1", `<xsl:template match="a">no</xsl:template>`,
			"i2", `<xsl:template match="a">1<xsl:apply-imports/>2</xsl:template>`}},
		"include": {"from sub/n, v=main", []string{
			"m", `<xsl:include href="sub/n"/>` + text + `<xsl:variable name="v">main</xsl:variable>`,
			"sub/n", `<xsl:include href="o"/><xsl:template match="a">from sub/n, <xsl:call-template name="t"/></xsl:template>`,
			"sub/o", `<xsl:template name="t">v=<xsl:value-of select="$v"/></xsl:template>`}},
		"variables": {"main", []string{
			"m", `<xsl:import href="i"/>` + text + `<xsl:variable name="v">main</xsl:variable>`,
			"i", `<xsl:variable name="v">imported</xsl:variable><xsl:template match="a"><xsl:value-of select="$v"/></xsl:template>`}},
		"document": {"data1", []string{
			"m", text + `<xsl:template match="a"><xsl:value-of select="document('d')/r"/><xsl:value-of select="count(document('')//*[@name='here'])"/></xsl:template><xsl:template name="here"/>`,
			"d", `<r>data</r>`}},
	} {
		got, err := transform(sheets(t, test.files...), "<r><a/><b/><c/></r>")
		if err != nil || got != test.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, test.want)
		}
	}
}

// What is not supported is told when a stylesheet is loaded, with its file and line.
func TestLoadErrors(t *testing.T) {
	for sheet, want := range map[string]string{
		`<xsl:foo/>`:      "m:2: xsl:foo is not supported",
		`<xsl:template/>`: "m:2: xsl:template without match and name",
		`<xsl:template match="/"><xsl:bar/></xsl:template>`:              "m:2: xsl:bar is not supported",
		`<xsl:template match="a["/>`:                                     `m:2: xpath: a step is missing at "" in pattern "a["`,
		`<xsl:template match="/"><a b="{1"/></xsl:template>`:             "m:2: an attribute value template has an odd brace",
		`<xsl:template match="/"><xsl:value-of/></xsl:template>`:         "m:2: xsl:value-of without select",
		`<xsl:variable name="v" select="date()"/>`:                       `m:2: xpath: unknown function date() in "date()"`,
		`<xsl:variable name="v" select="document(/a)"/>`:                 "m:2: xpath: document() takes a literal",
		`<xsl:variable name="v" select="document('../x')"/>`:             "m:2: xpath: ",
		`<xsl:variable name="v" select="document('/etc/passwd')"/>`:      "does not lie in the directory",
		`<xsl:variable name="v" select="document('http://h/')"/>`:        "does not lie in the directory",
		`<xsl:import href="none"/>`:                                      "m:2: openat none",
		`<xsl:import href="m"/>`:                                         "the stylesheet includes itself",
		`<xsl:include href="file:///etc/passwd"/>`:                       "does not lie in the directory",
		`<xsl:include href="../../etc/passwd"/>`:                         "m:2: ",
		`<xsl:output method="pdf"/>`:                                     "m:2: output method pdf is not supported",
		`<xsl:output encoding="utf-16"/>`:                                "m:2: encoding utf-16 is not supported",
		`<xsl:output indent="1"/>`:                                       "m:2: indent is neither yes nor no",
		`<xsl:variable name="v"/><xsl:variable name="v"/>`:               "m:2: xsl:variable v is there twice",
		`<xsl:variable name="p:v"/>`:                                     `m:2: prefix "p" is not declared`,
		`<xsl:variable name="1"/>`:                                       `m:2: "1" is not a name`,
		`<xsl:template match="/"><xsl:sort/></xsl:template>`:             "m:2: xsl:sort is out of place",
		`<xsl:template name="a"/><xsl:template name="a"/>`:               "m:2: template a is there twice",
		`<xsl:template match="/"><xsl:number level="x"/></xsl:template>`: `m:2: level "x" is not known`,
		`<xsl:template match="/" priority="x"/>`:                         `m:2: "x" is not a priority`,
		`<p:a xmlns:p="u"/><a/>`:                                         "m: xpath: ",
		`<a/>`:                                                           "m:1: not a stylesheet",
		`<xsl:template match="/">`:                                       "m: xpath: line 2:",
	} {
		_, err := xslt.Load(sheets(t, "m", sheet))
		if err == nil || !strings.HasPrefix(err.Error(), "m:") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", sheet, err, want)
		}
	}
	if _, err := xslt.Load(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there was loaded")
	}
}

// A link out of the directory of a stylesheet is not followed.
func TestLinks(t *testing.T) {
	name := sheets(t, "m", `<xsl:include href="link"/>`)
	outside := sheets(t, "n", `<xsl:template match="/"/>`)
	if err := os.Symlink(outside, filepath.Join(filepath.Dir(name), "link")); err != nil {
		t.Skip(err)
	}
	if _, err := xslt.Load(name); err == nil {
		t.Error("the link was followed")
	}
}

// What a transformation may not do ends it, and nothing else.
func TestTransformErrors(t *testing.T) {
	for sheet, want := range map[string]string{
		`<xsl:template name="t" match="/"><xsl:call-template name="t"/></xsl:template>`:                                                                                                                    "templates in progress",
		`<xsl:template match="/"><xsl:apply-templates select="/"/></xsl:template>`:                                                                                                                         "templates in progress",
		`<xsl:attribute-set name="a" use-attribute-sets="a"/><xsl:template match="/"><a xsl:use-attribute-sets="a"/></xsl:template>`:                                                                       "templates in progress",
		`<xsl:template match="/"><xsl:for-each select="//a"><xsl:for-each select="//a"><xsl:for-each select="//a"><xsl:if test="count(//a)"/></xsl:for-each></xsl:for-each></xsl:for-each></xsl:template>`: "too many nodes",
		`<xsl:template match="/"><xsl:variable name="long"><xsl:for-each select="//a">0123456789012345678901234567890123456789</xsl:for-each></xsl:variable><xsl:for-each select="//a"><xsl:for-each select="//a"><xsl:value-of select="$long"/></xsl:for-each></xsl:for-each></xsl:template>`: "bytes of text",
		`<xsl:variable name="a" select="$b"/><xsl:variable name="b" select="$a"/>`:                                                                                                                            "needs itself",
		`<xsl:template match="/"><xsl:call-template name="none"/></xsl:template>`:                                                                                                                             "template none is not there",
		`<xsl:template match="/"><xsl:value-of select="$none"/></xsl:template>`:                                                                                                                               "undefined variable $none",
		`<xsl:template match="/"><xsl:for-each select="1"/></xsl:template>`:                                                                                                                                   "does not select nodes",
		`<xsl:template match="/"><xsl:element name="{'1'}"/></xsl:template>`:                                                                                                                                  `"1" is not a name`,
		`<xsl:template match="/"><xsl:processing-instruction name="XML"/></xsl:template>`:                                                                                                                     "not the name of a processing instruction",
		`<xsl:template match="/"><xsl:value-of select="key('none', 1)"/></xsl:template>`:                                                                                                                      "key none is not there",
		`<xsl:template match="/"><xsl:value-of select="format-number(1, '0', 'none')"/></xsl:template>`:                                                                                                       "decimal format none is not there",
		`<xsl:template match="/"><xsl:for-each select="/"><xsl:apply-imports/></xsl:for-each></xsl:template>`:                                                                                                 "apply-imports outside",
		`<xsl:template match="/"><xsl:message terminate="yes">why</xsl:message></xsl:template>`:                                                                                                               "the stylesheet terminates: why",
		`<xsl:template name="t" match="/"><xsl:param name="s" select="'0123456789abcdef'"/><xsl:call-template name="t"><xsl:with-param name="s" select="concat($s, $s)"/></xsl:call-template></xsl:template>`: "too many nodes",
	} {
		_, err := transform(sheets(t, "m", sheet), "<r>"+strings.Repeat("<a/>", 300)+"</r>")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", sheet, err, want)
		}
	}
}

func TestParams(t *testing.T) {
	name := sheets(t, "m", text+`<xsl:param name="a" select="1"/><xsl:param name="b"/><xsl:variable name="v">v</xsl:variable><xsl:template match="/"><xsl:value-of select="concat($a, '|', $b, '|', $v)"/></xsl:template>`)
	for _, test := range []struct {
		params []xslt.Param
		want   string // or a part of the error
	}{
		{nil, "1||v"}, {[]xslt.Param{{Name: "a", Value: "/r/a", Expr: true}, {Name: "b", Value: "/r/a"}}, "x|/r/a|v"},
		{[]xslt.Param{{Name: "v", Value: "changed"}, {Name: "none", Value: "1", Expr: true}}, "1||v"},
		{[]xslt.Param{{Name: "a", Value: "(", Expr: true}}, "parameter a"}, {[]xslt.Param{{Name: "a", Value: "concat($b, 2)", Expr: true}}, "2||v"},
		{[]xslt.Param{{Name: "a", Value: "document('m')", Expr: true}}, "document() takes a literal"}, {[]xslt.Param{{Name: "a"}, {Name: "a"}}, "twice"},
	} {
		got, err := transform(name, "<r><a>x</a></r>", test.params...)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%v: %q, want %q", test.params, got, test.want)
		}
	}
}

// A stylesheet that is loaded can be applied: there is an end of it, and of what it may read.
func FuzzLoad(f *testing.F) {
	for _, c := range readCases(f) {
		f.Add(c.sheet, c.doc)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, sheet, doc string) {
		if len(sheet) > 2048 || len(doc) > 512 {
			return
		}
		c := testCase{name: "fuzz", sheet: sheet}
		s, err := xslt.Load(c.file(t, dir))
		if err != nil {
			return
		}
		root, err := xpath.Parse([]byte(doc), nil)
		if err != nil {
			return
		}
		xslt.SetSteps(s, 20_000)
		if result, err := s.Apply(root, nil); err == nil {
			s.Append(nil, result)
		}
	})
}
