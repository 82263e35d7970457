package xslt

import (
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// output is what the xsl:output elements say.
type output struct {
	method, version, encoding, standalone  string
	public, system, media                  string
	omit, indent, indentSet, encodingAscii bool
	encodingLatin                          bool
	cdata                                  map[xpath.Name]bool
}

// output reads xsl:output; what was said with a lower precedence stays where it says nothing.
func (c *compiler) output(n *xpath.Node) {
	o := &c.s.out
	for attr, to := range map[string]*string{
		"method": &o.method, "version": &o.version, "encoding": &o.encoding, "standalone": &o.standalone,
		"doctype-public": &o.public, "doctype-system": &o.system, "media-type": &o.media,
	} {
		if v, ok := n.Attr("", attr); ok {
			*to = v
		}
	}
	if _, ok := n.Attr("", "omit-xml-declaration"); ok {
		o.omit = c.yes(n, "omit-xml-declaration")
	}
	if _, ok := n.Attr("", "indent"); ok {
		o.indent, o.indentSet = c.yes(n, "indent"), true
	}
	v, _ := n.Attr("", "cdata-section-elements")
	for _, name := range strings.Fields(v) {
		q := c.name(n, name)
		if !strings.Contains(name, ":") {
			q.Space, _ = n.LookupNamespace("")
		}
		o.cdata[q] = true
	}
	switch strings.ToLower(o.encoding) {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1":
	default:
		c.fail(n, "encoding %s is not supported", o.encoding)
	}
	switch o.method {
	case "", "xml", "html", "text":
	default:
		c.fail(n, "output method %s is not supported", o.method)
	}
}

func (o *output) finish() {
	switch strings.ToLower(o.encoding) {
	case "us-ascii", "ascii":
		o.encodingAscii = true
	case "iso-8859-1", "latin1":
		o.encodingLatin = true
	}
}

// MediaType returns what xsl:output names, empty for nothing.
func (s *Stylesheet) MediaType() string { return s.out.media }

// Encoding returns what xsl:output names, empty for nothing; the result is in UTF-8 then.
func (s *Stylesheet) Encoding() string { return s.out.encoding }

// HTML tells whether a result is written as HTML: by the method, or because it is an html element (XSLT section 16).
func (s *Stylesheet) HTML(result *xpath.Node) bool {
	if s.out.method != "" {
		return s.out.method == "html"
	}
	for _, n := range result.Children {
		switch n.Kind {
		case xpath.Element:
			return n.Name.Space == "" && strings.EqualFold(n.Name.Local, "html")
		case xpath.Text:
			if !xpath.IsSpace(n.Value) {
				return false
			}
		}
	}
	return false
}

// Append appends the result, written as xsl:output says, to dst.
func (s *Stylesheet) Append(dst []byte, result *xpath.Node) []byte {
	w := &writer{o: &s.out, b: dst}
	switch {
	case s.out.method == "text":
		w.plain(result)
	case s.HTML(result):
		w.html = true
		w.indent = s.out.indent || !s.out.indentSet
		w.htmlDocument(result)
	default:
		w.indent = s.out.indent
		w.xmlDocument(result)
	}
	return w.b
}

// writer writes a tree.
type writer struct {
	o      *output
	b      []byte
	html   bool
	indent bool
	scope  []xpath.Decl // the namespaces that are declared, the innermost last
}

func (w *writer) add(s string) { w.b = append(w.b, s...) }

// rune writes a character in the encoding; escaped tells whether a reference may stand for one that is not in it.
func (w *writer) rune(r rune, escaped bool) {
	switch {
	case r < 0x80 || !w.o.encodingAscii && !w.o.encodingLatin:
		w.b = append(w.b, string(r)...)
	case w.o.encodingLatin && r < 0x100:
		w.b = append(w.b, byte(r))
	case escaped:
		w.b = fmt.Appendf(w.b, "&#%d;", r)
	default:
		w.b = append(w.b, '?')
	}
}

// raw writes text as it is.
func (w *writer) raw(s string) {
	if !w.o.encodingAscii && !w.o.encodingLatin {
		w.add(s)
		return
	}
	for _, r := range s {
		w.rune(r, false)
	}
}

// text writes text with what is special in it escaped.
func (w *writer) text(s string) {
	for _, r := range s {
		switch r {
		case '&':
			w.add("&amp;")
		case '<':
			w.add("&lt;")
		case '>':
			w.add("&gt;")
		case '\r':
			w.add("&#13;")
		default:
			w.rune(r, true)
		}
	}
}

// plain writes the text of a tree.
func (w *writer) plain(n *xpath.Node) {
	for _, c := range n.Children {
		if c.Kind == xpath.Text {
			w.raw(c.Value)
		}
		w.plain(c)
	}
}

// doctype writes the document type declaration, if there is to be one.
func (w *writer) doctype(name string) {
	public, system := w.o.public, w.o.system
	if system == "" && (public == "" || !w.html) {
		return
	}
	if w.html && public == "" && system == "about:legacy-compat" { // what HTML 5 has for processors that must name one
		system = ""
	}
	w.add("<!DOCTYPE " + name)
	switch {
	case public != "":
		w.add(` PUBLIC "` + public + `"`)
	case system != "":
		w.add(" SYSTEM")
	}
	if system != "" {
		w.add(` "` + system + `"`)
	}
	w.add(">\n")
}

// declarations writes the namespaces that the element n needs and that are not in scope yet, and returns the names for its
// attributes. What it adds to the scope is for the caller to take off.
func (w *writer) declarations(n *xpath.Node) (attrs []string) {
	for _, d := range n.Decls {
		if d.Prefix == n.Prefix && d.URI != n.Name.Space {
			continue // the name of the element needs the prefix for another one
		}
		w.declare(d)
	}
	w.declare(xpath.Decl{Prefix: n.Prefix, URI: n.Name.Space})
	for _, a := range n.Attrs {
		attrs = append(attrs, w.attrName(n, a))
	}
	return attrs
}

// declare writes a namespace unless it is in scope.
func (w *writer) declare(d xpath.Decl) {
	if d.Prefix == "xml" || w.bound(d.Prefix) == d.URI {
		return
	}
	w.scope = append(w.scope, d)
	w.add(" xmlns")
	if d.Prefix != "" {
		w.add(":" + d.Prefix)
	}
	w.add("=")
	w.attrValue(d.URI)
}

func (w *writer) bound(prefix string) string {
	for i := len(w.scope) - 1; i >= 0; i-- {
		if w.scope[i].Prefix == prefix {
			return w.scope[i].URI
		}
	}
	return ""
}

// attrName returns the name of an attribute with a prefix that is bound to its namespace, which is declared if need be.
func (w *writer) attrName(n, a *xpath.Node) string {
	space := a.Name.Space
	if space == "" {
		return a.Name.Local
	}
	if space == xpath.XMLSpace {
		return "xml:" + a.Name.Local
	}
	if a.Prefix != "" && w.bound(a.Prefix) == space {
		return a.QName()
	}
	for i := len(w.scope) - 1; i >= 0; i-- {
		if d := w.scope[i]; d.URI == space && d.Prefix != "" && w.bound(d.Prefix) == space {
			return d.Prefix + ":" + a.Name.Local
		}
	}
	prefix, base := a.Prefix, a.Prefix
	if base == "" {
		base = "ns"
	}
	for i := 1; prefix == "" || prefix == n.Prefix || w.bound(prefix) != ""; i++ {
		prefix = fmt.Sprintf("%s_%d", base, i)
	}
	w.declare(xpath.Decl{Prefix: prefix, URI: space})
	return prefix + ":" + a.Name.Local
}

// attrValue writes the value of an attribute between quotes.
func (w *writer) attrValue(s string) {
	quote := byte('"')
	if w.html && strings.Contains(s, `"`) && !strings.Contains(s, "'") {
		quote = '\''
	}
	w.b = append(w.b, quote)
	for _, r := range s {
		switch {
		case r == '&':
			w.add("&amp;")
		case r == '<':
			w.add("&lt;")
		case r == '>':
			w.add("&gt;")
		case r == '"' && quote == '"':
			w.add("&quot;")
		case (r == '\n' || r == '\t' || r == '\r') && !w.html:
			w.b = fmt.Appendf(w.b, "&#%d;", r)
		default:
			w.rune(r, true)
		}
	}
	w.b = append(w.b, quote)
}
