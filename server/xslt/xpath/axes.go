package xpath

type axis uint8

const (
	axisChild axis = iota
	axisAttribute
	axisSelf
	axisParent
	axisDescendant
	axisDescendantOrSelf
	axisAncestor
	axisAncestorOrSelf
	axisFollowing
	axisFollowingSibling
	axisPreceding
	axisPrecedingSibling
	axisNamespace
)

var axes = map[string]axis{
	"child": axisChild, "attribute": axisAttribute, "self": axisSelf, "parent": axisParent, "descendant": axisDescendant,
	"descendant-or-self": axisDescendantOrSelf, "ancestor": axisAncestor, "ancestor-or-self": axisAncestorOrSelf,
	"following": axisFollowing, "following-sibling": axisFollowingSibling, "preceding": axisPreceding,
	"preceding-sibling": axisPrecedingSibling, "namespace": axisNamespace,
}

// reverse tells whether the axis runs against document order.
func (a axis) reverse() bool {
	return a == axisParent || a == axisAncestor || a == axisAncestorOrSelf || a == axisPreceding || a == axisPrecedingSibling
}

// nodeTest is what a step asks of a node.
type nodeTest struct {
	any       bool // node()
	kind      Kind // of the node; Element stands for the principal type of the axis
	wildcard  bool // any name, or any of the namespace when space is set
	space     string
	local     string
	principal Kind
}

func (t *nodeTest) matches(n *Node) bool {
	switch {
	case t.any:
		return true
	case t.kind == Instruction:
		return n.Kind == Instruction && (t.local == "" || n.Name.Local == t.local)
	case t.kind == Text || t.kind == Comment:
		return n.Kind == t.kind
	case n.Kind != t.principal:
		return false
	case t.wildcard:
		return t.space == "" || n.Name.Space == t.space
	}
	return n.Name.Local == t.local && n.Name.Space == t.space
}

// collector gathers the nodes of an axis that pass a test.
type collector struct {
	test *nodeTest
	run  *Run
	out  NodeSet
}

func (k *collector) add(n *Node) bool {
	if k.test.matches(n) {
		k.out = append(k.out, n)
	}
	return k.run.Spend(1)
}

func (k *collector) below(n *Node) bool {
	for _, c := range n.Children {
		if !k.add(c) || !k.below(c) {
			return false
		}
	}
	return true
}

// belowReversed is below backwards.
func (k *collector) belowReversed(n *Node) bool {
	for i := len(n.Children) - 1; i >= 0; i-- {
		if !k.belowReversed(n.Children[i]) || !k.add(n.Children[i]) {
			return false
		}
	}
	return true
}

// walk gathers the nodes of an axis, in its own order.
func (k *collector) walk(a axis, n *Node) {
	switch a {
	case axisChild:
		for _, c := range n.Children {
			k.add(c)
		}
	case axisAttribute:
		for _, c := range n.Attrs {
			k.add(c)
		}
	case axisSelf:
		k.add(n)
	case axisParent:
		if n.Parent != nil {
			k.add(n.Parent)
		}
	case axisDescendantOrSelf:
		k.add(n)
		k.below(n)
	case axisDescendant:
		k.below(n)
	case axisAncestorOrSelf, axisAncestor:
		if a == axisAncestor {
			n = n.Parent
		}
		for ; n != nil; n = n.Parent {
			k.add(n)
		}
	case axisNamespace:
		k.namespaces(n)
	default:
		k.beside(a, n)
	}
}

// beside gathers the nodes before and behind n.
func (k *collector) beside(a axis, n *Node) {
	if n.Kind == Attribute || n.Kind == Namespace {
		if a != axisFollowing && a != axisPreceding {
			return
		}
		n = n.Parent
		if a == axisFollowing {
			k.below(n)
		}
	}
	for ; n.Parent != nil; n = n.Parent {
		siblings := n.Parent.Children
		switch a {
		case axisFollowingSibling, axisFollowing:
			for _, s := range siblings[n.at+1:] {
				if k.add(s) && a == axisFollowing {
					k.below(s)
				}
			}
		default:
			for i := n.at - 1; i >= 0; i-- {
				if a == axisPreceding {
					k.belowReversed(siblings[i])
				}
				k.add(siblings[i])
			}
		}
		if a == axisFollowingSibling || a == axisPrecedingSibling || k.run.Err != nil {
			return
		}
	}
}

// namespaces gathers the namespace nodes of an element. They are made here: nobody but this axis sees them.
func (k *collector) namespaces(n *Node) {
	if n.Kind != Element {
		return
	}
	for _, d := range append(n.InScope(), Decl{"xml", XMLSpace}) {
		k.add(&Node{Kind: Namespace, Name: Name{Local: d.Prefix}, Value: d.URI, Parent: n, Order: n.Order})
	}
}
