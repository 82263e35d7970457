package xslt_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/xslt"
	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

var update = flag.Bool("update", false, "write what comes out to testdata/cases.txt")

// A case is the content of a stylesheet, a document, and what comes out.
type testCase struct{ name, sheet, doc, want string }

const cases = "testdata/cases.txt"

// readCases reads the cases: "=== name", the stylesheet, "--- doc", "--- want".
func readCases(t testing.TB) (list []testCase) {
	t.Helper()
	data, err := os.ReadFile(cases)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split("\n"+strings.TrimSuffix(string(data), "\n"), "\n=== ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		sheet, rest, _ := strings.Cut(rest, "\n--- doc\n")
		doc, want, _ := strings.Cut(rest, "\n--- want\n")
		list = append(list, testCase{name, sheet, doc, want})
	}
	return list
}

// file writes the stylesheet of a case to a file.
func (c *testCase) file(t testing.TB, dir string) string {
	t.Helper()
	text := c.sheet
	if !strings.Contains(text, "xsl:version") && !strings.Contains(text, "<xsl:stylesheet") {
		text = `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">` + text + "</xsl:stylesheet>"
	}
	name := filepath.Join(dir, strings.ReplaceAll(c.name, " ", "-")+".xsl")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func transform(file, doc string, params ...xslt.Param) (string, error) {
	s, err := xslt.Load(file)
	if err != nil {
		return "", err
	}
	root, err := xpath.Parse([]byte(doc), nil)
	if err != nil {
		return "", err
	}
	result, err := s.Apply(root, params)
	if err != nil {
		return "", err
	}
	return string(s.Append(nil, result)), nil
}

func TestCases(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	for _, c := range readCases(t) {
		got, err := transform(c.file(t, dir), c.doc)
		if err != nil {
			got = "error: " + err.Error()
		}
		out.WriteString("=== " + c.name + "\n" + c.sheet + "\n--- doc\n" + c.doc + "\n--- want\n" + got + "\n")
		if got != c.want && !*update {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
	if *update {
		if err := os.WriteFile(cases, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// What comes out is what xsltproc writes, the processor that NGINX uses. Where it is not, the name says so: "(own)".
func TestAgainstXsltproc(t *testing.T) {
	program, err := exec.LookPath("xsltproc")
	if err != nil {
		t.Skip("xsltproc is not installed: there is nothing to compare with")
	}
	dir := t.TempDir()
	for _, c := range readCases(t) {
		if strings.HasSuffix(c.name, "(own)") {
			continue
		}
		doc := filepath.Join(dir, "doc.xml")
		if err := os.WriteFile(doc, []byte(c.doc), 0o600); err != nil {
			t.Fatal(err)
		}
		want, err := exec.Command(program, "--nonet", c.file(t, dir), doc).Output()
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if c.want != string(want) {
			t.Errorf("%s:\n%s\nxsltproc\n%s", c.name, c.want, want)
		}
	}
}
