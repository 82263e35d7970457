package xpath

import (
	"errors"
	"fmt"
)

// Pattern is one alternative of a pattern (XSLT section 5.2). Any number of goroutines may use it.
type Pattern struct {
	// Priority is the default priority.
	Priority float64

	absolute bool
	from     expr // id() or key()
	steps    []patternStep
}

type patternStep struct {
	step
	anywhere bool // any ancestor may match the step before, not just the parent
}

// CompilePattern compiles the alternatives of a pattern.
func CompilePattern(src string, env *Env) (list []*Pattern, err error) {
	p, err := newParser(src, env)
	if err != nil {
		return nil, err
	}
	for {
		var one *Pattern
		if one, err = p.pattern(); err != nil {
			break
		}
		if list = append(list, one); !p.take("|") {
			break
		}
	}
	if err == nil && p.peek().kind != tokEnd {
		err = fmt.Errorf("unexpected %q", p.peek().text)
	}
	if err != nil {
		return nil, fmt.Errorf("xpath: %w in pattern %q", err, src)
	}
	return list, nil
}

var errPattern = errors.New("not a pattern")

// pattern reads an alternative: a path down the tree.
func (p *parser) pattern() (*Pattern, error) {
	e, err := p.pathExpr()
	if err != nil {
		return nil, err
	}
	whole, ok := e.(*path)
	if f, is := e.(*call); is {
		whole, ok = &path{from: f}, true
	}
	if !ok || len(whole.filters) > 0 {
		return nil, errPattern
	}
	if f, is := whole.from.(*call); whole.from != nil && (!is || f.name != "id" && f.name != "key") {
		return nil, errPattern
	}
	k := &Pattern{absolute: whole.absolute, from: whole.from}
	anywhere := false
	for _, s := range whole.steps {
		switch {
		case s.axis == axisDescendantOrSelf && s.test.any && len(s.predicates) == 0:
			anywhere = true
			continue
		case s.axis == axisDescendant: // that was shortened
			s.axis, anywhere = axisChild, true
		case s.axis != axisChild && s.axis != axisAttribute:
			return nil, errPattern
		}
		if s.test.any && s.axis == axisAttribute {
			s.test = nodeTest{kind: Element, principal: Attribute, wildcard: true}
		}
		k.steps = append(k.steps, patternStep{s, anywhere})
		anywhere = false
	}
	k.Priority = k.priority()
	return k, nil
}

// priority is the default priority (XSLT section 5.5).
func (k *Pattern) priority() float64 {
	if k.absolute && len(k.steps) == 0 {
		return 0.5
	}
	if len(k.steps) != 1 || k.absolute || k.from != nil || len(k.steps[0].predicates) > 0 {
		return 0.5
	}
	switch t := &k.steps[0].test; {
	case t.kind == Instruction && t.local != "":
		return 0
	case t.wildcard && t.space != "":
		return -0.25
	case t.any, t.wildcard, t.kind != Element:
		return -0.5
	}
	return 0
}

// Matches tells whether the context node matches.
func (k *Pattern) Matches(c *Context) bool { return k.match(c, len(k.steps)-1, c.Node) }

// match tells whether n matches the steps up to that one.
func (k *Pattern) match(c *Context, last int, n *Node) bool {
	if last < 0 {
		return k.begins(c, n)
	}
	s := &k.steps[last]
	if !c.Run.Spend(1) || n.Parent == nil || (n.Kind == Attribute) != (s.axis == axisAttribute) || !s.test.matches(n) || !s.accepts(c, n) {
		return false
	}
	if last == 0 && !k.absolute && k.from == nil {
		return true
	}
	for up := n.Parent; up != nil; up = up.Parent {
		if k.match(c, last-1, up) {
			return true
		}
		if !s.anywhere {
			return false
		}
	}
	return false
}

// begins tells whether n is where the pattern begins.
func (k *Pattern) begins(c *Context, n *Node) bool {
	if k.from == nil {
		return n.Kind == Root
	}
	inner := *c
	inner.Node = n
	for _, found := range nodes(&inner, k.from.eval(&inner)) {
		if Same(found, n) {
			return true
		}
	}
	return false
}

// accepts tells whether the predicates of a step keep n, among its siblings where positions matter.
func (s *patternStep) accepts(c *Context, n *Node) bool {
	among := NodeSet{n}
	for i := range s.predicates {
		if s.predicates[i].positional {
			k := collector{test: &s.test, run: c.Run}
			k.walk(s.axis, n.Parent)
			among = k.out
			break
		}
	}
	for _, kept := range filtered(c, among, s.predicates) {
		if kept == n {
			return true
		}
	}
	return false
}
