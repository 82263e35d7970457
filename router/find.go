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
	m.walk(t.root, 1, 0)
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

// walk visits the part of the tree below n that agrees with the path, n standing at pos, with the nearer half first and
// without the subtrees that hold nothing declared before the best match so far. Every node is visited at most once, so
// a hostile path costs no more than trying all entries would.
func (m *Match) walk(n *node, pos, slot int) {
	for {
		m.takeLeaves(n, pos, slot)
		child := m.literal(n, pos)
		if len(n.edges) > 0 {
			if child != nil && child.lowest < n.edges[0].child.lowest {
				m.walk(child, pos+len(child.label), slot)
				child = nil
			}
			for i := range n.edges {
				m.follow(&n.edges[i], pos, slot)
			}
		}
		if child == nil || child.lowest >= m.best {
			return
		}
		pos += len(child.label)
		n = child
	}
}

// literal returns the child whose label stands at pos, if it can still win.
func (m *Match) literal(n *node, pos int) *node {
	if pos == len(m.path) || len(n.children) == 0 {
		return nil
	}
	i := strings.IndexByte(n.indices, m.path[pos])
	if i < 0 {
		return nil
	}
	child := n.children[i]
	if child.lowest >= m.best || !strings.HasPrefix(m.path[pos:], child.label) {
		return nil
	}
	return child
}

// follow takes a parameter, if the edge can still win, and goes on behind it.
func (m *Match) follow(e *edge, pos, slot int) {
	if e.child.lowest >= m.best {
		return
	}
	end := m.step(e, pos, slot)
	if end >= 0 {
		m.walk(e.child, end, slot+e.slots)
	}
}

// step captures what e stands for at pos into cur[slot:] and returns its end, or -1.
func (m *Match) step(e *edge, pos, slot int) int {
	if e.unit != nil {
		end, err := e.unit.match(m, pos, slot)
		if err != nil {
			m.Err, m.best = err, e.child.lowest
		}
		return end
	}
	end := e.kind.run(m.path, pos)
	if end < 0 {
		return -1
	}
	s := span{start: uint32(pos), end: uint32(end)}
	if e.kind == KindInt {
		var ok bool
		if s.num, ok = parseInt(m.path[pos:end]); !ok {
			return -1
		}
	}
	m.cur[slot] = s
	return end
}

// takeLeaves looks at the endpoints of a node: those that want the path to end here, and those that do not mind.
func (m *Match) takeLeaves(n *node, pos, slot int) {
	if pos == len(m.path) {
		for i := range n.ends {
			m.take(&n.ends[i], pos, slot)
		}
	}
	for i := range n.opens {
		m.take(&n.opens[i], pos, slot)
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
