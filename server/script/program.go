package script

import (
	"fmt"
	"iter"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
)

// A Program is the directives set, if, rewrite, return and break of a server or of a location, in their order. It does not
// change, and any goroutine may run it.
type Program struct {
	ops  []op
	ifs  []*conf.Directive
	log  bool
	test func(c *pipeline.Ctx, op byte, path []byte) bool

	watch func(*pipeline.Ctx, Step)
	from  []*conf.Directive // of each instruction; nil without watch
}

// ProgramOptions are what a Program needs to know besides its directives.
type ProgramOptions struct {
	// RewriteLog is rewrite_log: what rewrites do is logged as a notice.
	RewriteLog bool
	// Test answers the conditions -f, -d, -e and -x; op is the letter and path is valid during the call. nil asks the
	// operating system, which may block.
	Test func(c *pipeline.Ctx, op byte, path []byte) bool
	// Watch, if not nil, is told of each directive that is executed, as soon as it is: for tools that explain.
	Watch func(c *pipeline.Ctx, s Step)
}

// op is one instruction. Those that fail a condition go on at next.
type op struct {
	kind     opKind
	negative bool
	next     int
	variable *Variable
	value    *Script
	regex    *Regex
	test     byte
	index    int // of an if of a location
	status   int
	rewrite  *rewrite
}

type opKind uint8

const (
	opSet opKind = iota
	opIfSet
	opIfEqual
	opIfRegex
	opIfFile
	opEnter
	opRewrite
	opReturn
	opBreak
	opEnd
)

// rewrite is what the directive says beside its expression.
type rewrite struct {
	uri, args *Script // args is nil when the replacement has no "?"
	keepArgs  bool
	redirect  bool
	last      bool // the program ends
	stay      bool // break: the location stays
}

// NewProgram compiles the directives of a block that belong to it, and passes over the others; nil when there are none.
// The directives must have been checked by package conf. The error has NGINX's text and the place.
func NewProgram(t *Table, block iter.Seq[*conf.Directive], o ProgramOptions) (*Program, error) {
	p := &Program{log: o.RewriteLog, test: o.Test, watch: o.Watch}
	if p.test == nil {
		p.test = testFile
	}
	if err := p.block(t, block); err != nil {
		return nil, err
	}
	if len(p.ops) == 0 {
		return nil, nil
	}
	return p, nil
}

// Ifs returns the if blocks of a location in the order of their numbers: the unnamed locations of the program.
func (p *Program) Ifs() []*conf.Directive {
	if p == nil {
		return nil
	}
	return p.ifs
}

// block compiles the directives of one block.
func (p *Program) block(t *Table, block iter.Seq[*conf.Directive]) error {
	for d := range block {
		var err error
		at := len(p.ops)
		switch v := d.Value.(type) {
		case conf.Script:
			if d.Name == "set" {
				err = p.addSet(t, d.Args[0], v)
			}
		case conf.Condition:
			err = p.addIf(t, d, v)
			p.note(d)
			if err == nil {
				if err := p.block(t, d.Children()); err != nil {
					return err // it has its place
				}
				p.ops[at].next = len(p.ops)
			}
		case conf.Rewrite:
			err = p.addRewrite(t, v)
		case conf.Return:
			p.add(op{kind: opReturn, status: v.Status, value: New(v.Text, t)})
		default:
			if d.Name == "break" {
				p.add(op{kind: opBreak})
			}
		}
		if err != nil {
			return fmt.Errorf("%w in %s:%d", err, d.File(), d.Line())
		}
		p.note(d)
	}
	return nil
}

func (p *Program) add(o op) { p.ops = append(p.ops, o) }

func (p *Program) addSet(t *Table, name string, value conf.Script) error {
	v, err := t.AddUser(strings.TrimPrefix(name, "$"))
	if err != nil {
		return err
	}
	p.add(op{kind: opSet, variable: v, value: New(value, t)})
	return nil
}

// addIf compiles a condition. Where to go on when it does not hold is known when its block is compiled.
func (p *Program) addIf(t *Table, d *conf.Directive, cond conf.Condition) error {
	o := op{negative: strings.HasPrefix(cond.Op, "!")}
	switch name := strings.TrimPrefix(cond.Op, "!"); name {
	case "":
		o.kind = opIfSet
	case "=":
		o.kind, o.value = opIfEqual, New(cond.Text, t)
	case "~", "~*":
		re, err := t.Regex(cond.Pattern, name == "~*")
		if err != nil {
			return err
		}
		o.kind, o.regex = opIfRegex, re
	default:
		o.kind, o.test, o.value = opIfFile, name[1], New(cond.Text, t)
	}
	if cond.Variable != "" {
		o.variable = t.Lookup(cond.Variable)
	}
	p.add(o)
	if d.Parent != nil && d.Parent.Name == "location" { // one of a server makes no location
		p.add(op{kind: opEnter, index: len(p.ifs)})
		p.ifs = append(p.ifs, d)
	}
	return nil
}

func (p *Program) addRewrite(t *Table, v conf.Rewrite) error {
	re, err := t.Regex(v.Pattern, false)
	if err != nil {
		return err
	}
	r := &rewrite{keepArgs: v.KeepArgs, stay: v.Flag == "break", last: v.Flag != ""}
	o := op{kind: opRewrite, regex: re, rewrite: r}
	if isAddress(v.Replacement) || v.Flag == "redirect" || v.Flag == "permanent" {
		r.redirect, r.last, o.status = true, true, 302
	}
	if v.Flag == "permanent" {
		o.status = 301
	}
	uri, args, hasArgs := cutArgs(v.Replacement)
	switch {
	case r.redirect:
		r.uri = New(v.Replacement, t)
		if hasArgs {
			r.args = new(Script) // says how the client's arguments are joined
		}
	case hasArgs:
		r.uri, r.args = New(uri, t), New(args, t)
	default:
		r.uri = New(uri, t)
	}
	at := len(p.ops)
	p.add(o)
	if r.last {
		p.add(op{kind: opEnd})
	}
	p.ops[at].next = len(p.ops)
	return nil
}

// isAddress tells whether a replacement is an absolute address.
func isAddress(s conf.Script) bool {
	if len(s) == 0 {
		return false
	}
	first := s[0]
	return first.Variable == "scheme" || strings.HasPrefix(first.Text, "http://") || strings.HasPrefix(first.Text, "https://")
}

// cutArgs cuts a replacement at its first literal "?".
func cutArgs(s conf.Script) (uri, args conf.Script, found bool) {
	for i, p := range s {
		at := strings.IndexByte(p.Text, '?')
		if at < 0 {
			continue
		}
		uri = append(append(uri, s[:i]...), conf.Part{Text: p.Text[:at]})
		args = append(append(args, conf.Part{Text: p.Text[at+1:]}), s[i+1:]...)
		return uri, args, true
	}
	return s, nil, false
}
