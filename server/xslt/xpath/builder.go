package xpath

import (
	"fmt"
	"sync/atomic"
)

// The bounds of a tree.
const (
	// MaxDepth is how many elements may lie in each other (libxml2: 256).
	MaxDepth = 256
	// MaxNodes is how many nodes a tree may have (libxml2: no bound).
	MaxNodes = 4 << 20
)

var trees atomic.Uint64

// Builder makes a tree. One goroutine uses it.
type Builder struct {
	// Line is given to the nodes that are added.
	Line int

	root, open *Node
	text       []byte // of the node that is to come
	raw        bool
	depth      int
	nodes      uint64
	err        error
}

// NewBuilder begins a tree.
func NewBuilder() *Builder {
	root := &Node{Order: trees.Add(1) << 32}
	return &Builder{root: root, open: root}
}

// Err tells which bound was passed; nodes beyond it are left out.
func (b *Builder) Err() error { return b.err }

// Done ends the tree and returns its root.
func (b *Builder) Done() (*Node, error) {
	b.flush()
	return b.root, b.err
}

// Open returns the node that children are added to.
func (b *Builder) Open() *Node { return b.open }

// Pristine tells whether nothing but attributes and declarations was added to the open element yet.
func (b *Builder) Pristine() bool {
	return b.open.Kind == Element && len(b.open.Children) == 0 && len(b.text) == 0
}

// node makes a node of the open one.
func (b *Builder) node(kind Kind, name Name, prefix, value string) *Node {
	if b.nodes++; b.nodes > MaxNodes && b.err == nil {
		b.err = fmt.Errorf("xpath: more than %d nodes", MaxNodes)
	}
	return &Node{Kind: kind, Name: name, Prefix: prefix, Value: value, Parent: b.open, Order: b.root.Order + b.nodes, Line: b.Line}
}

func (b *Builder) child(kind Kind, name Name, prefix, value string) *Node {
	n := b.node(kind, name, prefix, value)
	if b.err == nil {
		n.at = len(b.open.Children)
		b.open.Children = append(b.open.Children, n)
	}
	return n
}

// flush makes a node of the text that was gathered.
func (b *Builder) flush() {
	if len(b.text) > 0 {
		text := string(b.text)
		b.text = b.text[:0]
		b.child(Text, Name{}, "", text).Raw = b.raw
	}
}

// Start opens an element.
func (b *Builder) Start(name Name, prefix string) *Node {
	b.flush()
	n := b.child(Element, name, prefix, "")
	if b.depth++; b.depth > MaxDepth && b.err == nil {
		b.err = fmt.Errorf("xpath: elements nested deeper than %d", MaxDepth)
	}
	b.open = n
	return n
}

// End closes the open element.
func (b *Builder) End() {
	b.flush()
	if b.open.Parent != nil {
		b.open = b.open.Parent
		b.depth--
	}
}

// Attr adds an attribute to the open element, in the place of one of the same name.
func (b *Builder) Attr(name Name, prefix, value string) {
	for _, a := range b.open.Attrs {
		if a.Name == name {
			a.Value, a.Prefix = value, prefix
			return
		}
	}
	n := b.node(Attribute, name, prefix, value)
	b.open.Attrs = append(b.open.Attrs, n)
}

// Declare declares a namespace at the open element, unless its prefix is declared there.
func (b *Builder) Declare(prefix, uri string) {
	for _, d := range b.open.Decls {
		if d.Prefix == prefix {
			return
		}
	}
	b.open.Decls = append(b.open.Decls, Decl{prefix, uri})
}

// Text adds text; neighbours become one node.
func (b *Builder) Text(s string, raw bool) {
	if s == "" {
		return
	}
	if raw != b.raw {
		b.flush()
	}
	b.raw = raw
	b.text = append(b.text, s...)
}

// Comment adds a comment.
func (b *Builder) Comment(s string) {
	b.flush()
	b.child(Comment, Name{}, "", s)
}

// Instruction adds a processing instruction.
func (b *Builder) Instruction(target, s string) {
	b.flush()
	b.child(Instruction, Name{Local: target}, "", s)
}
