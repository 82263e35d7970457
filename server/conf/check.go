package conf

import "fmt"

// checker walks a tree in the order NGINX reads it, finds the row of each directive and reads its arguments. Whatever is
// wrong is noted, and the walk goes on with the next directive.
type checker struct {
	opt      Options
	cfg      *Config
	errs     Errors
	fatal    int // errors met, also those beyond MaxErrors
	block    *frame
	http     *httpState            // within http { }
	pools    map[string]*Directive // thread_pool, by name
	poolUses []use
	// sawEvents says that there is an events block, however wrong.
	sawEvents bool
}

// frame is a block that is being walked.
type frame struct {
	in    Context
	of    *Directive
	up    *frame
	seen  map[string]*Directive // directives that are in the block, by name
	entry func(c *checker, d *Directive)
	// done runs at the closing brace.
	done func(c *checker, d *Directive)
}

// Check checks the configuration against the table and returns all faults in the order NGINX would meet them, MaxErrors
// of the fatal ones at most. It fills in Row and Value of each directive.
func (c *Config) Check(opt Options) Errors {
	k := &checker{opt: opt, cfg: c, pools: map[string]*Directive{"default": nil}}
	k.block = &frame{in: Main, seen: map[string]*Directive{}}
	k.list(c.global)
	k.list(c.main)
	k.unknownPools()
	if !k.sawEvents && !k.unread() {
		k.report(&Error{Message: `no "events" section in configuration`, bare: true, Hint: "an empty one will do: events { }"})
	}
	k.elastic()
	return k.errs
}

// Load reads a configuration and checks it. The tree is complete and right when the errors have not Failed.
func Load(file string, opt Options) (*Config, Errors) {
	cfg := Parse(file, opt)
	return cfg, cfg.Check(opt)
}

// unread says that the main file could not be opened.
func (c *checker) unread() bool { return len(c.cfg.Sources) == 0 }

// report notes an error.
func (c *checker) report(e *Error) {
	if e.Level != Warn {
		if c.fatal++; c.fatal > MaxErrors {
			return
		}
	}
	c.errs = append(c.errs, e)
}

// errorf notes an error about word i of d and returns it, for a hint.
func (c *checker) errorf(d *Directive, i int, format string, args ...any) *Error {
	e := &Error{Message: fmt.Sprintf(format, args...), Pos: d.Pos(i), Line: d.end}
	if w := d.runsOn(); w != nil {
		e.Hint = fmt.Sprintf(`is the ";" missing behind "%s"?`, w.text)
	}
	c.report(e)
	return e
}

// wrong notes `"NAME" directive TEXT`.
func (c *checker) wrong(d *Directive, i int, text string) *Error {
	return c.errorf(d, i, `"%s" directive %s`, d.Name, text)
}

func (c *checker) warnf(d *Directive, i int, format string, args ...any) {
	c.report(&Error{Level: Warn, Message: fmt.Sprintf(format, args...), Pos: d.Pos(i), Line: d.end})
}

// list walks directives.
func (c *checker) list(list []*Directive) {
	for _, d := range list {
		switch {
		case d.err != nil:
			c.report(d.err)
		case d.included():
			c.list(d.Block)
		case c.block.in == Entries:
			c.data(d)
		default:
			c.directive(d)
		}
	}
}

// data checks an entry of a block such as map.
func (c *checker) data(d *Directive) {
	if d.Open {
		e := c.errorf(d, len(d.words)-1, `unexpected "{"`)
		e.Hint = fmt.Sprintf("there are no blocks within %s", c.block.of.Name)
		return
	}
	if c.block.entry != nil {
		c.block.entry(c, d)
	}
}

func (c *checker) directive(d *Directive) {
	row := Lookup(d.Name, c.block.in)
	if row == nil {
		c.unknown(d)
		return
	}
	d.Row = row
	if row.Status == Refused {
		c.refused(d)
		return
	}
	ok := c.shape(d, row)
	if ok && row.Once && c.block.seen[d.Name] != nil {
		c.duplicate(d, c.block.seen[d.Name])
		ok = false
	}
	if ok {
		c.status(d, row)
		if row.check != nil {
			d.Value = row.check(c, d)
		} else if row.Vars {
			c.references(d)
		}
	}
	if c.block.seen[d.Name] == nil {
		c.block.seen[d.Name] = d
	}
	if d.Name == "events" {
		c.sawEvents = true
	}
	if d.Open && row.Opens != 0 {
		c.enter(d, row)
	}
}

// refused notes a directive that is known and not done here. What is in its block is not looked at, but for its syntax.
func (c *checker) refused(d *Directive) {
	c.errorf(d, 0, `directive "%s" is not supported`, d.Name).Hint = d.Row.Reason
	c.syntaxOf(d.Block)
}

func (c *checker) syntaxOf(list []*Directive) {
	for _, d := range list {
		if d.err != nil {
			c.report(d.err)
			continue
		}
		c.syntaxOf(d.Block)
	}
}

// shape checks that there is a block where one belongs, and the number of arguments.
func (c *checker) shape(d *Directive, row *Row) bool {
	switch {
	case row.Opens == 0 && d.Open:
		c.errorf(d, len(d.words)-1, `directive "%s" is not terminated by ";"`, d.Name)
	case row.Opens != 0 && !d.Open:
		c.errorf(d, 0, `directive "%s" has no opening "{"`, d.Name)
	case !row.Args.allows(len(d.Args)):
		e := c.errorf(d, 0, `invalid number of arguments in "%s" directive`, d.Name)
		if e.Hint == "" {
			e.Hint = fmt.Sprintf("it takes %s, here are %d", row.Args, len(d.Args))
		}
	default:
		return true
	}
	return false
}

// runsOn returns the last word of the directive's first line when the next one looks like a directive of its own: the
// usual sign of a missing ";".
func (d *Directive) runsOn() *word {
	for i := 1; i < len(d.words); i++ {
		if d.words[i].line > d.words[i-1].line && table[d.words[i].text] != nil {
			return &d.words[i-1]
		}
	}
	return nil
}

func (c *checker) duplicate(d, first *Directive) {
	e := c.wrong(d, 0, "is duplicate")
	if first.src.Name != "" {
		e.Hint = fmt.Sprintf("the first one stands in %s:%d", first.src.Name, first.Line())
	} else {
		e.Hint = "the first one is given by -g"
	}
}

// status says what this program does not do about a directive.
func (c *checker) status(d *Directive, row *Row) {
	switch {
	case row.Status == Accepted:
		c.warnf(d, 0, `the "%s" directive has no meaning here, ignored: %s`, d.Name, row.Reason)
	case row.Status == Checked && c.opt.Serving:
		c.errorf(d, 0, `directive "%s" is not supported`, d.Name).Hint = "it is known, but nothing executes it in this version"
	}
}

// enter walks the block of d.
func (c *checker) enter(d *Directive, row *Row) {
	in := row.Opens
	if d.Name == "if" && c.block.in == Server {
		in = ServerIf
	}
	f := &frame{in: in, of: d, up: c.block, seen: map[string]*Directive{}}
	if begin := blocks[d.Name]; begin != nil {
		begin(c, d, f)
	}
	c.block = f
	c.list(d.Block)
	c.block = f.up
	if f.done != nil {
		f.done(c, d)
	}
}
