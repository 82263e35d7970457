package xslt

import (
	"strings"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// The instructions that write to the result.
type (
	textOut struct {
		s   string
		raw bool
	}
	valueOf struct {
		e   *xpath.Expr
		raw bool
	}
	literal struct {
		name       xpath.Name
		prefix     string
		namespaces []xpath.Decl
		sets       []xpath.Name
		attrs      []literalAttr
		body       []instruction
	}
	literalAttr struct {
		name   xpath.Name
		prefix string
		value  *avt
	}
	element struct {
		name, space *avt
		sets        []xpath.Name
		at          *xpath.Node // for prefixes
		body        []instruction
	}
	attribute struct {
		name, space *avt
		at          *xpath.Node
		body        []instruction
	}
	commentOut     struct{ body []instruction }
	instructionOut struct {
		name *avt
		body []instruction
	}
	copyNode struct {
		sets []xpath.Name
		body []instruction
	}
	copyOf struct{ e *xpath.Expr }
)

func (c *compiler) text(n *xpath.Node) instruction {
	for _, child := range n.Children {
		if child.Kind == xpath.Element {
			c.fail(child, "xsl:text has other content than text")
		}
	}
	return &textOut{n.StringValue(), c.yes(n, "disable-output-escaping")}
}

func (t *textOut) run(x *exec) { x.text(t.s, t.raw) }

func (v *valueOf) run(x *exec) { x.text(xpath.String(x.eval(v.e)), v.raw) }

// literal compiles a literal result element (XSLT section 7.1.1).
func (c *compiler) literal(n *xpath.Node) instruction {
	l := &literal{name: n.Name, prefix: n.Prefix, sets: c.setNames(n, Space)}
	for _, d := range n.InScope() {
		if _, aliased := c.s.aliases[d.URI]; d.URI != Space && !aliased && !listed(n, "exclude-result-prefixes", d.URI) &&
			!listed(n, "extension-element-prefixes", d.URI) {
			l.namespaces = append(l.namespaces, d)
		}
	}
	for _, a := range n.Attrs {
		if a.Name.Space != Space {
			l.attrs = append(l.attrs, literalAttr{a.Name, a.Prefix, c.avt(n, a.Value)})
		}
	}
	l.body = c.body(n)
	return l
}

func (l *literal) run(x *exec) {
	name, prefix := x.aliased(l.name, l.prefix)
	x.out.Start(name, prefix)
	for _, d := range l.namespaces {
		x.out.Declare(d.Prefix, d.URI)
	}
	x.attributeSets(l.sets)
	for i := range l.attrs {
		a := &l.attrs[i]
		name, prefix := a.name, a.prefix
		if name.Space != "" {
			name, prefix = x.aliased(name, prefix)
		}
		x.out.Attr(name, prefix, a.value.value(x))
	}
	x.body(l.body)
	x.out.End()
}

// aliased returns the name that comes out for one of the stylesheet (xsl:namespace-alias).
func (x *exec) aliased(name xpath.Name, prefix string) (xpath.Name, string) {
	if to, ok := x.s.aliases[name.Space]; ok {
		return xpath.Name{Space: to.uri, Local: name.Local}, to.prefix
	}
	return name, prefix
}

func (c *compiler) element(n *xpath.Node) instruction {
	return &element{c.avt(n, c.need(n, "name")), c.optionalAVT(n, "namespace"), c.setNames(n, ""), n, c.body(n)}
}

func (c *compiler) attribute(n *xpath.Node) instruction {
	return &attribute{c.avt(n, c.need(n, "name")), c.optionalAVT(n, "namespace"), n, c.body(n)}
}

// qname makes an expanded name of what the templates of a name and a namespace come to.
func (x *exec) qname(name, space *avt, at *xpath.Node, attr bool) (n xpath.Name, prefix string, ok bool) {
	text := strings.TrimSpace(name.value(x))
	if !xpath.IsQName(text) || attr && text == "xmlns" {
		x.fail("xslt: line %d: %q is not a name", at.Line, text)
		return n, "", false
	}
	prefix, n.Local, ok = strings.Cut(text, ":")
	if !ok {
		prefix, n.Local = "", text
	}
	switch {
	case space != nil:
		n.Space = space.value(x)
	case prefix != "" || !attr:
		if n.Space, ok = at.LookupNamespace(prefix); !ok {
			x.fail("xslt: line %d: prefix %q is not declared", at.Line, prefix)
			return n, "", false
		}
	}
	if n.Space == "" || prefix == "xmlns" {
		prefix = ""
	}
	return n, prefix, true
}

func (e *element) run(x *exec) {
	name, prefix, ok := x.qname(e.name, e.space, e.at, false)
	if !ok {
		return
	}
	x.out.Start(name, prefix)
	x.attributeSets(e.sets)
	x.body(e.body)
	x.out.End()
}

func (a *attribute) run(x *exec) {
	if name, prefix, ok := x.qname(a.name, a.space, a.at, true); ok {
		x.attr(name, prefix, x.fragment(a.body).StringValue())
	}
}

func (o *commentOut) run(x *exec) {
	s := strings.ReplaceAll(x.fragment(o.body).StringValue(), "--", "- -")
	s = strings.ReplaceAll(s, "--", "- -") // of three
	if strings.HasSuffix(s, "-") {
		s += " "
	}
	x.out.Comment(s)
}

func (o *instructionOut) run(x *exec) {
	target := strings.TrimSpace(o.name.value(x))
	if !xpath.IsNCName(target) || strings.EqualFold(target, "xml") {
		x.fail("xslt: %q is not the name of a processing instruction", target)
		return
	}
	s := strings.TrimLeft(x.fragment(o.body).StringValue(), " \t\r\n")
	x.out.Instruction(target, strings.ReplaceAll(s, "?>", "? >"))
}

// attributeSets adds the attributes of sets, those that they use first.
func (x *exec) attributeSets(names []xpath.Name) {
	for _, name := range names {
		for _, set := range x.s.sets[name] {
			if !x.deeper() {
				return
			}
			x.attributeSets(set.uses)
			x.body(set.body)
			x.depth--
		}
	}
}

func (c *copyNode) run(x *exec) {
	switch n := x.ctx.Node; n.Kind {
	case xpath.Root:
		x.body(c.body)
	case xpath.Element:
		x.out.Start(n.Name, n.Prefix)
		for _, d := range n.InScope() {
			x.out.Declare(d.Prefix, d.URI)
		}
		x.attributeSets(c.sets)
		x.body(c.body)
		x.out.End()
	default:
		x.copy(n, false)
	}
}

func (c *copyOf) run(x *exec) {
	set, ok := x.eval(c.e).(xpath.NodeSet)
	if !ok {
		x.text(xpath.String(x.eval(c.e)), false)
		return
	}
	for _, n := range set {
		x.copy(n, true)
	}
}

// copy copies a node with all that is in it. The outermost elements take the namespaces in scope along.
func (x *exec) copy(n *xpath.Node, outermost bool) {
	if !x.run.Spend(1) {
		return
	}
	switch n.Kind {
	case xpath.Text:
		x.text(n.Value, n.Raw)
	case xpath.Comment:
		x.out.Comment(n.Value)
	case xpath.Instruction:
		x.out.Instruction(n.Name.Local, n.Value)
	case xpath.Attribute:
		x.attr(n.Name, n.Prefix, n.Value)
	case xpath.Namespace:
		if x.out.Pristine() && n.Name.Local != "xml" {
			x.out.Declare(n.Name.Local, n.Value)
		}
	case xpath.Root:
		for _, child := range n.Children {
			x.copy(child, outermost)
		}
	case xpath.Element:
		x.out.Start(n.Name, n.Prefix)
		decls := n.Decls
		if outermost {
			decls = n.InScope()
		}
		for _, d := range decls {
			x.out.Declare(d.Prefix, d.URI)
		}
		for _, a := range n.Attrs {
			x.out.Attr(a.Name, a.Prefix, a.Value)
		}
		for _, child := range n.Children {
			x.copy(child, false)
		}
		x.out.End()
	}
}
