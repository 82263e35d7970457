package xslt

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// Space is the namespace of XSLT.
const Space = "http://www.w3.org/1999/XSL/Transform"

// module is a file of a stylesheet with what it includes. Its imports have the precedences from first up to precedence.
type module struct{ first, precedence int }

// loader reads the files of a stylesheet.
type loader struct {
	s       *Stylesheet
	dir     *os.Root
	read    map[string]*xpath.Node
	reading []string // the files that import each other
	next    int      // precedence
	errs    error
}

// Load reads and compiles a stylesheet, and the files that it names, which lie in its directory. An error says in which line of
// which file the first thing is that is not supported.
func Load(file string) (*Stylesheet, error) {
	dir, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return nil, fmt.Errorf("xslt: %w", err)
	}
	defer dir.Close()
	l := &loader{s: newStylesheet(), dir: dir, read: map[string]*xpath.Node{}}
	name := filepath.Base(file)
	f, err := os.Open(file) // it may be a link out of the directory
	if err != nil {
		return nil, fmt.Errorf("xslt: %w", err)
	}
	defer f.Close()
	root, err := l.parse(f, name)
	if err == nil {
		l.module(name, root)
		err = l.errs
	}
	if err != nil {
		return nil, err
	}
	l.s.finish()
	return l.s, nil
}

// fail notes the first error.
func (l *loader) fail(file string, n *xpath.Node, format string, args ...any) {
	if l.errs == nil {
		l.errs = fmt.Errorf("%s:%d: %w", file, n.Line, fmt.Errorf(format, args...))
	}
}

// parse reads a file once.
func (l *loader) parse(f io.Reader, name string) (*xpath.Node, error) {
	if len(l.read) >= maxFiles {
		return nil, fmt.Errorf("%s: more than %d files", name, maxFiles)
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxSheet+1))
	if err == nil && len(data) > MaxSheet {
		err = fmt.Errorf("more than %d bytes", MaxSheet)
	}
	var root *xpath.Node
	if err == nil {
		root, err = xpath.Parse(data, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l.read[name] = root
	return root, nil
}

// file returns the file that another one names.
func (l *loader) file(from, href string) (string, *xpath.Node, error) {
	if strings.Contains(href, ":") || path.IsAbs(href) {
		return "", nil, fmt.Errorf("%q does not lie in the directory of the stylesheet", href)
	}
	name := path.Join(path.Dir(from), href)
	if href == "" {
		name = from
	}
	if root := l.read[name]; root != nil {
		return name, root, nil
	}
	f, err := l.dir.Open(filepath.FromSlash(name))
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	root, err := l.parse(f, name)
	return name, root, err
}

// module compiles a file: what it imports first, because that has a lower precedence.
func (l *loader) module(name string, root *xpath.Node) {
	m := &module{first: l.next}
	l.follow(name, root, func(file string, child *xpath.Node, into *xpath.Node) {
		if child.Name.Local == "import" {
			l.module(file, into)
		}
	})
	m.precedence = l.next
	l.next++
	l.declare(m, name, root)
}

// follow calls use for the imports of a file and of what it includes.
func (l *loader) follow(name string, root *xpath.Node, use func(file string, child, into *xpath.Node)) {
	for _, loop := range l.reading {
		if loop == name {
			l.fail(name, root, "the stylesheet includes itself")
			return
		}
	}
	l.reading = append(l.reading, name)
	defer func() { l.reading = l.reading[:len(l.reading)-1] }()
	for _, n := range topLevel(root) {
		if l.errs != nil || !isXSL(n, "import") && !isXSL(n, "include") {
			continue
		}
		href, _ := n.Attr("", "href")
		file, into, err := l.file(name, href)
		if err != nil {
			l.fail(name, n, "%w", err)
			return
		}
		if use(file, n, into); n.Name.Local == "include" {
			l.follow(file, into, use)
		}
	}
}

// declare compiles the top-level elements of a file and of those that it includes.
func (l *loader) declare(m *module, name string, root *xpath.Node) {
	if l.errs != nil {
		return
	}
	strip(root)
	c := &compiler{s: l.s, l: l, m: m, file: name}
	top := documentElement(root)
	if !isXSL(top, "stylesheet") && !isXSL(top, "transform") {
		if _, ok := top.Attr(Space, "version"); !ok {
			c.fail(top, "not a stylesheet")
			return
		}
		c.simplified(root)
		return
	}
	c.versionOf(top)
	for _, n := range topLevel(root) {
		switch {
		case isXSL(n, "import"):
		case isXSL(n, "include"):
			href, _ := n.Attr("", "href")
			file, into, err := l.file(name, href)
			if err != nil {
				c.fail(n, "%w", err)
				return
			}
			l.declare(m, file, into)
		case n.Name.Space == Space:
			c.topLevel(n)
		case n.Name.Space == "":
			c.fail(n, "element %s is in no namespace", n.Name.Local)
		}
	}
}

var errNoDocument = errors.New("document() takes a literal, or none that a request could choose")

// document returns the function document() for a file that is known now.
func (c *compiler) document(args xpath.Args) (xpath.Function, error) {
	href, ok := args.Literal(0)
	if !ok || c.l == nil {
		return nil, errNoDocument
	}
	_, root, err := c.l.file(c.file, href)
	if err != nil {
		return nil, err
	}
	return func(*xpath.Context, []xpath.Value) xpath.Value { return xpath.NodeSet{root} }, nil
}

// strip removes the white space between the elements of a stylesheet (XSLT section 3.4).
func strip(root *xpath.Node) {
	root.Strip(func(n *xpath.Node) bool { return !isXSL(n, "text") })
}

func documentElement(root *xpath.Node) *xpath.Node {
	for _, n := range root.Children {
		if n.Kind == xpath.Element {
			return n
		}
	}
	return root
}

// topLevel returns the elements in the document element.
func topLevel(root *xpath.Node) (list []*xpath.Node) {
	for _, n := range documentElement(root).Children {
		if n.Kind == xpath.Element {
			list = append(list, n)
		}
	}
	return list
}

// isXSL tells whether n is an element of XSLT of that name.
func isXSL(n *xpath.Node, local string) bool {
	return n.Kind == xpath.Element && n.Name.Space == Space && n.Name.Local == local
}
