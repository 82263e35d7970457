package router

// flatTree is the tree as Find walks it: nodes, edges, leaves and label bytes each in one array, laid out so that what is
// visited next lies near. With 10,000 routes most of the time of Find is waiting for memory: against separately allocated
// nodes this layout takes a sixth of the time.
type flatTree struct {
	nodes  []flatNode
	edges  []flatEdge
	leaves []leaf
	text   string // labels and indices
}

// flatNode is 44 bytes. Its children are nodes[children:][:numChildren], text[indices:][:numChildren] are the first
// bytes of their labels; its edges and leaves lie likewise, the leaves that want the path to end before the open ones.
type flatNode struct {
	label, labelLen       uint32
	children, numChildren uint32
	indices               uint32
	edges, numEdges       uint32
	leaves                uint32
	numEnds, numOpens     uint32
	lowest                int32
}

type flatEdge struct {
	capture
	child  uint32
	lowest int32 // of the child, so that pruning does not touch it
}

// flatten lays out the tree below n.
func flatten(n *node) *flatTree {
	t := &flatTree{nodes: make([]flatNode, 1)}
	var text []byte
	t.lay(0, n, &text)
	t.text = string(text)
	return t
}

// lay fills nodes[at] and lays out what is below: the children side by side, then what is behind each of them.
func (t *flatTree) lay(at uint32, n *node, text *[]byte) {
	label := n.label
	for len(n.children) == 1 && len(n.edges)+len(n.ends)+len(n.opens) == 0 {
		n = n.children[0] // nothing can happen between the two labels
		label += n.label
	}
	flat := flatNode{
		label: uint32(len(*text)), labelLen: uint32(len(label)),
		indices:  uint32(len(*text) + len(label)),
		children: uint32(len(t.nodes)), numChildren: uint32(len(n.children)),
		edges: uint32(len(t.edges)), numEdges: uint32(len(n.edges)),
		leaves: uint32(len(t.leaves)), numEnds: uint32(len(n.ends)), numOpens: uint32(len(n.opens)),
		lowest: n.lowest,
	}
	*text = append(append(*text, label...), n.indices...)
	t.leaves = append(append(t.leaves, n.ends...), n.opens...)
	behind := flat.children + flat.numChildren
	t.nodes = append(t.nodes, make([]flatNode, len(n.children)+len(n.edges))...)
	for i := range n.edges {
		e := &n.edges[i]
		t.edges = append(t.edges, flatEdge{e.capture, behind + uint32(i), e.child.lowest})
	}
	t.nodes[at] = flat
	for i, child := range n.children {
		t.lay(flat.children+uint32(i), child, text)
	}
	for i := range n.edges {
		t.lay(behind+uint32(i), n.edges[i].child, text)
	}
}
