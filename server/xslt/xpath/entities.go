package xpath

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Entities are general entities and their replacement texts.
type Entities map[string]string

// MaxExpanded is how many bytes the entities of a document may become (libxml2: five times its length, beyond 1 MB).
const MaxExpanded = 8 << 20

// maxEntityDepth is how many entities may lie in each other (libxml2: 40).
const maxEntityDepth = 20

var (
	errEntities = errors.New("xpath: the entities of the document become too long")
	errOpen     = errors.New("xpath: the document ends within markup")
)

// preparer copies a document: entities are replaced, white space in the values of attributes becomes blanks (XML section 3.3.3),
// and the document type declaration is left out but for its line ends.
type preparer struct {
	entities Entities
	begun    bool // an element was seen
	expanded int  // bytes that came out of entities
	out      []byte
}

// content copies what stands outside of markup, and the markup in it.
func (p *preparer) content(in []byte, depth int) error {
	for len(in) > 0 {
		n := bytes.IndexAny(in, "<&")
		if n < 0 {
			n = len(in)
		}
		if n == 0 {
			var err error
			if n, err = p.markup(in, depth); err != nil {
				return err
			}
		} else if err := p.emit(in[:n], depth); err != nil {
			return err
		}
		in = in[n:]
	}
	return nil
}

// emit adds to the copy, within bounds.
func (p *preparer) emit(b []byte, depth int) error {
	if depth > 0 {
		if p.expanded += len(b); p.expanded > MaxExpanded {
			return errEntities
		}
	}
	p.out = append(p.out, b...)
	return nil
}

// markup copies the markup or the reference that in begins with, and returns its length.
func (p *preparer) markup(in []byte, depth int) (int, error) {
	for _, m := range [...][2]string{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}} {
		if bytes.HasPrefix(in, []byte(m[0])) {
			end := bytes.Index(in[len(m[0]):], []byte(m[1]))
			if end < 0 {
				return 0, errOpen
			}
			n := len(m[0]) + end + len(m[1])
			return n, p.emit(in[:n], depth)
		}
	}
	switch {
	case in[0] == '&':
		return p.reference(in, depth, 0)
	case bytes.HasPrefix(in, []byte("<!DOCTYPE")) && depth == 0 && !p.begun:
		p.begun = true
		return p.doctype(in)
	}
	p.begun = true
	return p.tag(in, depth)
}

// tag copies a tag.
func (p *preparer) tag(in []byte, depth int) (int, error) {
	quote := byte(0)
	for i := 0; i < len(in); i++ {
		c := in[i]
		switch {
		case quote != 0 && c == '&':
			n, err := p.reference(in[i:], depth, quote)
			if err != nil {
				return 0, err
			}
			i += n - 1
			continue
		case quote != 0 && (c == '\n' || c == '\t' || c == '\r'):
			if c != '\r' || i+1 == len(in) || in[i+1] != '\n' {
				p.out = append(p.out, ' ')
			}
			continue
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		}
		if err := p.emit(in[i:i+1], depth); err != nil {
			return 0, err
		}
		if c == '>' && quote == 0 {
			return i + 1, nil
		}
	}
	return 0, errOpen
}

// reference replaces the reference that in begins with, if it is one to an entity that is declared, and returns its length. In
// the value of an attribute, quote is what ends it.
func (p *preparer) reference(in []byte, depth int, quote byte) (int, error) {
	end := bytes.IndexByte(in[:min(len(in), 256)], ';')
	if end < 0 {
		return 1, p.emit(in[:1], depth) // the decoder will refuse it
	}
	text, ok := p.entities[string(in[1:end])]
	if !ok {
		return end + 1, p.emit(in[:end+1], depth)
	}
	if depth >= maxEntityDepth {
		return 0, errEntities
	}
	if p.expanded += end; p.expanded > MaxExpanded { // empty ones cost something as well
		return 0, errEntities
	}
	if quote == 0 {
		return end + 1, p.content([]byte(text), depth+1)
	}
	return end + 1, p.value([]byte(text), depth+1, quote)
}

// value copies the text of an entity into the value of an attribute.
func (p *preparer) value(in []byte, depth int, quote byte) error {
	for i := 0; i < len(in); i++ {
		var err error
		switch c := in[i]; c {
		case '&':
			var n int
			n, err = p.reference(in[i:], depth, quote)
			i += n - 1
		case quote:
			err = p.emit(fmt.Appendf(nil, "&#%d;", c), depth)
		case '\n', '\t', '\r':
			err = p.emit([]byte{' '}, depth)
		default:
			err = p.emit(in[i:i+1], depth)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// doctype reads the document type declaration that in begins with: the entities of its internal subset.
func (p *preparer) doctype(in []byte) (int, error) {
	n := len("<!DOCTYPE")
	for n < len(in) {
		switch c := in[n]; c {
		case '"', '\'':
			end := bytes.IndexByte(in[n+1:], c)
			if end < 0 {
				return 0, errOpen
			}
			n += end + 2
		case '[':
			own := Entities{}
			used, err := own.declarations(in[n+1:], true)
			if err != nil {
				return 0, err
			}
			for name, text := range p.entities {
				if _, ok := own[name]; !ok { // those of the document come first
					own[name] = text
				}
			}
			p.entities = own
			n += used + 1
		case '>':
			p.out = append(p.out, strings.Repeat("\n", bytes.Count(in[:n], []byte("\n")))...)
			return n + 1, nil
		default:
			n++
		}
	}
	return 0, errOpen
}
