package conf

import "iter"

// Directive is one directive, or one entry of a block such as map or types. It does not change after [Load].
type Directive struct {
	// Name is the first word, Args are the others, with quotes taken off and escapes replaced.
	Name string
	Args []string
	// Block holds what stands between the braces, or, for an include, the directives of the files it read.
	Block []*Directive
	// Open says that the directive has a block, even an empty one.
	Open bool
	// Parent is the directive whose block this one stands in, includes left out; nil at the top.
	Parent *Directive
	// Row is the row of the table that the directive was checked against: nil for entries and for what is unknown.
	Row *Row
	// Value is what the row's check made of the arguments, see the table's columns; nil when they are only strings.
	Value any

	src   *Source
	words []word
	end   int    // the line of the ";" or "{": the one NGINX names in errors
	close int    // the line of the "}"
	err   *Error // a syntax error that stands here instead of a directive
}

// File is the name of the file the directive was read from; empty for -g.
func (d *Directive) File() string { return d.src.Name }

// Line is the line of the directive's name, Column the column of its first byte; both count from 1.
func (d *Directive) Line() int   { return d.words[0].line }
func (d *Directive) Column() int { return d.words[0].column }

// Pos is the place of word i: 0 is the name, 1 the first argument.
func (d *Directive) Pos(i int) Pos {
	if i >= len(d.words) {
		i = len(d.words) - 1
	}
	w := d.words[i]
	return Pos{d.src, w.line, w.column, w.width}
}

// Quoted says whether word i was written in quotes.
func (d *Directive) Quoted(i int) bool { return d.words[i].quoted }

// Children are the directives of the block in their order, with includes replaced by what they read.
func (d *Directive) Children() iter.Seq[*Directive] { return flatten(d.Block) }

// Find returns the first directive of that name in the block, nil when there is none.
func (d *Directive) Find(name string) *Directive {
	for c := range d.Children() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// flatten walks a block, entering includes.
func flatten(block []*Directive) iter.Seq[*Directive] {
	return func(yield func(*Directive) bool) { walk(block, yield) }
}

func walk(block []*Directive, yield func(*Directive) bool) bool {
	for _, d := range block {
		switch {
		case d.err != nil:
		case d.included():
			if !walk(d.Block, yield) {
				return false
			}
		case !yield(d):
			return false
		}
	}
	return true
}

// included says that Block holds what an include read.
func (d *Directive) included() bool { return d.Name == "include" && !d.Open && d.Block != nil }

// Config is a configuration as it was read.
type Config struct {
	// File is the main file.
	File string
	// Sources are the texts in the order they were opened, each file once: what -T prints. The argument of -g is not
	// among them.
	Sources []*Source

	global []*Directive // of -g
	main   []*Directive
}

// Main are the directives of the main context, those of -g first, with includes replaced by what they read.
func (c *Config) Main() iter.Seq[*Directive] {
	return func(yield func(*Directive) bool) {
		if walk(c.global, yield) {
			walk(c.main, yield)
		}
	}
}

// Find returns the first directive of that name in the main context, nil when there is none.
func (c *Config) Find(name string) *Directive {
	for d := range c.Main() {
		if d.Name == name {
			return d
		}
	}
	return nil
}
