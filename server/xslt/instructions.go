package xslt

import "github.com/wheelpit/wheelpit/server/xslt/xpath"

// instruction is a compiled element, or text, of a template.
type instruction interface{ run(x *exec) }

// block is instructions in turn.
type block []instruction

func (b block) run(x *exec) { x.body(b) }

// instructions are the elements that may stand in a template.
var instructions map[string]func(c *compiler, n *xpath.Node) instruction

func init() { // the functions refer to the map
	instructions = map[string]func(c *compiler, n *xpath.Node) instruction{
		"apply-imports":   func(*compiler, *xpath.Node) instruction { return applyImports{} },
		"apply-templates": (*compiler).applyTemplates,
		"attribute":       (*compiler).attribute,
		"call-template":   (*compiler).callTemplate,
		"choose":          (*compiler).choose,
		"comment":         func(c *compiler, n *xpath.Node) instruction { return &commentOut{c.body(n)} },
		"copy":            func(c *compiler, n *xpath.Node) instruction { return &copyNode{c.setNames(n, ""), c.body(n)} },
		"copy-of":         func(c *compiler, n *xpath.Node) instruction { return &copyOf{c.expr(n, "select", "")} },
		"element":         (*compiler).element,
		"for-each":        (*compiler).forEach,
		"if":              func(c *compiler, n *xpath.Node) instruction { return &choice{{c.expr(n, "test", ""), c.body(n)}} },
		"message": func(c *compiler, n *xpath.Node) instruction {
			return &message{c.yes(n, "terminate"), c.body(n)}
		},
		"number": (*compiler).number,
		"processing-instruction": func(c *compiler, n *xpath.Node) instruction {
			return &instructionOut{c.avt(n, c.need(n, "name")), c.body(n)}
		},
		"text": (*compiler).text,
		"value-of": func(c *compiler, n *xpath.Node) instruction {
			return &valueOf{c.expr(n, "select", ""), c.yes(n, "disable-output-escaping")}
		},
		"variable": func(c *compiler, n *xpath.Node) instruction { return &local{c.binding(n)} },
	}
}

// binding is the name and value of a variable or parameter.
type binding struct {
	name xpath.Name
	expr *xpath.Expr // nil for the content
	body []instruction
}

func (c *compiler) binding(n *xpath.Node) binding {
	b := binding{name: c.name(n, c.need(n, "name"))}
	if _, ok := n.Attr("", "select"); ok {
		b.expr = c.expr(n, "select", "")
		if len(n.Children) > 0 {
			c.fail(n, "xsl:%s with select and content", n.Name.Local)
		}
		return b
	}
	b.body = c.body(n)
	return b
}

// value evaluates the select expression, or makes a result tree fragment of the content.
func (b *binding) value(x *exec) xpath.Value {
	switch {
	case b.expr != nil:
		return x.eval(b.expr)
	case len(b.body) == 0:
		return ""
	}
	return xpath.NodeSet{x.fragment(b.body)}
}

type (
	local   struct{ binding } // xsl:variable
	paramIn struct{ binding } // xsl:param
)

func (v *local) run(x *exec) { x.bind(v.name, v.value(x)) }

func (p *paramIn) run(x *exec) {
	for _, given := range x.given {
		if given.name == p.name {
			x.bind(p.name, given.value)
			return
		}
	}
	x.bind(p.name, p.value(x))
}

// application is what applies or calls templates: the parameters, and the order of the nodes.
type application struct {
	params []binding
	sorts  []sortKey
}

// application compiles xsl:with-param and xsl:sort, and returns what else there is.
func (c *compiler) application(n *xpath.Node) (a application, rest *xpath.Node) {
	copied := *n
	copied.Children = nil
	for _, child := range n.Children {
		switch {
		case isXSL(child, "with-param"):
			a.params = append(a.params, c.binding(child))
		case isXSL(child, "sort"):
			a.sorts = append(a.sorts, c.sortKey(child))
		default:
			copied.Children = append(copied.Children, child)
		}
	}
	return a, &copied
}

func (a *application) values(x *exec) []variable {
	if len(a.params) == 0 {
		return nil
	}
	list := make([]variable, len(a.params))
	for i := range a.params {
		list[i] = variable{a.params[i].name, a.params[i].value(x)}
	}
	return list
}

type applyTemplates struct {
	application
	nodes *xpath.Expr
	mode  xpath.Name
}

func (c *compiler) applyTemplates(n *xpath.Node) instruction {
	a, rest := c.application(n)
	if len(rest.Children) > 0 {
		c.fail(rest.Children[0], "xsl:apply-templates has other content than xsl:with-param and xsl:sort")
	}
	return &applyTemplates{a, c.expr(n, "select", "node()"), c.optionalName(n, "mode")}
}

func (a *applyTemplates) run(x *exec) {
	set := x.nodes(a.nodes)
	given := a.values(x)
	x.each(x.sorted(set, a.sorts), func() { x.apply(a.mode, given) })
}

type applyImports struct{}

func (applyImports) run(x *exec) { x.applyImports() }

type callTemplate struct {
	application
	name xpath.Name
	s    *Stylesheet
}

func (c *compiler) callTemplate(n *xpath.Node) instruction {
	call := &callTemplate{name: c.name(n, c.need(n, "name")), s: c.s}
	call.application, _ = c.application(n)
	return call
}

func (t *callTemplate) run(x *exec) {
	called := t.s.named[t.name]
	if called == nil {
		x.fail("xslt: template %s is not there", t.name.Local)
		return
	}
	x.enter(called.body, t.values(x))
}

type forEach struct {
	nodes *xpath.Expr
	sorts []sortKey
	body  []instruction
}

func (c *compiler) forEach(n *xpath.Node) instruction {
	a, rest := c.application(n)
	return &forEach{c.expr(n, "select", ""), a.sorts, c.body(rest)}
}

func (f *forEach) run(x *exec) {
	rule := x.rule
	x.rule = nil // xsl:apply-imports has no meaning here
	x.each(x.sorted(x.nodes(f.nodes), f.sorts), func() { x.body(f.body) })
	x.rule = rule
}

// choice is xsl:choose and xsl:if: the first branch whose test is true.
type choice []branch

type branch struct {
	test *xpath.Expr // nil for xsl:otherwise
	body []instruction
}

func (c *compiler) choose(n *xpath.Node) instruction {
	var list choice
	for _, child := range n.Children {
		switch {
		case isXSL(child, "when"):
			list = append(list, branch{c.expr(child, "test", ""), c.body(child)})
		case isXSL(child, "otherwise"):
			list = append(list, branch{nil, c.body(child)})
		case child.Kind == xpath.Element || child.Kind == xpath.Text:
			c.fail(child, "xsl:choose has other content than xsl:when and xsl:otherwise")
		}
	}
	return &list
}

func (c *choice) run(x *exec) {
	for i := range *c {
		if b := &(*c)[i]; b.test == nil || xpath.Bool(x.eval(b.test)) {
			x.body(b.body)
			return
		}
	}
}

type message struct {
	terminate bool
	body      []instruction
}

func (m *message) run(x *exec) {
	if m.terminate {
		x.fail("xslt: the stylesheet terminates: %s", x.fragment(m.body).StringValue())
	}
}
