package script

// Hot: expressions run in rewrites, maps and locations; no allocation once a matcher has grown.

import (
	"bytes"
	"sync"

	"regexp/syntax"

	"github.com/dlclark/regexp2/v2"
)

// A matcher is the memory of one match. Threads that backtracking has yet to try lie on its stack; visited has a bit for
// each branch of the program at each place of the subject, so that none is tried twice and the time is linear.
type matcher struct {
	stack    []thread
	visited  []uint64
	captures []int32 // start and end of each group, -1 when it took no part
	runes    []rune  // the subject, for regexp2
}

// thread is a place in program and subject to go on from, or, with slot ≥ 0, a capture to restore.
type thread struct{ pc, at, slot int32 }

var matchers = sync.Pool{New: func() any { return new(matcher) }}

// maxVisited bounds the bits of visited; a longer subject is not looked at (NGINX: pcre2's match limit).
const maxVisited = 1 << 24

// run matches and leaves the captures in m.
func (re *Regex) run(m *matcher, subject []byte) (bool, error) {
	m.captures = m.captures[:0]
	for range 2 * re.groups {
		m.captures = append(m.captures, -1)
	}
	if re.program == nil {
		return re.runFull(m, subject)
	}
	p := re.program
	bits := p.branches * (len(subject) + 1)
	if bits > maxVisited {
		return false, ErrMatch
	}
	m.clear((bits + 63) / 64)
	return p.search(m, subject), nil
}

// clear makes n words of zeros.
func (m *matcher) clear(n int) {
	if cap(m.visited) < n {
		m.visited = make([]uint64, n)
		return
	}
	m.visited = m.visited[:n]
	clear(m.visited)
}

// search tries the places where a match may begin, the first one first.
func (p *program) search(m *matcher, b []byte) bool {
	if p.anchored {
		return p.try(m, b, 0)
	}
	for at := 0; at <= len(b); at++ {
		if p.hasFirst {
			next := bytes.IndexByte(b[at:], p.first)
			if next < 0 {
				return false
			}
			at += next
		}
		if p.try(m, b, at) {
			return true
		}
	}
	return false
}

// try matches from one place. Threads are tried in the order of preference, so the first that ends is the match.
func (p *program) try(m *matcher, b []byte, from int) bool {
	m.stack = append(m.stack[:0], thread{int32(p.start), int32(from), -1})
	m.captures[0] = int32(from)
	for len(m.stack) > 0 {
		t := m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		if t.slot >= 0 {
			m.captures[t.slot] = t.at
			continue
		}
		if end := p.follow(m, b, t.pc, int(t.at)); end >= 0 {
			m.captures[1] = int32(end)
			return true
		}
	}
	return false
}

// follow runs one thread until it matches, and returns where, or fails: -1.
func (p *program) follow(m *matcher, b []byte, pc int32, at int) int {
	for {
		in := &p.steps[pc]
		switch in.op {
		case stepByte:
			if at == len(b) || b[at] != in.char {
				return -1
			}
			at++
		case stepSet:
			if at == len(b) || in.set[b[at]>>5]&(1<<(b[at]&31)) == 0 {
				return -1
			}
			at++
		case stepBranch:
			bit := int(in.branch)*(len(b)+1) + at
			if m.visited[bit>>6]&(1<<(bit&63)) != 0 {
				return -1
			}
			m.visited[bit>>6] |= 1 << (bit & 63)
			m.stack = append(m.stack, thread{in.other, int32(at), -1})
		case stepCapture:
			m.stack = append(m.stack, thread{0, m.captures[in.other], in.other})
			m.captures[in.other] = int32(at)
		case stepAssert:
			if !asserts(syntax.EmptyOp(in.other), b, at) {
				return -1
			}
		case stepMatch:
			return at
		case stepFail:
			return -1
		}
		pc = in.next
	}
}

// asserts tells whether a condition without width holds at a place. The end of the text is also before a final newline,
// as "$" is in PCRE.
func asserts(op syntax.EmptyOp, b []byte, at int) bool {
	if op&syntax.EmptyBeginText != 0 && at != 0 {
		return false
	}
	if op&syntax.EmptyEndText != 0 && at != len(b) && (at != len(b)-1 || b[at] != '\n') {
		return false
	}
	if op&syntax.EmptyBeginLine != 0 && at != 0 && b[at-1] != '\n' {
		return false
	}
	if op&syntax.EmptyEndLine != 0 && at != len(b) && b[at] != '\n' {
		return false
	}
	if op&(syntax.EmptyWordBoundary|syntax.EmptyNoWordBoundary) == 0 {
		return true
	}
	boundary := (at > 0 && wordByte(b[at-1])) != (at < len(b) && wordByte(b[at]))
	return boundary == (op&syntax.EmptyWordBoundary != 0)
}

func wordByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_'
}

// runFull matches with regexp2. It allocates.
func (re *Regex) runFull(m *matcher, subject []byte) (found bool, err error) {
	m.runes = m.runes[:0]
	for _, ch := range subject {
		m.runes = append(m.runes, rune(ch))
	}
	err = re.full.FindRunesMatches(m.runes, 0, func(v regexp2.MatchView) bool {
		found = true
		for i := range re.groups {
			if start, n, ok := v.GroupRange(i); ok {
				m.captures[2*i], m.captures[2*i+1] = int32(start), int32(start+n)
			}
		}
		return false
	})
	if err != nil {
		return false, ErrMatch
	}
	return found, nil
}
