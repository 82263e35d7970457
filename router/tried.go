package router

import "strings"

// Attempt is one chain of patterns that Django's resolver would have looked at.
type Attempt struct {
	// Chain has the prefixes of the includes that matched, and the pattern that did not.
	Chain []string
	// Name is that of the endpoint; empty for an include.
	Name string
}

// Tried lists, in order, the patterns that do not match path, up to the first one that does: what a debug page for a 404
// shows (DJANGO.md U17). It goes through the entries one by one, as Django does, and is not meant for every request.
func (t *Table) Tried(path string) []Attempt {
	if !strings.HasPrefix(path, "/") || len(path) > MaxPath {
		return nil
	}
	m := new(Match)
	m.reset(path, Any)
	tried, _ := t.top.tried(m, 1)
	return tried
}

// tried goes through the entries below b, the text in front of pos being matched. True: one of them matched.
func (b *branch) tried(m *Match, pos int) ([]Attempt, bool) {
	var tried []Attempt
	for _, entry := range b.children {
		end := entry.pattern.consume(m, pos)
		switch {
		case m.Err != nil:
			return tried, true
		case end < 0 || !entry.include && !entry.pattern.endsAt(m.path, end):
			a := Attempt{Chain: []string{entry.pattern.source}}
			if !entry.include {
				a.Name = entry.endpoint.info.Name
			}
			tried = append(tried, a)
			continue
		case !entry.include:
			return tried, true
		}
		below, matched := entry.tried(m, end)
		for _, a := range below {
			a.Chain = append([]string{entry.pattern.source}, a.Chain...)
			tried = append(tried, a)
		}
		if matched {
			return tried, true
		}
	}
	return tried, false
}

// consume matches p alone at pos and returns its end, or -1.
func (p *pattern) consume(m *Match, pos int) int {
	slot := 0
	for _, t := range p.tokens {
		if t.edge == nil {
			if !strings.HasPrefix(m.path[pos:], t.literal) {
				return -1
			}
			pos += len(t.literal)
			continue
		}
		if pos = m.step(&t.edge.capture, 0, pos, slot); pos < 0 {
			return -1
		}
		slot += int(t.edge.slots)
	}
	return pos
}

// endsAt reports whether an endpoint's pattern that took path[:pos] matches the path.
func (p *pattern) endsAt(path string, pos int) bool {
	if p.form == formMount {
		return atBoundary(path, pos)
	}
	return p.open || pos == len(path)
}
