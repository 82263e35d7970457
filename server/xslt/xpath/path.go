package xpath

// step is a step of a location path.
type step struct {
	axis       axis
	test       nodeTest
	predicates []predicate
}

// predicate filters nodes. Only one that may depend on the position is evaluated with it in mind.
type predicate struct {
	e          expr
	positional bool
}

// path is a location path: steps from the context node, from the root of its tree, or from what from comes to.
type path struct {
	absolute bool
	from     expr
	filters  []predicate // of from
	steps    []step
}

func (p *path) eval(c *Context) Value {
	var set NodeSet
	switch {
	case p.from != nil:
		v := p.from.eval(c)
		if len(p.filters) == 0 && len(p.steps) == 0 {
			return v
		}
		set = filtered(c, nodes(c, v), p.filters)
	case p.absolute:
		set = NodeSet{c.Node.Top()}
	default:
		set = NodeSet{c.Node}
	}
	for i := range p.steps {
		if set = p.steps[i].from(c, set); len(set) == 0 || c.Run.Err != nil {
			return set
		}
	}
	return set
}

// from returns where the step leads from the nodes of a set.
func (s *step) from(c *Context, set NodeSet) NodeSet {
	k := collector{test: &s.test, run: c.Run}
	if len(set) == 1 {
		k.walk(s.axis, set[0])
		k.out = filtered(c, k.out, s.predicates)
		if s.axis.reverse() {
			reverse(k.out)
			return k.out
		}
		if s.axis == axisNamespace {
			return k.out.sorted()
		}
		return k.out
	}
	var all NodeSet
	for _, n := range set {
		k.out = nil
		if k.walk(s.axis, n); c.Run.Err != nil {
			return nil
		}
		all = append(all, filtered(c, k.out, s.predicates)...)
	}
	return all.sorted()
}

func reverse(s NodeSet) {
	for i, j := 0, len(s)-1; i < j; i, j = i+1, j-1 {
		s[i], s[j] = s[j], s[i]
	}
}

// filtered keeps the nodes for which the predicates are true, one predicate after the other.
func filtered(c *Context, set NodeSet, list []predicate) NodeSet {
	for i := range list {
		p := &list[i]
		if n, ok := p.constant(); ok { // the usual [1]
			if n < 1 || n > len(set) {
				return nil
			}
			set = NodeSet{set[n-1]}
			continue
		}
		inner := Context{Size: len(set), Run: c.Run}
		var kept NodeSet
		for at, n := range set {
			inner.Node, inner.Pos = n, at+1
			if c.Run.Spend(1); c.Run.Err != nil {
				return nil
			}
			if p.holds(&inner) {
				kept = append(kept, n)
			}
		}
		set = kept
	}
	return set
}

// constant returns the position that a predicate is, if it is a whole number.
func (p *predicate) constant() (int, bool) {
	l, ok := p.e.(*literal)
	if !ok {
		return 0, false
	}
	f, ok := l.v.(float64)
	return int(f), ok && f == float64(int(f))
}

// holds tells whether the predicate is true; a number is compared with the position.
func (p *predicate) holds(c *Context) bool {
	v := p.e.eval(c)
	if f, ok := v.(float64); ok {
		return f == float64(c.Pos)
	}
	return Bool(v)
}

// positional tells whether an expression may look at the position or the size, or be a number, which is a position.
func positional(e expr) bool {
	switch e := e.(type) {
	case *literal:
		_, number := e.v.(float64)
		return number
	case *logical:
		return looks(e.a) || looks(e.b)
	case *comparison:
		return looks(e.a) || looks(e.b)
	case *path:
		return e.from != nil
	case *call:
		return !booleans[e.name] || looks(e)
	}
	return true
}

// booleans are functions whose result is no number.
var booleans = map[string]bool{"not": true, "contains": true, "starts-with": true, "boolean": true, "true": true, "false": true, "string": true, "name": true, "local-name": true}

// looks tells whether an expression may look at the position or the size.
func looks(e expr) bool {
	switch e := e.(type) {
	case *literal, *variable:
		return false
	case *logical:
		return looks(e.a) || looks(e.b)
	case *comparison:
		return looks(e.a) || looks(e.b)
	case *arithmetic:
		return looks(e.a) || looks(e.b)
	case *union:
		return looks(e.a) || looks(e.b)
	case *negative:
		return looks(e.a)
	case *path:
		return e.from != nil && looks(e.from)
	case *call:
		for _, a := range e.args {
			if looks(a) {
				return true
			}
		}
		return e.name == "position" || e.name == "last"
	}
	return true
}
