package script

import (
	"github.com/wheelpit/wheelpit/server/conf"
)

// Step is a directive that a Program has executed.
type Step struct {
	// Directive is set, if, rewrite, return or break.
	Directive *conf.Directive
	// Held says that the condition of an if was true, or that the expression of a rewrite matched; it is true for others.
	Held bool
	// Path and Args are the URI and its arguments behind it; Value is what set has assigned. They are the reader's to keep.
	Path, Args, Value string
}

// note records the directive of the instructions that were added last, if anybody will want to know.
func (p *Program) note(d *conf.Directive) {
	for p.watch != nil && len(p.from) < len(p.ops) {
		p.from = append(p.from, d)
	}
}

// watched executes the program and tells of each directive.
func (r *runner) watched() Outcome {
	for pc := 0; pc >= 0 && pc < len(r.p.ops); {
		o, at := &r.p.ops[pc], pc
		held := r.willHold(o)
		pc = r.step(o, pc)
		if o.kind == opEnter || o.kind == opEnd {
			continue // they belong to the directive before
		}
		s := Step{Directive: r.p.from[at], Held: held, Path: r.c.Path(), Args: string(Args(r.c))}
		if o.kind == opSet {
			s.Value = string(r.variable(o.variable))
		}
		r.p.watch(r.c, s)
	}
	return r.outcome()
}

// willHold tells whether the condition of an instruction holds, before it is executed.
func (r *runner) willHold(o *op) bool {
	switch o.kind {
	case opSet, opEnter, opReturn, opBreak, opEnd:
		return true
	case opRewrite:
		found, err := o.regex.Match(r.c.PathBytes())
		return found && err == nil
	}
	holds, failed := r.holds(o)
	return holds && !failed
}
