package xpath

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Env is what the names in an expression mean, where it stands.
type Env struct {
	// Namespace returns what a prefix is bound to.
	Namespace func(prefix string) (uri string, ok bool)
	// Function returns a function of the host for the arguments that it is called with, nil when it has none of that name;
	// nil for no functions but those of XPath.
	Function func(name Name, args Args) (Function, error)
}

// Args are the arguments of a call, as they are written.
type Args []expr

// Literal returns an argument that is a string literal.
func (a Args) Literal(i int) (s string, ok bool) {
	if i >= len(a) {
		return "", false
	}
	l, ok := a[i].(*literal)
	if !ok {
		return "", false
	}
	s, ok = l.v.(string)
	return s, ok
}

// maxNesting is how many expressions may lie in each other (libxml2: 5,000).
const maxNesting = 100

// maxSource is how long an expression may be, in bytes.
const maxSource = 64 << 10

type parser struct {
	env   *Env
	list  []token
	at    int
	depth int
}

// Compile compiles an expression.
func Compile(src string, env *Env) (*Expr, error) {
	p, err := newParser(src, env)
	if err != nil {
		return nil, err
	}
	e, err := p.expression()
	if err == nil && p.peek().kind != tokEnd {
		err = fmt.Errorf("unexpected %q", p.peek().text)
	}
	if err != nil {
		return nil, fmt.Errorf("xpath: %w in %q", err, src)
	}
	return &Expr{e, src}, nil
}

func newParser(src string, env *Env) (*parser, error) {
	if len(src) > maxSource {
		return nil, fmt.Errorf("xpath: an expression is longer than %d bytes", maxSource)
	}
	list, err := lex(src)
	if err != nil {
		return nil, fmt.Errorf("%w in %q", err, src)
	}
	return &parser{env: env, list: list}, nil
}

func (p *parser) peek() token { return p.ahead(0) }

func (p *parser) ahead(n int) token {
	if p.at+n >= len(p.list) {
		return token{}
	}
	return p.list[p.at+n]
}

// is tells whether the next token is that punctuation or operator.
func (p *parser) is(text string) bool {
	t := p.peek()
	return (t.kind == tokPunct || t.kind == tokOperator) && t.text == text
}

// take goes past the next token if it is that punctuation or operator.
func (p *parser) take(text string) bool {
	if !p.is(text) {
		return false
	}
	p.at++
	return true
}

func (p *parser) expect(text string) error {
	if !p.take(text) {
		return fmt.Errorf("%q is missing", text)
	}
	return nil
}

// levels are the binary operators, those that bind least first.
var levels = [...][]string{{"or"}, {"and"}, {"=", "!="}, {"<", "<=", ">", ">="}, {"+", "-"}, {"*", "div", "mod"}}

// expression reads an expression of any kind.
func (p *parser) expression() (expr, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, errors.New("too deep an expression")
	}
	defer func() { p.depth-- }()
	return p.binary(0)
}

func (p *parser) binary(level int) (expr, error) {
	if level == len(levels) {
		return p.unary()
	}
	a, err := p.binary(level + 1)
	for n := 0; err == nil; n++ {
		op, found := "", false
		for _, o := range levels[level] {
			if p.take(o) {
				op, found = o, true
				break
			}
		}
		if !found {
			return a, nil
		}
		if n >= maxNesting*10 {
			return nil, errors.New("too long an expression")
		}
		var b expr
		if b, err = p.binary(level + 1); err == nil {
			a = operation(op, a, b)
		}
	}
	return nil, err
}

func operation(op string, a, b expr) expr {
	switch op {
	case "or", "and":
		return &logical{op == "or", a, b}
	case "+", "-", "*", "div", "mod":
		return &arithmetic{op, a, b}
	}
	return &comparison{op, a, b}
}

func (p *parser) unary() (expr, error) {
	minus := 0
	for p.take("-") {
		minus++
	}
	e, err := p.unionExpr()
	if err != nil || minus == 0 {
		return e, err
	}
	if e = (&negative{e}); minus%2 == 0 {
		e = &negative{e}
	}
	return e, nil
}

func (p *parser) unionExpr() (expr, error) {
	a, err := p.pathExpr()
	for n := 0; err == nil && p.take("|"); n++ {
		if n >= maxNesting*10 {
			return nil, errors.New("too long an expression")
		}
		var b expr
		if b, err = p.pathExpr(); err == nil {
			a = &union{a, b}
		}
	}
	return a, err
}

// pathExpr reads a location path, or a primary expression with what follows it.
func (p *parser) pathExpr() (expr, error) {
	if !p.primaryNext() {
		path := &path{}
		return path, p.locationPath(path)
	}
	e, err := p.primary()
	if err != nil {
		return nil, err
	}
	filters, err := p.predicates()
	if err != nil || len(filters) == 0 && !p.is("/") && !p.is("//") {
		return e, err
	}
	path := &path{from: e, filters: filters}
	if p.is("/") || p.is("//") {
		err = p.steps(path)
	}
	return path, err
}

// primaryNext tells whether a primary expression follows: no step begins like one.
func (p *parser) primaryNext() bool {
	switch t := p.peek(); t.kind {
	case tokLiteral, tokNumber, tokVariable:
		return true
	case tokPunct:
		return t.text == "("
	case tokName:
		return p.ahead(1) == token{tokPunct, "("} && !nodeType(t.text)
	}
	return false
}

func nodeType(name string) bool {
	return name == "node" || name == "text" || name == "comment" || name == "processing-instruction"
}

func (p *parser) primary() (expr, error) {
	t := p.peek()
	p.at++
	switch t.kind {
	case tokLiteral:
		return &literal{t.text}, nil
	case tokNumber:
		f, _ := strconv.ParseFloat(t.text, 64) // digits, at most infinitely many
		return &literal{f}, nil
	case tokVariable:
		name, err := p.env.resolve(t.text)
		return &variable{name}, err
	case tokName:
		return p.call(t.text)
	}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	return e, p.expect(")")
}

// call reads the arguments of a function.
func (p *parser) call(qname string) (expr, error) {
	p.at++ // "("
	var args Args
	for !p.is(")") {
		if len(args) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		args = append(args, e)
	}
	p.at++
	name, err := p.env.resolve(qname)
	if err != nil {
		return nil, err
	}
	if name.Space == "" {
		if f, ok := core[name.Local]; ok {
			if len(args) < f.min || len(args) > f.max {
				return nil, fmt.Errorf("wrong number of arguments of %s()", qname)
			}
			return &call{f.fn, name.Local, args}, nil
		}
	}
	if p.env.Function != nil {
		fn, err := p.env.Function(name, args)
		if err != nil || fn != nil {
			return &call{fn, name.Local, args}, err
		}
	}
	return nil, fmt.Errorf("unknown function %s()", qname)
}

// resolve makes an expanded name of a name; without a prefix it is in no namespace.
func (e *Env) resolve(qname string) (Name, error) {
	prefix, local, ok := strings.Cut(qname, ":")
	if !ok {
		return Name{Local: qname}, nil
	}
	if e.Namespace != nil {
		if space, ok := e.Namespace(prefix); ok {
			return Name{space, local}, nil
		}
	}
	return Name{}, fmt.Errorf("prefix %q is not declared", prefix)
}
