package router

// Hot: runs for every request that reaches such a pattern; no map, no defer. Only regular expressions and custom
// converters allocate.

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// unit matches a stretch of one pattern that cannot be decided byte by byte: several parameters where the end of one
// is only known by trying ("<slug:s>-<int:i>"), custom converters, regular expressions. Seen from the tree it is one
// step: from a given position it has one result, the one that Django's regular expression would find.
type unit struct {
	parts []part         // literals and built-in parameters, tried with backtracking; nil: re decides
	exact bool           // the parts must reach the end of the path
	re    *regexp.Regexp // the same as parts, or the only form
	slots []unitSlot     // what is captured, in order
}

// unitSlot is one captured value of a unit.
type unitSlot struct {
	group int // number of the group in re
	kind  Kind
	conv  *converter // KindCustom only
}

// match runs the unit at pos and fills m.cur from slot on. It returns where the match ends, or -1; an error is one of
// a converter that broke.
func (u *unit) match(m *Match, pos, slot int) (int, error) {
	end := outOfSteps
	if u.parts != nil {
		steps := backtrackSteps
		end = u.try(m, 0, pos, slot, &steps)
	}
	if end == outOfSteps {
		end = u.search(m, pos, slot)
	}
	if end < 0 {
		return -1, nil
	}
	for i := range u.slots {
		if ok, err := m.convert(&u.slots[i], slot+i); !ok {
			return -1, err
		}
	}
	return end, nil
}

// outOfSteps is the answer of try when it gave up.
const outOfSteps = -2

// try matches parts[i:] at pos, each parameter as long as the rest allows: the order in which a backtracking regular
// expression tries.
func (u *unit) try(m *Match, i, pos, slot int, steps *int) int {
	for ; i < len(u.parts); i++ {
		p := &u.parts[i]
		if p.param {
			return u.tryParam(m, i, pos, slot, steps)
		}
		if !strings.HasPrefix(m.path[pos:], p.literal) {
			return -1
		}
		pos += len(p.literal)
	}
	if u.exact && pos != len(m.path) {
		return -1
	}
	return pos
}

func (u *unit) tryParam(m *Match, i, pos, slot int, steps *int) int {
	kind := u.parts[i].kind
	last := kind.run(m.path, pos)
	for end := last; end > pos; end-- {
		if end < len(m.path) && m.path[end] >= utf8.RuneSelf && withinRune(m.path, end) {
			continue // a regular expression takes characters
		}
		if *steps--; *steps < 0 {
			return outOfSteps
		}
		if r := u.try(m, i+1, end, slot+1, steps); r != -1 {
			m.cur[slot] = span{start: uint32(pos), end: uint32(end)}
			return r
		}
		if kind == KindUUID {
			break
		}
	}
	return -1
}

// withinRune reports whether path[at] is a byte of a character that begins before it.
func withinRune(path string, at int) bool {
	for start := at - 1; start >= 0 && start > at-utf8.UTFMax; start-- {
		if utf8.RuneStart(path[start]) {
			_, size := utf8.DecodeRuneInString(path[start:])
			return size > at-start
		}
	}
	return false
}

// search lets the regular expression decide. Groups that did not take part become absent spans.
func (u *unit) search(m *Match, pos, slot int) int {
	at := u.re.FindStringSubmatchIndex(m.path[pos:])
	if at == nil {
		return -1
	}
	for i := range u.slots {
		start, end := at[2*u.slots[i].group], at[2*u.slots[i].group+1]
		if start < 0 {
			m.cur[slot+i] = span{start: absent}
			continue
		}
		m.cur[slot+i] = span{start: uint32(pos + start), end: uint32(pos + end)}
	}
	return pos + at[1]
}
