package router

import "strings"

// shadower looks for endpoints that are declared before one and match everything that it does. It walks the tree as
// Find does, with the endpoint's own tokens in the place of a path: a parameter is passed by an edge that takes all of
// its values. It finds only what is certain; values with a newline are disregarded.
type shadower struct {
	symbols []symbol
	open    bool // anything may follow the symbols
	mount   bool // only what begins with "/" may
	index   int32
	by      int32   // lowest endpoint found
	methods Methods // what the endpoints found take
}

// symbol is a byte of literal text, or an edge.
type symbol struct {
	char byte
	edge *edge
}

// shadow returns the first of the endpoints that together leave ep no request, or nil.
func (c *compiler) shadow(ep *endpoint) *endpoint {
	s := shadower{index: int32(ep.info.Index), by: noIndex}
	last := ep.chain[len(ep.chain)-1].pattern
	s.open = last.open
	s.mount = last.form == formMount
	for _, b := range ep.chain {
		for _, tok := range b.pattern.tokens {
			if tok.edge != nil {
				s.symbols = append(s.symbols, symbol{edge: tok.edge})
				continue
			}
			for i := range len(tok.literal) {
				s.symbols = append(s.symbols, symbol{char: tok.literal[i]})
			}
		}
	}
	s.walk(c.root, 0, false)
	if s.by == noIndex || ep.info.Methods.accepted()&^s.methods != 0 {
		return nil
	}
	return c.table.endpoints[s.by]
}

// walk is at n behind symbols[:pos]; rest tells that what may follow the symbols has been taken, too.
func (s *shadower) walk(n *node, pos int, rest bool) {
	if n.lowest >= s.index {
		return
	}
	s.take(n.opens, pos)
	if pos == len(s.symbols) && (rest || !s.open) {
		s.take(n.ends, pos)
	}
	for i := range n.edges {
		s.follow(&n.edges[i], pos)
	}
	for _, child := range n.children {
		if s.literal(child.label, pos) {
			s.walk(child, pos+len(child.label), false)
		}
	}
}

func (s *shadower) take(leaves []leaf, pos int) {
	for _, l := range leaves {
		if l.index < s.index && (!l.mount || s.atBoundary(pos)) {
			s.by = min(s.by, l.index)
			s.methods |= l.methods
		}
	}
}

// atBoundary is certain only where a "/" is written down.
func (s *shadower) atBoundary(pos int) bool {
	if pos == 0 || s.symbols[pos-1].char == '/' {
		return true
	}
	if pos == len(s.symbols) {
		return !s.open || s.mount
	}
	return s.symbols[pos].char == '/'
}

func (s *shadower) literal(label string, pos int) bool {
	if len(s.symbols)-pos < len(label) {
		return false
	}
	for i := range len(label) {
		if sym := s.symbols[pos+i]; sym.edge != nil || sym.char != label[i] {
			return false
		}
	}
	return true
}

func (s *shadower) follow(e *edge, pos int) {
	switch {
	case pos < len(s.symbols) && s.symbols[pos].edge != nil && s.symbols[pos].edge.key == e.key:
		s.walk(e.child, pos+1, e.unit == nil && e.kind == KindRest)
	case e.unit != nil:
	case e.kind == KindRest:
		s.walk(e.child, len(s.symbols), true)
	default:
		if end := s.run(e.kind, pos); end > pos {
			s.walk(e.child, end, false)
		}
	}
}

// run is [Kind.run] over symbols; it returns pos when a run of kind k is not certain.
func (s *shadower) run(k Kind, pos int) int {
	end := pos
	var text strings.Builder
	for end < len(s.symbols) {
		sym := s.symbols[end]
		if sym.edge == nil {
			if !k.contains(sym.char) {
				break
			}
			text.WriteByte(sym.char)
		} else if sym.edge.unit != nil || !k.covers(sym.edge.kind) {
			return pos
		}
		end++
	}
	switch {
	case end == len(s.symbols) && s.open:
		return pos // the run may go on
	case k == KindInt || k == KindUUID:
		return s.exactRun(k, pos, end, text.String())
	}
	return end
}

// exactRun is for the kinds that refuse some runs of their bytes: only literal text is certain.
func (s *shadower) exactRun(k Kind, pos, end int, text string) int {
	_, fits := parseInt(text)
	if len(text) != end-pos || k.run(text, 0) != len(text) || k == KindInt && !fits {
		return pos
	}
	return end
}

// covers reports whether k takes every value of another kind as a part of its run.
func (k Kind) covers(other Kind) bool {
	switch k {
	case KindStr:
		return other <= KindUUID
	case KindSlug:
		return other == KindInt || other == KindSlug || other == KindUUID
	case KindPath:
		return other <= KindPath
	}
	return false
}
