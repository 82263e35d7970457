package conf

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
)

// Options say how a configuration is read.
type Options struct {
	// Global is the argument of -g.
	Global string
	// Read reads a file, Glob expands a pattern; nil means the operating system's.
	Read func(name string) ([]byte, error)
	Glob func(pattern string) ([]string, error)
	// Serving refuses a directive that the table knows but that nothing of this program executes yet. A server sets it;
	// a syntax check does not.
	Serving bool
}

// parser builds the tree. Syntax errors become nodes of the tree, so that a check that walks it meets every error, of
// syntax or of meaning, in the order NGINX would.
type parser struct {
	opt   Options
	cfg   *Config
	dir   string // what relative includes are relative to
	files int
	bytes int
}

// Parse reads a file and what it includes. Syntax errors are kept in the tree and reported by [Config.Check].
// File is taken as it is; NGINX has made it absolute by then, with its prefix.
func Parse(file string, opt Options) *Config {
	if opt.Read == nil {
		opt.Read = os.ReadFile
	}
	if opt.Glob == nil {
		opt.Glob = Glob
	}
	p := &parser{opt: opt, cfg: &Config{File: file}, dir: filepath.Dir(file)}
	if opt.Global != "" {
		src := &Source{Data: []byte(opt.Global)}
		p.cfg.global, _ = p.block(newLexer(src), nil, 0)
	}
	p.cfg.main = p.file(file, nil, nil, 0)
	return p.cfg
}

// file reads one file into a list of directives.
func (p *parser) file(name string, from, parent *Directive, depth int) []*Directive {
	data, err := p.read(name, depth)
	if err != nil {
		return []*Directive{{err: err.at(from)}}
	}
	src := &Source{Name: name, Data: data, From: from}
	p.add(src)
	block, _ := p.block(newLexer(src), parent, depth)
	return block
}

// read opens a file within the bounds.
func (p *parser) read(name string, depth int) ([]byte, *Error) {
	if p.files++; depth > MaxIncludeDepth || p.files > MaxFiles {
		return nil, &Error{Message: fmt.Sprintf(`open() "%s" failed (24: Too many open files)`, name),
			Hint: fmt.Sprintf("at most %d files, %d includes deep: does a file include itself?", MaxFiles, MaxIncludeDepth)}
	}
	data, err := p.opt.Read(name)
	if errors.Is(err, syscall.EISDIR) {
		return nil, &Error{Level: Crit, Message: fmt.Sprintf(`pread() "%s" failed (%s)`, name, errnoText(err)), bare: true}
	}
	if err != nil {
		return nil, &Error{Message: fmt.Sprintf(`open() "%s" failed (%s)`, name, errnoText(err)), bare: depth == 0}
	}
	if p.bytes += len(data); p.bytes > MaxBytes {
		return nil, &Error{Message: fmt.Sprintf(`"%s" is too large`, name),
			Hint: fmt.Sprintf("a configuration may have %d bytes in all", MaxBytes)}
	}
	return data, nil
}

// add notes a source for -T, each file once.
func (p *parser) add(src *Source) {
	for _, s := range p.cfg.Sources {
		if s.Name == src.Name {
			return
		}
	}
	p.cfg.Sources = append(p.cfg.Sources, src)
}

// block reads directives up to the "}" of parent, or to the end of the text; close is the line where that was.
func (p *parser) block(l *lexer, parent *Directive, depth int) (list []*Directive, close int) {
	inside := parent != nil && parent.Open && parent.src == l.src
	bad := func(err *Error) { list = append(list, &Directive{err: err}) }
	for {
		words, end, err := l.next()
		switch end {
		case endError:
			bad(err)
			continue
		case endText:
			if inside && !l.told {
				bad(l.unclosed(parent))
			}
			return list, l.line
		case endClose:
			if inside {
				return list, l.line
			}
			err := l.errorf(l.pos-1, 1, `unexpected "}"`)
			err.Hint = "no block is open here"
			bad(err)
			continue
		}
		d := newDirective(l, words, parent)
		list = append(list, d)
		if end == endOpen {
			d.Open = true
			p.open(l, d, depth)
		} else if d.Name == "include" && len(d.Args) == 1 && includes(parent) {
			d.Block = p.include(d, parent, depth)
		}
	}
}

// open reads the block of d.
func (p *parser) open(l *lexer, d *Directive, depth int) {
	if l.src.Name == "" {
		d.err = l.errorf(l.pos-1, 1, "block directives are not supported in -g option")
	}
	if nesting(d) > MaxNesting {
		d.err = l.errorf(l.pos-1, 1, "blocks are nested too deeply")
		d.err.Hint = fmt.Sprintf("at most %d", MaxNesting)
		l.pos, l.told = len(l.src.Data), true
		return
	}
	if strings.HasSuffix(d.Name, "_by_lua_block") {
		l.skipBlock()
		return
	}
	d.Block, d.close = p.block(l, d, depth)
}

func nesting(d *Directive) (n int) {
	for ; d != nil; d = d.Parent {
		n++
	}
	return n
}

func newDirective(l *lexer, words []word, parent *Directive) *Directive {
	d := &Directive{Name: words[0].text, Parent: parent, src: l.src, end: l.line, words: append([]word(nil), words...)}
	if len(words) > 1 {
		d.Args = make([]string, len(words)-1)
		for i := range d.Args {
			d.Args[i] = words[i+1].text
		}
	}
	return d
}

// unclosed is the error of a block that the end of the file leaves open.
func (l *lexer) unclosed(d *Directive) *Error {
	l.told = true
	err := l.errorf(len(l.src.Data), 1, `unexpected end of file, expecting "}"`)
	if l.src.Name == "" {
		return err
	}
	err.Pos = d.Pos(0)
	err.Hint = fmt.Sprintf(`the "{" of this %s is never closed`, d.Name)
	return err
}

// include reads the files an include names, relative to the directory of the main file. A pattern that matches nothing
// is no error, a missing file is.
func (p *parser) include(d *Directive, parent *Directive, depth int) []*Directive {
	name := d.Args[0]
	if !filepath.IsAbs(name) {
		// NGINX joins without cleaning, and errors show the name as joined.
		name = strings.TrimSuffix(p.dir, "/") + "/" + name
	}
	names := []string{name}
	if strings.ContainsAny(name, "*?[") {
		matches, err := p.opt.Glob(name)
		if err != nil {
			return []*Directive{{err: (&Error{Message: fmt.Sprintf(`glob() "%s" failed`, name)}).at(d)}}
		}
		sort.Strings(matches)
		names = matches
	}
	list := []*Directive{}
	for _, n := range names {
		list = append(list, p.file(n, d, parent, depth+1)...)
	}
	return list
}

// includes says whether an include in the block of d reads files: everywhere but in the blocks whose entries NGINX
// takes as they are.
func includes(d *Directive) bool {
	return d == nil || d.Name != "split_clients" && d.Name != "charset_map"
}

// errnoText writes an error of the operating system as NGINX does: number and text.
func errnoText(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		if errors.Is(err, os.ErrNotExist) {
			errno = syscall.ENOENT
		} else {
			return err.Error()
		}
	}
	text := errno.Error()
	return fmt.Sprintf("%d: %s", int(errno), strings.ToUpper(text[:1])+text[1:])
}
