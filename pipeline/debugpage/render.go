package debugpage

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // page.html
	"encoding/base64"
	"encoding/json"
	"html/template"
	"strings"
)

//go:embed page.html
var source string

var (
	pageTemplate = template.Must(template.New("page").Parse(source))
	policy       = contentSecurityPolicy(source)
)

// contentSecurityPolicy allows nothing but the style sheet of the page, by its hash (CSP Level 3).
func contentSecurityPolicy(page string) string {
	_, style, _ := strings.Cut(page, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

func renderHTML(rep *report) ([]byte, error) {
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, rep)
	return b.Bytes(), err
}

func renderJSON(rep *report) ([]byte, error) {
	b, err := json.MarshalIndent(rep, "", "  ")
	return append(b, '\n'), err
}
