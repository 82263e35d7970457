package router

import (
	"slices"
	"strings"
)

// node is a place in the tree while a table is compiled: some text of the path has been matched. Literal text leads to
// children, parameters lead over edges. Find walks the flat form, see [flatTree].
type node struct {
	lowest   int32  // lowest declared index of an endpoint at or below this node
	label    string // literal text that leads here from the parent; empty behind an edge
	indices  string // first bytes of the children's labels, in their order
	children []*node
	edges    []edge // ascending by child.lowest
	ends     []leaf // endpoints for a path that ends here, ascending by index
	opens    []leaf // endpoints that take whatever follows, ascending by index
}

// capture is a parameter: a run of one kind, or a unit.
type capture struct {
	unit  *unit // nil: a run of kind
	slots uint8 // values captured
	kind  Kind
}

// edge is a capture on the way from one node to another. Edges with the same key capture the same.
type edge struct {
	capture
	key   string
	child *node
}

// leaf is an endpoint at its node.
type leaf struct {
	index   int32
	methods Methods // closed by accepted
	mount   bool    // what follows must begin with "/", or be nothing
}

// token is a step of a pattern through the tree: literal text, or an edge.
type token struct {
	literal string
	edge    *edge // nil: literal
}

func newNode() *node { return &node{lowest: noIndex} }

// insert walks the tokens, growing the tree, and returns the node behind them.
func (n *node) insert(tokens []token, index int32) *node {
	for _, t := range tokens {
		n.lower(index)
		if t.edge != nil {
			n = n.edgeTo(t.edge)
		} else {
			n = n.literalTo(t.literal, index)
		}
	}
	n.lower(index)
	return n
}

func (n *node) lower(index int32) { n.lowest = min(n.lowest, index) }

// literalTo returns the node behind text, splitting labels where they part.
func (n *node) literalTo(text string, index int32) *node {
	for text != "" {
		i := strings.IndexByte(n.indices, text[0])
		if i < 0 {
			child := &node{lowest: index, label: text}
			n.indices += text[:1]
			n.children = append(n.children, child)
			return child
		}
		child := n.children[i]
		common := commonPrefix(child.label, text)
		if common < len(child.label) {
			child = child.split(common)
			n.children[i] = child
		}
		child.lower(index)
		n, text = child, text[common:]
	}
	return n
}

// split puts a new node in front of n that has the first at bytes of its label.
func (n *node) split(at int) *node {
	front := &node{lowest: n.lowest, label: n.label[:at], indices: n.label[at : at+1], children: []*node{n}}
	n.label = n.label[at:]
	return front
}

// edgeTo returns the node behind an edge, shared with every pattern that has the same one here. Edges stay in the order
// in which they were first declared, which is that of their lowest index.
func (n *node) edgeTo(e *edge) *node {
	for i := range n.edges {
		if n.edges[i].key == e.key {
			return n.edges[i].child
		}
	}
	added := *e
	added.child = newNode()
	n.edges = append(n.edges, added)
	return added.child
}

func commonPrefix(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// sortChildren puts children in the order of their first bytes, so that a table does not depend on how it grew.
func (n *node) sortChildren() {
	slices.SortFunc(n.children, func(a, b *node) int { return strings.Compare(a.label, b.label) })
	first := make([]byte, len(n.children))
	for i, c := range n.children {
		first[i] = c.label[0]
		c.sortChildren()
	}
	n.indices = string(first)
	for i := range n.edges {
		n.edges[i].child.sortChildren()
	}
}
