package xslt

import (
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// compiler makes instructions of the elements of a file. Only the first error counts; what is compiled behind it is not used.
type compiler struct {
	s       *Stylesheet
	l       *loader // nil for the expression of a parameter, which reads nothing
	m       *module
	file    string
	forward bool // the version is not 1.0: unknown elements are for their xsl:fallback (XSLT section 2.5)
}

func (c *compiler) fail(n *xpath.Node, format string, args ...any) {
	c.l.fail(c.file, n, format, args...)
}

// env is what names mean at an element.
func (c *compiler) env(n *xpath.Node) *xpath.Env {
	return &xpath.Env{Namespace: func(prefix string) (string, bool) { return n.LookupNamespace(prefix) }, Function: c.function}
}

// name makes an expanded name of a QName in an attribute, empty for none.
func (c *compiler) name(n *xpath.Node, qname string) xpath.Name {
	qname = strings.TrimSpace(qname)
	if !xpath.IsQName(qname) {
		c.fail(n, "%q is not a name", qname)
		return xpath.Name{}
	}
	prefix, local, ok := strings.Cut(qname, ":")
	if !ok {
		return xpath.Name{Local: qname}
	}
	uri, ok := n.LookupNamespace(prefix)
	if !ok {
		c.fail(n, "prefix %q is not declared", prefix)
	}
	return xpath.Name{Space: uri, Local: local}
}

// optionalName is name of an attribute that may be missing.
func (c *compiler) optionalName(n *xpath.Node, attr string) xpath.Name {
	if v, ok := n.Attr("", attr); ok {
		return c.name(n, v)
	}
	return xpath.Name{}
}

// need returns an attribute that must be there.
func (c *compiler) need(n *xpath.Node, attr string) string {
	v, ok := n.Attr("", attr)
	if !ok {
		c.fail(n, "xsl:%s without %s", n.Name.Local, attr)
	}
	return v
}

// expr compiles an attribute that is an expression; def stands for one that is missing.
func (c *compiler) expr(n *xpath.Node, attr, def string) *xpath.Expr {
	v, ok := n.Attr("", attr)
	if !ok {
		if v = def; def == "" {
			c.fail(n, "xsl:%s without %s", n.Name.Local, attr)
		}
	}
	return c.compile(n, v)
}

func (c *compiler) compile(n *xpath.Node, src string) *xpath.Expr {
	e, err := xpath.Compile(src, c.env(n))
	if err != nil {
		c.fail(n, "%w", err)
	}
	return e
}

func (c *compiler) pattern(n *xpath.Node, src string) []*xpath.Pattern {
	list, err := xpath.CompilePattern(src, c.env(n))
	if err != nil {
		c.fail(n, "%w", err)
	}
	return list
}

// yes reads an attribute that is yes or no.
func (c *compiler) yes(n *xpath.Node, attr string) bool {
	switch v, _ := n.Attr("", attr); v {
	case "yes":
		return true
	case "no", "":
	default:
		c.fail(n, "%s is neither yes nor no", attr)
	}
	return false
}

// avt is an attribute value template: texts and expressions in turn, beginning with a text.
type avt struct {
	texts []string
	exprs []*xpath.Expr
}

// avt compiles an attribute value template (XSLT section 7.6.2).
func (c *compiler) avt(n *xpath.Node, s string) *avt {
	t := &avt{texts: []string{""}}
	for s != "" {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			i = len(s)
		}
		t.add(s[:i])
		switch s = s[i:]; {
		case s == "":
		case strings.HasPrefix(s, "{{"), strings.HasPrefix(s, "}}"):
			t.add(s[:1])
			s = s[2:]
		default:
			end := closing(s)
			if end < 0 {
				c.fail(n, "an attribute value template has an odd brace")
				return t
			}
			t.exprs = append(t.exprs, c.compile(n, s[1:end]))
			t.texts = append(t.texts, "")
			s = s[end+1:]
		}
	}
	return t
}

// closing returns where the brace that s begins with is closed, outside of literals.
func closing(s string) int {
	quote := byte(0)
	for i := 1; i < len(s) && s[0] == '{'; i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '}':
			return i
		}
	}
	return -1
}

func (t *avt) add(s string) { t.texts[len(t.texts)-1] += s }

// optionalAVT compiles an attribute that may be missing; nil then.
func (c *compiler) optionalAVT(n *xpath.Node, attr string) *avt {
	if v, ok := n.Attr("", attr); ok {
		return c.avt(n, v)
	}
	return nil
}

// value returns the text of the template; the empty text for nil.
func (t *avt) value(x *exec) string {
	if t == nil {
		return ""
	}
	if len(t.exprs) == 0 {
		return t.texts[0]
	}
	var b strings.Builder
	for i, text := range t.texts {
		b.WriteString(text)
		if i < len(t.exprs) {
			b.WriteString(xpath.String(x.eval(t.exprs[i])))
		}
	}
	return b.String()
}

// body compiles the content of an element.
func (c *compiler) body(n *xpath.Node) (list []instruction) {
	for _, child := range n.Children {
		switch child.Kind {
		case xpath.Text:
			list = append(list, &textOut{child.Value, false})
		case xpath.Element:
			if i := c.instruction(child); i != nil {
				list = append(list, i)
			}
		}
	}
	return list
}

// instruction compiles an element of a template; nil for one that does nothing.
func (c *compiler) instruction(n *xpath.Node) instruction {
	if n.Name.Space != Space {
		if c.extension(n) {
			return c.fallback(n, fmt.Errorf("extension element %s is not known", n.QName()))
		}
		return c.literal(n)
	}
	if make, ok := instructions[n.Name.Local]; ok {
		return make(c, n)
	}
	switch n.Name.Local {
	case "fallback":
		return nil
	case "param", "with-param", "sort", "when", "otherwise":
		c.fail(n, "xsl:%s is out of place", n.Name.Local)
		return nil
	}
	err := fmt.Errorf("xsl:%s is not supported", n.Name.Local)
	if !c.forward {
		c.fail(n, "%w", err)
		return nil
	}
	return c.fallback(n, err)
}

// fallback compiles what stands for an element that is not known.
func (c *compiler) fallback(n *xpath.Node, err error) instruction {
	found := false
	var b block
	for _, child := range n.Children {
		if isXSL(child, "fallback") {
			found = true
			b = append(b, c.body(child)...)
		}
	}
	if !found {
		c.fail(n, "%w", err)
	}
	return b
}

// listed tells whether an attribute of n or around it names a namespace by its prefix.
func listed(n *xpath.Node, attr, uri string) bool {
	for ; n != nil; n = n.Parent {
		space := Space
		if n.Name.Space == Space {
			space = ""
		}
		v, _ := n.Attr(space, attr)
		for _, prefix := range strings.Fields(v) {
			if prefix == "#default" {
				prefix = ""
			}
			if named, ok := n.LookupNamespace(prefix); ok && named == uri {
				return true
			}
		}
	}
	return false
}

func (c *compiler) extension(n *xpath.Node) bool {
	return n.Name.Space != "" && listed(n, "extension-element-prefixes", n.Name.Space)
}
