package router

// Hot: runs for every request; no allocation, no map, no defer.

import "strings"

// noIndex is above every declared index.
const noIndex = 1<<31 - 1

// Find resolves path for one method: a single bit, or [Any] when the method does not matter. The path begins with "/"
// and is percent-decoded, not otherwise normalised; its bytes need not be UTF-8. Any number of goroutines may call it,
// each with its own Match. It allocates only in entries with custom converters or regular expressions.
func (t *Table) Find(method Methods, path string, m *Match) Verdict {
	m.reset(path, method)
	if len(path) == 0 || path[0] != '/' || len(path) > MaxPath {
		return NotFound
	}
	t.tree.walk(m, 0, 1, 0)
	switch {
	case m.Err != nil:
		return Failed
	case m.best != noIndex:
		m.endpoint = t.endpoints[m.best]
		m.Route = m.endpoint.info.Route
		return Found
	case m.Allow == 0:
		return NotFound
	}
	m.Allow |= OPTIONS
	if method == OPTIONS {
		return AnswerOptions
	}
	return MethodNotAllowed
}

// walk visits the part of the tree at and below nodes[at] that agrees with path[pos:]. It goes first where the lower
// index may be, and not where everything was declared after the best match so far. Every node is visited at most once,
// so a hostile path costs no more than trying all entries would.
func (t *flatTree) walk(m *Match, at uint32, pos, slot int) {
	for {
		n := &t.nodes[at]
		label := t.text[n.label : n.label+n.labelLen]
		if !strings.HasPrefix(m.path[pos:], label) {
			return
		}
		pos += len(label)
		if n.numEnds+n.numOpens > 0 {
			t.takeLeaves(m, n, pos, slot)
		}
		child := t.child(m, n, pos)
		if n.numEdges > 0 {
			edges := t.edges[n.edges : n.edges+n.numEdges]
			if child != 0 && t.nodes[child].lowest < edges[0].lowest {
				t.walk(m, child, pos, slot)
				child = 0
			}
			for i := range edges {
				t.follow(m, &edges[i], pos, slot)
			}
		}
		if child == 0 || t.nodes[child].lowest >= m.best {
			return
		}
		at = child
	}
}

// child returns the child whose label begins with the byte at pos; 0, the root, is nobody's child.
func (t *flatTree) child(m *Match, n *flatNode, pos int) uint32 {
	if n.numChildren == 0 || pos == len(m.path) {
		return 0
	}
	i := strings.IndexByte(t.text[n.indices:n.indices+n.numChildren], m.path[pos])
	if i < 0 {
		return 0
	}
	return n.children + uint32(i)
}

// follow takes a parameter, if the edge can still win, and goes on behind it.
func (t *flatTree) follow(m *Match, e *flatEdge, pos, slot int) {
	if e.lowest >= m.best {
		return
	}
	if end := m.step(&e.capture, e.lowest, pos, slot); end >= 0 {
		t.walk(m, e.child, end, slot+int(e.slots))
	}
}

// step captures what c stands for at pos into cur[slot:] and returns its end, or -1. lowest is the declared index that
// an error belongs to.
func (m *Match) step(c *capture, lowest int32, pos, slot int) int {
	if c.unit != nil {
		end, err := c.unit.match(m, pos, slot)
		if err != nil {
			m.Err, m.best = err, lowest
		}
		return end
	}
	end := c.kind.run(m.path, pos)
	if end < 0 {
		return -1
	}
	s := span{start: uint32(pos), end: uint32(end)}
	if c.kind == KindInt {
		var ok bool
		if s.num, ok = parseInt(m.path[pos:end]); !ok {
			return -1
		}
	}
	m.cur[slot] = s
	return end
}

// takeLeaves looks at the endpoints of a node: those that want the path to end here, and those that do not mind.
func (t *flatTree) takeLeaves(m *Match, n *flatNode, pos, slot int) {
	leaves := t.leaves[n.leaves : n.leaves+n.numEnds+n.numOpens]
	if pos != len(m.path) {
		leaves = leaves[n.numEnds:]
	}
	for i := range leaves {
		m.take(&leaves[i], pos, slot)
	}
}

func (m *Match) take(l *leaf, pos, slot int) {
	if l.index >= m.best || l.mount && !atBoundary(m.path, pos) {
		return
	}
	if l.methods&m.method == 0 {
		m.Allow |= l.methods
		return
	}
	m.best, m.Err, m.rest = l.index, nil, pos
	if l.mount && m.path[pos-1] == '/' {
		m.rest = pos - 1
	}
	copy(m.found[:slot], m.cur[:slot])
}

// atBoundary reports whether a mounted handler may take over at pos: "/" is on either side, or nothing follows.
func atBoundary(path string, pos int) bool {
	return pos == len(path) || path[pos] == '/' || path[pos-1] == '/'
}

// convert makes the value of one slot of a unit. False without an error: the entry does not match.
func (m *Match) convert(s *unitSlot, slot int) (bool, error) {
	at := &m.cur[slot]
	if at.start == absent {
		return true, nil
	}
	text := m.path[at.start:at.end]
	switch s.kind {
	case KindInt:
		var ok bool
		at.num, ok = parseInt(text)
		return ok, nil
	case KindCustom:
		return m.convertCustom(s.conv, text, at)
	}
	return true, nil
}

func (m *Match) convertCustom(c *converter, text string, at *span) (bool, error) {
	var value any = text
	if c.Parse != nil {
		var err error
		if value, err = c.Parse(text); err != nil {
			if refuses(err) {
				err = nil
			}
			return false, err
		}
	}
	at.num = int64(len(m.values))
	m.values = append(m.values, value)
	return true, nil
}
