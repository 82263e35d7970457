package conf

import "strings"

// Checks of directives that choose what answers.

func index(c *checker, d *Directive) any {
	for i, a := range d.Args {
		if a == "" {
			c.errorf(d, i+1, `index "%s" in "index" directive is invalid`, a)
			return nil
		}
	}
	c.references(d)
	return nil
}

// tryFiles checks the code that may stand last.
func tryFiles(c *checker, d *Directive) any {
	last := d.Args[len(d.Args)-1]
	if text, ok := strings.CutPrefix(last, "="); ok {
		if code, ok := ParseNumber(text); !ok || code > 999 {
			c.errorf(d, len(d.Args), `invalid code "%s"`, last).Hint = "for example =404"
			return nil
		}
	}
	c.references(d)
	return nil
}

// browserNames are those that modern_browser knows.
var browserNames = set("opera msie konqueror safari gecko")

// modernBrowser checks `modern_browser name version` and "unlisted".
func modernBrowser(c *checker, d *Directive) any {
	switch {
	case len(d.Args) == 1 && d.Args[0] == "unlisted":
	case len(d.Args) == 1:
		c.errorf(d, 1, `invalid parameter "%s"`, d.Args[0]).Hint = `it takes a browser and a version, or "unlisted"`
	case !browserNames[lower(d.Args[0])]:
		c.errorf(d, 1, `unknown browser name "%s"`, d.Args[0]).Hint = "it is one of: gecko, konqueror, msie, opera, safari"
	case strings.Trim(d.Args[1], "0123456789.") != "":
		c.errorf(d, 2, `invalid browser version "%s"`, d.Args[1])
	}
	return nil
}

// secretAndLink reports the first block in a server that has secure_link_secret beside its newer companions; NGINX notices it where
// http ends.
func (c *checker) secretAndLink(http, block *Directive) bool {
	secret, link := false, false
	for d := range block.Children() {
		secret = secret || d.Name == "secure_link_secret"
		link = link || d.Name == "secure_link" || d.Name == "secure_link_md5"
	}
	if secret && link {
		e := c.errorf(http, 0, `"secure_link_secret" cannot be mixed with "secure_link" and "secure_link_md5"`)
		e.Line, e.Hint = http.close, "see "+at(block)
		return false
	}
	for d := range block.Children() {
		if d.Name == "location" && !c.secretAndLink(http, d) {
			return false
		}
	}
	return true
}
