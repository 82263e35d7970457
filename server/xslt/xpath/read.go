package xpath

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

var errNotWell = errors.New("not well formed")

// Parse reads an XML document, with the entities that are known besides its own. An error says in which line it is. data is not
// changed and not kept.
func Parse(data []byte, known Entities) (*Node, error) {
	data, err := toUTF8(data)
	if err != nil {
		return nil, err
	}
	p := &preparer{entities: known, out: make([]byte, 0, len(data)+64)}
	if err := p.content(data, 0); err != nil {
		return nil, err
	}
	r := &reader{d: xml.NewDecoder(bytes.NewReader(p.out)), b: NewBuilder()}
	r.d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	for err == nil {
		err = r.next()
	}
	if err != io.EOF {
		line, _ := r.d.InputPos()
		return nil, fmt.Errorf("xpath: line %d: %w", line, err)
	}
	if !r.seen || r.b.open != r.b.root {
		return nil, errors.New("xpath: the document is not complete")
	}
	return r.b.Done()
}

// toUTF8 decodes a document by its mark, or by what it declares.
func toUTF8(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:], nil
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], 0), nil
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], 1), nil
	}
	switch name := strings.ToLower(declaredEncoding(data)); name {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return data, nil
	case "iso-8859-1", "latin1", "iso_8859-1":
		out := make([]byte, 0, len(data)+len(data)/8)
		for _, c := range data {
			out = append(out, string(rune(c))...)
		}
		return out, nil
	default:
		return nil, fmt.Errorf("xpath: unknown encoding %q", name)
	}
}

// fromUTF16 decodes pairs of bytes of which the one at high comes first in significance.
func fromUTF16(data []byte, high int) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = uint16(data[2*i+high])<<8 | uint16(data[2*i+1-high])
	}
	return []byte(string(utf16.Decode(units)))
}

// declaredEncoding returns what the XML declaration says.
func declaredEncoding(data []byte) string {
	if !bytes.HasPrefix(data, []byte("<?xml ")) {
		return ""
	}
	decl, _, _ := strings.Cut(string(data[:min(len(data), 200)]), "?>")
	_, value, ok := strings.Cut(decl, "encoding")
	if value = strings.TrimLeft(value, " \t\r\n="); !ok || len(value) < 2 {
		return ""
	}
	value, _, _ = strings.Cut(value[1:], value[:1])
	return value
}

// reader makes nodes of tokens.
type reader struct {
	d    *xml.Decoder
	b    *Builder
	seen bool // the document element
}

// next takes a token. Names are resolved here, since encoding/xml forgets their prefixes.
func (r *reader) next() error {
	token, err := r.d.RawToken()
	if err != nil {
		return err
	}
	r.b.Line, _ = r.d.InputPos()
	switch t := token.(type) {
	case xml.StartElement:
		return r.start(t)
	case xml.EndElement:
		if open := r.b.open; open.Kind != Element || open.Prefix != t.Name.Space || open.Name.Local != t.Name.Local {
			return fmt.Errorf("unexpected end of element %s", t.Name.Local)
		}
		r.b.End()
	case xml.CharData:
		if r.b.open.Kind == Root {
			if !IsSpace(string(t)) {
				return errors.New("text outside of the document element")
			}
			return nil
		}
		r.b.Text(string(t), false)
	case xml.Comment:
		r.b.Comment(string(t))
	case xml.ProcInst:
		if t.Target != "xml" {
			r.b.Instruction(t.Target, string(t.Inst))
		}
	default:
		return errNotWell
	}
	return r.b.Err()
}

// start opens an element.
func (r *reader) start(t xml.StartElement) error {
	b := r.b
	if b.open.Kind == Root && r.seen {
		return errors.New("a second document element")
	}
	r.seen = true
	n := b.Start(Name{Local: t.Name.Local}, t.Name.Space)
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == "xmlns":
			if a.Value == "" {
				return errors.New("a prefix cannot be taken away")
			}
			b.Declare(a.Name.Local, a.Value)
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			b.Declare("", a.Value)
		}
	}
	if err := resolve(n, &n.Name, t.Name.Space); err != nil {
		return err
	}
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			continue
		}
		name := Name{Local: a.Name.Local}
		if a.Name.Space != "" {
			if err := resolve(n, &name, a.Name.Space); err != nil {
				return err
			}
		}
		if _, twice := n.Attr(name.Space, name.Local); twice {
			return fmt.Errorf("attribute %s is there twice", name.Local)
		}
		b.Attr(name, a.Name.Space, a.Value)
	}
	return b.Err()
}

// resolve finds the namespace of a name of the element n.
func resolve(n *Node, name *Name, prefix string) error {
	space, ok := n.LookupNamespace(prefix)
	if !ok || strings.Contains(name.Local, ":") {
		return fmt.Errorf("prefix %q of %s is not declared", prefix, name.Local)
	}
	name.Space = space
	return nil
}
