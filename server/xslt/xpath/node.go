package xpath

import "strings"

// Kind is the type of a node.
type Kind uint8

// The kinds of nodes (XPath section 5).
const (
	Root Kind = iota
	Element
	Attribute
	Text
	Comment
	Instruction
	Namespace
)

// Name is an expanded name.
type Name struct{ Space, Local string }

// Decl is a namespace that an element declares. An empty URI takes the default namespace away.
type Decl struct{ Prefix, URI string }

// Node is a node of a tree. Nothing changes it once its tree is built.
type Node struct {
	Kind Kind
	// Raw text is written as it is (disable-output-escaping).
	Raw bool
	// Name is that of an element or attribute, the target of a processing instruction, or the prefix of a namespace.
	Name   Name
	Prefix string
	// Value is the text of what is neither root nor element, and the URI of a namespace.
	Value    string
	Parent   *Node
	Children []*Node
	Attrs    []*Node
	Decls    []Decl
	// Order is the place in document order.
	Order uint64
	// Line is where the node lies in its file, counted from 1.
	Line int
	at   int // among the children of Parent
}

// XMLSpace is the namespace that the prefix xml is bound to.
const XMLSpace = "http://www.w3.org/XML/1998/namespace"

// StringValue returns the string-value of the node.
func (n *Node) StringValue() string {
	if n.Kind != Root && n.Kind != Element {
		return n.Value
	}
	if len(n.Children) == 1 && n.Children[0].Kind == Text {
		return n.Children[0].Value
	}
	var b strings.Builder
	n.appendText(&b)
	return b.String()
}

func (n *Node) appendText(b *strings.Builder) {
	for _, c := range n.Children {
		switch c.Kind {
		case Text:
			b.WriteString(c.Value)
		case Element:
			c.appendText(b)
		}
	}
}

// Top returns the root of the node's tree.
func (n *Node) Top() *Node {
	for n.Parent != nil {
		n = n.Parent
	}
	return n
}

// Attr returns the value of an attribute.
func (n *Node) Attr(space, local string) (value string, ok bool) {
	for _, a := range n.Attrs {
		if a.Name.Local == local && a.Name.Space == space {
			return a.Value, true
		}
	}
	return "", false
}

// QName returns the name as it is written, with its prefix.
func (n *Node) QName() string {
	if n.Prefix == "" {
		return n.Name.Local
	}
	return n.Prefix + ":" + n.Name.Local
}

// LookupNamespace returns what a prefix is bound to at the element; the empty prefix is the default namespace.
func (n *Node) LookupNamespace(prefix string) (uri string, ok bool) {
	if prefix == "xml" {
		return XMLSpace, true
	}
	for ; n != nil; n = n.Parent {
		for _, d := range n.Decls {
			if d.Prefix == prefix {
				return d.URI, d.URI != "" || prefix == ""
			}
		}
	}
	return "", prefix == ""
}

// InScope returns the namespaces in scope at the element, the innermost declarations first, without xml.
func (n *Node) InScope() (list []Decl) {
	seen := map[string]bool{}
	for ; n != nil; n = n.Parent {
		for _, d := range n.Decls {
			if !seen[d.Prefix] && d.URI != "" {
				list = append(list, d)
			}
			seen[d.Prefix] = true
		}
	}
	return list
}

// Strip removes the whitespace-only text nodes of the elements for which strip is true, unless xml:space preserves them (XSLT
// section 3.4). It is called before anybody else has the tree.
func (n *Node) Strip(strip func(element *Node) bool) { n.strip(strip, false) }

func (n *Node) strip(strip func(*Node) bool, preserve bool) {
	if n.Kind == Element {
		if space, ok := n.Attr(XMLSpace, "space"); ok {
			preserve = space == "preserve"
		}
	}
	drop := n.Kind == Element && !preserve && strip(n)
	kept := n.Children[:0]
	for _, c := range n.Children {
		if drop && c.Kind == Text && IsSpace(c.Value) {
			continue
		}
		c.at = len(kept)
		kept = append(kept, c)
		if c.Kind == Element {
			c.strip(strip, preserve)
		}
	}
	n.Children = kept
}

// IsSpace tells whether s has no other characters than XML's white space.
func IsSpace(s string) bool { return strings.Trim(s, spaces) == "" }

const spaces = " \t\r\n"
