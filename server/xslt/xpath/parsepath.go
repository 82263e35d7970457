package xpath

import "fmt"

// locationPath reads a path that begins with a step or a slash.
func (p *parser) locationPath(to *path) error {
	to.absolute = p.is("/") || p.is("//")
	if p.is("/") && !p.stepAhead(1) {
		p.at++
		return nil
	}
	if !to.absolute {
		if err := p.step(to); err != nil {
			return err
		}
	}
	return p.steps(to)
}

// stepAhead tells whether a step begins at the token n ahead.
func (p *parser) stepAhead(n int) bool {
	t := p.ahead(n)
	return t.kind == tokName || t.kind == tokPunct && (t.text == "." || t.text == ".." || t.text == "@")
}

// steps reads the steps behind slashes.
func (p *parser) steps(to *path) error {
	for {
		switch {
		case p.take("//"):
			to.steps = append(to.steps, step{axis: axisDescendantOrSelf, test: nodeTest{any: true}})
		case p.take("/"):
		default:
			return nil
		}
		if err := p.step(to); err != nil {
			return err
		}
		to.shorten()
	}
}

// shorten makes descendant::x of descendant-or-self::node()/child::x where positions do not matter.
func (p *path) shorten() {
	n := len(p.steps)
	if n < 2 {
		return
	}
	all, last := &p.steps[n-2], &p.steps[n-1]
	if all.axis != axisDescendantOrSelf || !all.test.any || len(all.predicates) > 0 || last.axis != axisChild {
		return
	}
	for i := range last.predicates {
		if last.predicates[i].positional {
			return
		}
	}
	last.axis = axisDescendant
	p.steps = append(p.steps[:n-2], *last)
}

// step reads one step.
func (p *parser) step(to *path) (err error) {
	s := step{test: nodeTest{any: true}}
	switch t := p.peek(); {
	case p.take("."):
		s.axis = axisSelf
		to.steps = append(to.steps, s)
		return nil
	case p.take(".."):
		s.axis = axisParent
		to.steps = append(to.steps, s)
		return nil
	case p.take("@"):
		s.axis = axisAttribute
	case t.kind == tokName && p.ahead(1) == token{tokPunct, "::"}:
		known := false
		if s.axis, known = axes[t.text]; !known {
			return fmt.Errorf("unknown axis %q", t.text)
		}
		p.at += 2
	}
	if s.test, err = p.nodeTest(s.axis); err != nil {
		return err
	}
	s.predicates, err = p.predicates()
	to.steps = append(to.steps, s)
	return err
}

// nodeTest reads what a step asks of a node.
func (p *parser) nodeTest(a axis) (t nodeTest, err error) {
	name := p.peek()
	if name.kind != tokName {
		return t, fmt.Errorf("a step is missing at %q", name.text)
	}
	p.at++
	if nodeType(name.text) && p.take("(") {
		switch name.text {
		case "node":
			t.any = true
		case "text":
			t.kind = Text
		case "comment":
			t.kind = Comment
		default:
			t.kind = Instruction
			if l := p.peek(); l.kind == tokLiteral {
				t.local = l.text
				p.at++
			}
		}
		return t, p.expect(")")
	}
	t.kind, t.principal = Element, Element
	switch a {
	case axisAttribute:
		t.principal = Attribute
	case axisNamespace:
		t.principal = Namespace
	}
	if name.text == "*" {
		t.wildcard = true
		return t, nil
	}
	n, err := p.env.resolve(name.text)
	t.space, t.local, t.wildcard = n.Space, n.Local, n.Local == "*"
	return t, err
}

// predicates reads what stands in brackets.
func (p *parser) predicates() (list []predicate, err error) {
	for p.take("[") {
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		if err := p.expect("]"); err != nil {
			return nil, err
		}
		list = append(list, predicate{e, positional(e)})
	}
	return list, nil
}
