package xpath

import (
	"errors"
	"math"
)

// Run is what the evaluations of one transformation share. One goroutine uses it.
type Run struct {
	// Variable returns the value of a variable; nil for none.
	Variable func(Name) (Value, bool)
	// Steps is how many nodes may still be visited.
	Steps int64
	// Err is the first thing that went wrong. What is evaluated after it means nothing.
	Err error
	// Host is for the functions that the host adds.
	Host any
}

// ErrSteps is the end of a transformation that visits too many nodes.
var ErrSteps = errors.New("xpath: too many nodes were visited")

// Fail notes what went wrong.
func (r *Run) Fail(err error) {
	if r.Err == nil {
		r.Err = err
	}
}

// Spend takes n visits off what is left, and tells whether to go on.
func (r *Run) Spend(n int) bool {
	if r.Steps -= int64(n); r.Steps < 0 {
		r.Fail(ErrSteps)
	}
	return r.Err == nil
}

// Context is what an expression is evaluated in (XPath section 1).
type Context struct {
	Node *Node
	// Pos and Size are the position of the node, from 1, and the number of nodes.
	Pos, Size int
	Run       *Run
}

// Function is a function of the core or of the host.
type Function func(c *Context, args []Value) Value

// Expr is a compiled expression. Any number of goroutines may use it.
type Expr struct {
	root expr
	src  string
}

// Eval evaluates the expression. c.Run.Err tells whether that went well.
func (e *Expr) Eval(c *Context) Value { return e.root.eval(c) }

// Source returns the text of the expression.
func (e *Expr) Source() string { return e.src }

// expr is a node of the syntax tree.
type expr interface{ eval(c *Context) Value }

type (
	literal  struct{ v Value }
	variable struct{ name Name }
	logical  struct {
		or   bool
		a, b expr
	}
	comparison struct {
		op   string
		a, b expr
	}
	arithmetic struct {
		op   string
		a, b expr
	}
	negative struct{ a expr }
	union    struct{ a, b expr }
	call     struct {
		fn   Function
		name string
		args []expr
	}
)

func (e *literal) eval(*Context) Value { return e.v }

func (e *variable) eval(c *Context) Value {
	if c.Run.Variable != nil {
		if v, ok := c.Run.Variable(e.name); ok {
			return v
		}
	}
	c.Run.Fail(errors.New("xpath: undefined variable $" + e.name.Local))
	return ""
}

func (e *logical) eval(c *Context) Value {
	if Bool(e.a.eval(c)) == e.or {
		return e.or
	}
	return Bool(e.b.eval(c))
}

func (e *comparison) eval(c *Context) Value {
	a, b := e.a.eval(c), e.b.eval(c)
	x, okX := a.(NodeSet)
	y, okY := b.(NodeSet)
	if okX && okY && !c.Run.Spend(len(x)*len(y)) {
		return false
	}
	return compare(e.op, a, b)
}

func (e *arithmetic) eval(c *Context) Value {
	a, b := Number(e.a.eval(c)), Number(e.b.eval(c))
	switch e.op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "div":
		return a / b
	}
	return math.Mod(a, b)
}

func (e *negative) eval(c *Context) Value { return -Number(e.a.eval(c)) }

func (e *union) eval(c *Context) Value { return Union(nodes(c, e.a.eval(c)), nodes(c, e.b.eval(c))) }

// nodes returns v as a set; anything else fails.
func nodes(c *Context, v Value) NodeSet {
	set, ok := v.(NodeSet)
	if !ok {
		c.Run.Fail(errors.New("xpath: a node-set is needed"))
	}
	return set
}

func (e *call) eval(c *Context) Value {
	var few [3]Value
	args := few[:0]
	for _, a := range e.args {
		args = append(args, a.eval(c))
	}
	if !c.Run.Spend(1) {
		return ""
	}
	return e.fn(c, args)
}
