package sub

// Hot: searches every byte of a response; no allocation but for growing buffers, no map, no defer.

import (
	"slices"

	"github.com/wheelpit/wheelpit/pipeline"
)

// pattern is a string in lower case, and the pair it is of.
type pattern struct {
	text []byte
	pair int
}

// patterns are strings prepared for a search that skips: where the byte that a match of the shortest string would end with
// is in none of them, no match can begin before it (Horspool, as in NGINX).
type patterns struct {
	list     []pattern
	shortest int
	skip     [256]uint8 // by a byte in any case; 0: a string may end its first shortest bytes with it
}

func compile(list []pattern) *patterns {
	p := &patterns{list: list, shortest: len(list[0].text)}
	for i := range list {
		p.shortest = min(p.shortest, len(list[i].text))
	}
	far := uint8(min(p.shortest, 255))
	for b := range p.skip {
		p.skip[b] = far
	}
	for i := range list {
		for j := range int(far) {
			b := list[i].text[p.shortest-1-j]
			p.skip[b] = min(p.skip[b], uint8(j))
		}
	}
	for b := byte('A'); b <= 'Z'; b++ {
		p.skip[b] = p.skip[b|0x20]
	}
	return p
}

// lower is ASCII in lower case.
var lower = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if i >= 'A' && i <= 'Z' {
			t[i] |= 0x20
		}
	}
	return t
}()

func lowered(b []byte) []byte {
	b = slices.Clone(b)
	for i := range b {
		b[i] = lower[b[i]]
	}
	return b
}

// compare tells whether b begins with text in any case, or with all of b that there is of text.
func compare(b, text []byte) (match, partial bool) {
	n := min(len(b), len(text))
	for i := range n {
		if lower[b[i]] != text[i] {
			return false, false
		}
	}
	return n == len(text), n < len(text)
}

// machine is the state of one response.
type machine struct {
	*patterns
	f      *Filter
	c      *pipeline.Ctx
	values []span // by pair: what takes the place of its string, once it was asked for
	memory []byte // the values
	used   int    // strings that are not looked for any more
	hits   int
	carry  []byte // input that is held back
	out    []byte
}

// span is a value in the memory of a machine.
type span struct {
	start, end int
	set        bool
}

// begin readies m for a response.
func (m *machine) begin(f *Filter, p *patterns, c *pipeline.Ctx) {
	m.patterns, m.f, m.c = p, f, c
	m.values = append(m.values[:0], make([]span, len(f.cfg.Pairs))...)
	m.memory, m.carry, m.out = m.memory[:0], m.carry[:0], m.out[:0]
	m.used, m.hits = 0, 0
}

// piece takes the next piece of a body; last tells that there is no other.
func (m *machine) piece(b []byte, last bool) {
	if len(m.carry) == 0 {
		rest := m.feed(b, last)
		m.carry = append(m.carry, rest...)
		return
	}
	m.carry = append(m.carry, b...)
	rest := m.feed(m.carry, last)
	m.carry = m.carry[:copy(m.carry, rest)]
}

// feed looks through b, appends to out what is decided, and returns the rest, which may be the beginning of a match.
func (m *machine) feed(b []byte, last bool) []byte {
	done := 0 // of b, what is in out
	for at := 0; ; {
		start, which := m.find(b, at, last)
		if which < 0 {
			m.out = append(m.out, b[done:start]...)
			return b[start:]
		}
		m.out = append(m.out, b[done:start]...)
		m.put(m.list[which].pair)
		at = start + len(m.list[which].text)
		done = at
	}
}

// find returns where the next match begins, from at on, and of which string; -1: where what is undecided begins.
func (m *machine) find(b []byte, at int, last bool) (start, which int) {
	if m.used == len(m.list) {
		return len(b), -1
	}
	for at+m.shortest <= len(b) {
		if n := int(m.skip[b[at+m.shortest-1]]); n > 0 {
			at += n
			continue
		}
		for i := range m.list {
			if m.spent(i) {
				continue
			}
			match, partial := compare(b[at:], m.list[i].text)
			if match {
				return at, i
			}
			if partial && !last {
				return at, -1
			}
		}
		at++
	}
	for ; at < len(b) && !last; at++ {
		if m.begins(b[at:]) {
			return at, -1
		}
	}
	return len(b), -1
}

// spent tells whether a string is not looked for any more.
func (m *machine) spent(i int) bool {
	return !m.f.cfg.Every && m.values[m.list[i].pair].set
}

// begins tells whether a string that is still looked for may begin with b, which is shorter than all.
func (m *machine) begins(b []byte) bool {
	for i := range m.list {
		if m.spent(i) {
			continue
		}
		if _, partial := compare(b, m.list[i].text); partial {
			return true
		}
	}
	return false
}

// put appends what takes the place of a pair's string.
func (m *machine) put(pair int) {
	m.hits++
	p, v := &m.f.cfg.Pairs[pair], &m.values[pair]
	if !v.set {
		v.set, v.start = true, len(m.memory)
		if p.Value != nil {
			m.memory = p.Value(m.c, m.memory)
		}
		v.end = len(m.memory)
		if !m.f.cfg.Every {
			m.used++
		}
	}
	if p.Value == nil {
		m.out = append(m.out, p.Text...)
		return
	}
	m.out = append(m.out, m.memory[v.start:v.end]...)
}
