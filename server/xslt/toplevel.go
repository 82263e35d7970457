package xslt

import (
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// versionOf reads the version of a stylesheet.
func (c *compiler) versionOf(n *xpath.Node) {
	v, _ := n.Attr("", "version")
	if _, err := strconv.ParseFloat(v, 64); err != nil {
		c.fail(n, "xsl:%s without a version", n.Name.Local)
	}
	c.forward = v != "1.0"
}

// simplified compiles a literal result element that is a stylesheet (XSLT section 2.3).
func (c *compiler) simplified(root *xpath.Node) {
	t := &template{module: c.m, body: []instruction{c.literal(documentElement(root))}}
	c.rules(documentElement(root), t, "/", xpath.Name{}, "")
}

// topLevel compiles a declaration.
func (c *compiler) topLevel(n *xpath.Node) {
	switch n.Name.Local {
	case "template":
		c.template(n)
	case "variable", "param":
		c.global(n)
	case "key":
		name := c.name(n, c.need(n, "name")).Local
		c.s.keys[name] = append(c.s.keys[name], keyRule{c.pattern(n, c.need(n, "match")), c.expr(n, "use", "")})
	case "strip-space", "preserve-space":
		c.spaceRules(n)
	case "output":
		c.output(n)
	case "attribute-set":
		name := c.name(n, c.need(n, "name"))
		c.s.sets[name] = append(c.s.sets[name], &attributeSet{c.setNames(n, ""), c.body(n)})
	case "decimal-format":
		c.decimalFormat(n)
	case "namespace-alias":
		c.alias(n)
	default:
		if !c.forward {
			c.fail(n, "xsl:%s is not supported", n.Name.Local)
		}
	}
}

func (c *compiler) template(n *xpath.Node) {
	t := &template{module: c.m}
	match, matches := n.Attr("", "match")
	if name, ok := n.Attr("", "name"); ok {
		t.name = c.name(n, name)
		if old := c.s.named[t.name]; old != nil && old.module == c.m {
			c.fail(n, "template %s is there twice", name)
		}
		c.s.named[t.name] = t // imports come first
	} else if !matches {
		c.fail(n, "xsl:template without match and name")
	}
	if matches {
		priority, _ := n.Attr("", "priority")
		c.rules(n, t, match, c.optionalName(n, "mode"), priority)
	}
	rest, params := c.params(n)
	t.body = append(params, c.body(rest)...)
}

// params compiles the xsl:param that a template begins with, and returns the rest of it.
func (c *compiler) params(n *xpath.Node) (rest *xpath.Node, list []instruction) {
	i := 0
	for ; i < len(n.Children); i++ {
		if child := n.Children[i]; isXSL(child, "param") {
			list = append(list, &paramIn{c.binding(child)})
		} else if child.Kind == xpath.Text || child.Kind == xpath.Element {
			break
		}
	}
	copied := *n
	copied.Children = n.Children[i:]
	return &copied, list
}

// rules makes a template apply to what matches.
func (c *compiler) rules(n *xpath.Node, t *template, match string, mode xpath.Name, priority string) {
	for _, p := range c.pattern(n, match) {
		r := &rule{t, p, p.Priority}
		if priority != "" {
			f, err := strconv.ParseFloat(strings.TrimSpace(priority), 64)
			if err != nil {
				c.fail(n, "%q is not a priority", priority)
			}
			r.priority = f
		}
		c.s.rules[mode] = append(c.s.rules[mode], r)
	}
}

// global compiles a variable or a parameter of the stylesheet; that of the highest precedence counts.
func (c *compiler) global(n *xpath.Node) {
	g := &global{c.binding(n), n.Name.Local == "param", c.m.precedence}
	if old := c.s.globals[g.name]; old != nil && old.precedence == g.precedence {
		c.fail(n, "xsl:%s %s is there twice", n.Name.Local, g.name.Local)
	}
	c.s.globals[g.name] = g
	c.s.order = append(c.s.order, g)
}

func (c *compiler) spaceRules(n *xpath.Node) {
	for _, name := range strings.Fields(c.need(n, "elements")) {
		r := spaceRule{strip: n.Name.Local == "strip-space", precedence: c.m.precedence}
		switch prefix, isPrefix := strings.CutSuffix(name, ":*"); {
		case name == "*":
			r.any, r.priority = true, -0.5
		case isPrefix:
			r.anyLocal, r.priority = true, -0.25
			r.name.Space = c.name(n, prefix+":x").Space
		default:
			r.name = c.name(n, name)
		}
		c.s.spaces = append(c.s.spaces, r)
	}
}

// setNames reads use-attribute-sets, which is in the namespace of XSLT on literal result elements.
func (c *compiler) setNames(n *xpath.Node, space string) (list []xpath.Name) {
	v, _ := n.Attr(space, "use-attribute-sets")
	for _, name := range strings.Fields(v) {
		list = append(list, c.name(n, name))
	}
	return list
}

// alias has the elements of one namespace come out in another one.
func (c *compiler) alias(n *xpath.Node) {
	prefix := func(attr string) string {
		p := c.need(n, attr)
		if p == "#default" {
			p = ""
		}
		if _, ok := n.LookupNamespace(p); !ok {
			c.fail(n, "prefix %q is not declared", p)
		}
		return p
	}
	from, to := prefix("stylesheet-prefix"), prefix("result-prefix")
	source, _ := n.LookupNamespace(from)
	uri, _ := n.LookupNamespace(to)
	c.s.aliases[source] = alias{to, uri}
}
