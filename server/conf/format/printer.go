package format

import "strings"

// line is one line of the result. Its parts are kept apart until columns are made.
type line struct {
	depth   int
	text    string // empty for an empty line or a line that is a comment
	value   string // of an entry in a block of data: what stands behind its first word
	comment string
	joined  bool // a directive or block goes over several lines, so this one is no part of a column
}

// printer turns tokens into lines.
type printer struct {
	lines  []line
	blocks []bool // the blocks around, and whether they hold data
	words  int    // of the directive on its way
	first  string // its first word
	cont   bool   // the next word begins a line that continues a directive
	last   token
}

// data are the blocks whose lines are entries rather than directives.
var data = map[string]bool{"types": true, "map": true, "geo": true, "split_clients": true, "charset_map": true}

// print lays out the tokens of a text.
func print(list []token) []line {
	var p printer
	for i := range list {
		t := &list[i]
		switch t.kind {
		case comment:
			p.comment(t)
		case word:
			p.word(t)
		case semicolon:
			p.finish(";")
		case open:
			p.open()
		case raw:
			p.raw(t)
		case shut:
			p.shut()
		}
		p.last = *t
	}
	return p.lines
}

// begin adds a line at the current depth, behind an empty one if the text had one and a directive stands above.
func (p *printer) begin(l line, breaks int) {
	first := len(p.lines) == 0 || p.last.kind == open || p.blockComment()
	if breaks > 1 && !first && p.words == 0 {
		p.lines = append(p.lines, line{})
	}
	l.depth = len(p.blocks)
	p.lines = append(p.lines, l)
}

// blockComment tells whether the last token is the comment behind an opening brace.
func (p *printer) blockComment() bool {
	l := p.lines[len(p.lines)-1]
	return p.last.kind == comment && strings.HasSuffix(l.text, "{")
}

// comment puts a comment behind what stands on its line, or on one of its own.
func (p *printer) comment(t *token) {
	if t.lines == 0 && len(p.lines) > 0 {
		p.lines[len(p.lines)-1].comment = t.text
		p.cont = p.words > 0
		return
	}
	p.begin(line{comment: t.text}, t.lines)
	if p.words > 0 {
		p.lines[len(p.lines)-1].depth++
		p.cont = true
	}
}

func (p *printer) word(t *token) {
	switch {
	case p.words == 0:
		p.first = t.text
		p.begin(line{text: t.text, joined: strings.Contains(t.text, "\n")}, t.lines)
	case t.lines > 0 || p.cont:
		p.begin(line{text: t.text, joined: true}, 0)
		p.lines[len(p.lines)-1].depth++
	default:
		p.append(t)
	}
	p.words++
	p.cont = false
}

// append puts a word behind the last one.
func (p *printer) append(t *token) {
	l := &p.lines[len(p.lines)-1]
	l.joined = l.joined || strings.Contains(t.text, "\n")
	space := " "
	if t.glued {
		space = ""
	}
	switch {
	case l.value != "":
		l.value += space + t.text
	case p.inData() && p.words == 1 && !l.joined && space != "":
		l.value = t.text
	default:
		l.text += space + t.text
	}
}

func (p *printer) inData() bool { return len(p.blocks) > 0 && p.blocks[len(p.blocks)-1] }

// finish ends a directive with a mark, which a comment pushes to a line of its own.
func (p *printer) finish(mark string) {
	l := &p.lines[len(p.lines)-1]
	switch {
	case p.cont:
		p.begin(line{text: strings.TrimSpace(mark), joined: true}, 0)
	case l.value != "":
		l.value += mark
	default:
		l.text += mark
	}
	p.words, p.cont = 0, false
}

func (p *printer) open() {
	l := &p.lines[len(p.lines)-1]
	if l.value != "" {
		l.text, l.value = l.text+" "+l.value, ""
	}
	p.finish(" {")
	p.lines[len(p.lines)-1].joined = true
	p.blocks = append(p.blocks, data[p.first])
}

// raw takes the inside of a block of Lua as it is.
func (p *printer) raw(t *token) {
	l := &p.lines[len(p.lines)-1]
	l.text, l.joined = l.text+t.text, true
}

// shut closes a block.
func (p *printer) shut() {
	p.blocks = p.blocks[:len(p.blocks)-1]
	l := &p.lines[len(p.lines)-1]
	if p.last.kind == raw || p.last.kind == open {
		l.text += "}"
		return
	}
	p.lines = append(p.lines, line{text: "}", depth: len(p.blocks), joined: true})
}
