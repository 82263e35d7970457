package xslt

import (
	"fmt"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// Param is a parameter of a transformation: a string, or an expression that is evaluated at the root of the document.
type Param struct {
	Name, Value string
	Expr        bool
}

type variable struct {
	name  xpath.Name
	value xpath.Value
}

// exec is a transformation in progress.
type exec struct {
	s      *Stylesheet
	run    *xpath.Run
	ctx    xpath.Context // the current node, and the list it is in
	source *xpath.Node
	out    *xpath.Builder

	locals []variable // of the template, from base on, the innermost last
	base   int
	given  []variable // parameters of the template
	rule   *rule      // that the template was found by; nil for none
	mode   xpath.Name
	depth  int

	globals map[xpath.Name]*globalValue
	keys    map[keyOf]map[string]xpath.NodeSet
}

type globalValue struct {
	value xpath.Value
	busy  bool // its value is looked for: it must not need itself
}

// Apply transforms a document and returns the result. It strips the white space of source as the stylesheet says, and so must
// be the only one that uses it.
func (s *Stylesheet) Apply(source *xpath.Node, params []Param) (*xpath.Node, error) {
	x := &exec{s: s, source: source, out: xpath.NewBuilder(), globals: map[xpath.Name]*globalValue{}, keys: map[keyOf]map[string]xpath.NodeSet{}}
	x.run = &xpath.Run{Steps: MaxSteps, Host: x, Variable: x.lookup}
	if len(s.spaces) > 0 {
		source.Strip(s.strips)
	}
	x.ctx = xpath.Context{Node: source, Pos: 1, Size: 1, Run: x.run}
	for _, p := range params {
		if err := x.param(p); err != nil {
			return nil, err
		}
	}
	for _, g := range s.order {
		x.lookup(g.name)
	}
	x.apply(xpath.Name{}, nil)
	result, err := x.out.Done()
	if x.run.Err != nil {
		err = x.run.Err
	}
	return result, err
}

// param gives a parameter of the stylesheet its value; one that the stylesheet does not have, or that has one, is passed over.
func (x *exec) param(p Param) error {
	name := xpath.Name{Local: p.Name}
	if g := x.s.globals[name]; g == nil || !g.param || x.globals[name] != nil {
		return nil
	}
	v := &globalValue{value: p.Value}
	if p.Expr {
		c := &compiler{s: x.s}
		e, err := xpath.Compile(p.Value, &xpath.Env{Function: c.function})
		if err != nil {
			return fmt.Errorf("xslt: parameter %s: %w", p.Name, err)
		}
		v.value = x.eval(e)
	}
	x.globals[name] = v
	return x.run.Err
}

func (x *exec) fail(format string, args ...any) { x.run.Fail(fmt.Errorf(format, args...)) }

func (x *exec) eval(e *xpath.Expr) xpath.Value { return e.Eval(&x.ctx) }

// nodes evaluates an expression that selects nodes.
func (x *exec) nodes(e *xpath.Expr) xpath.NodeSet {
	set, ok := x.eval(e).(xpath.NodeSet)
	if !ok {
		x.fail("xslt: %q does not select nodes", e.Source())
	}
	return set
}

// lookup returns the value of a variable in scope.
func (x *exec) lookup(name xpath.Name) (xpath.Value, bool) {
	for i := len(x.locals) - 1; i >= x.base; i-- {
		if x.locals[i].name == name {
			return x.locals[i].value, true
		}
	}
	v := x.globals[name]
	if v == nil {
		g := x.s.globals[name]
		if g == nil {
			return nil, false
		}
		v = &globalValue{busy: true}
		x.globals[name] = v
		v.value = x.global(g)
		v.busy = false
	}
	if v.busy {
		x.fail("xslt: variable %s needs itself", name.Local)
	}
	return v.value, true
}

// global finds the value of a variable of the stylesheet, at the root of the source.
func (x *exec) global(g *global) xpath.Value {
	if !x.deeper() {
		return ""
	}
	saved := *x
	x.ctx.Node, x.ctx.Pos, x.ctx.Size = x.source, 1, 1
	x.base, x.given, x.rule = len(x.locals), nil, nil
	value := g.value(x)
	x.ctx, x.base, x.given, x.rule, x.locals = saved.ctx, saved.base, saved.given, saved.rule, saved.locals
	x.depth--
	return value
}

func (x *exec) bind(name xpath.Name, v xpath.Value) { x.locals = append(x.locals, variable{name, v}) }

// body runs instructions; the variables that they bind are theirs.
func (x *exec) body(list []instruction) {
	n := len(x.locals)
	for _, i := range list {
		if !x.run.Spend(1) {
			break
		}
		i.run(x)
	}
	x.locals = x.locals[:n]
}

// fragment runs instructions and returns what they write as a tree of its own.
func (x *exec) fragment(list []instruction) *xpath.Node {
	out := x.out
	x.out = xpath.NewBuilder()
	x.body(list)
	root, err := x.out.Done()
	if err != nil {
		x.run.Fail(err)
	}
	x.out = out
	return root
}

// each calls f with each node of a list as the current one.
func (x *exec) each(list xpath.NodeSet, f func()) {
	saved := x.ctx
	x.ctx.Size = len(list)
	for i, n := range list {
		if x.run.Err != nil {
			break
		}
		x.ctx.Node, x.ctx.Pos = n, i+1
		f()
	}
	x.ctx = saved
}

// deeper counts what is in progress.
func (x *exec) deeper() bool {
	if x.depth++; x.depth > maxTemplates {
		x.fail("xslt: more than %d templates in progress", maxTemplates)
	}
	return x.run.Err == nil
}

// enter runs the body of a template.
func (x *exec) enter(body []instruction, given []variable) {
	if !x.deeper() {
		return
	}
	base, was := x.base, x.given
	x.base, x.given = len(x.locals), given
	x.body(body)
	x.base, x.given = base, was
	x.depth--
}

// apply finds the template for the current node and runs it.
func (x *exec) apply(mode xpath.Name, given []variable) {
	x.applyRule(x.s.find(&x.ctx, mode, 0, 1<<30), mode, given)
}

// applyImports runs the template that the one in progress has overridden.
func (x *exec) applyImports() {
	if x.rule == nil {
		x.fail("xslt: xsl:apply-imports outside of a template")
		return
	}
	m := x.rule.module
	x.applyRule(x.s.find(&x.ctx, x.mode, m.first, m.precedence), x.mode, nil)
}

// applyRule runs a template, or the built-in one for the current node (XSLT section 5.8).
func (x *exec) applyRule(r *rule, mode xpath.Name, given []variable) {
	rule, was := x.rule, x.mode
	x.rule, x.mode = r, mode
	switch n := x.ctx.Node; {
	case r != nil:
		x.enter(r.body, given)
	case n.Kind == xpath.Text || n.Kind == xpath.Attribute:
		x.text(n.Value, false)
	case n.Kind == xpath.Element || n.Kind == xpath.Root:
		if x.deeper() {
			x.each(n.Children, func() { x.apply(mode, nil) })
			x.depth--
		}
	}
	x.rule, x.mode = rule, was
}

// text writes text.
func (x *exec) text(s string, raw bool) {
	if x.run.Spend(len(s) / 64) {
		x.out.Text(s, raw)
	}
}

// attr adds an attribute to the element that was begun. Behind its content it is too late: it is left out.
func (x *exec) attr(name xpath.Name, prefix, value string) {
	if x.out.Pristine() && x.run.Spend(len(value)/64) {
		x.out.Attr(name, prefix, value)
	}
}
