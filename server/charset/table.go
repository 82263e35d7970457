package charset

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Map is a charset_map: two charsets and what a byte of the first is in the second.
type Map struct {
	From, To string
	Entries  []Entry
}

// Entry is a line of a charset_map.
type Entry struct {
	From byte
	// To is a byte, or the character in UTF-8 if that is the second charset.
	To []byte
}

// Maps are all maps of a configuration, each in both directions.
type Maps struct{ tables []*table }

// table recodes one charset into another.
type table struct {
	from, to string
	single   *[256]byte       // between two charsets of a byte each
	wide     *[256]string     // to UTF-8
	narrow   *[256]*[256]byte // from UTF-8: by the two bytes of the code point; 0: there is none
}

// NewMaps checks the maps and makes their tables.
func NewMaps(list []Map) (*Maps, error) {
	m := new(Maps)
	for i := range list {
		p := &list[i]
		switch {
		case strings.EqualFold(p.From, p.To):
			return nil, fmt.Errorf("charset: \"charset_map\" between the same charsets \"%s\" and \"%s\"", p.From, p.To)
		case strings.EqualFold(p.From, "utf-8"):
			return nil, fmt.Errorf("charset: \"charset_map\" with \"utf-8\" charset should be given in the second column")
		case m.find(p.From, p.To) != nil:
			return nil, fmt.Errorf("charset: duplicate \"charset_map\" between \"%s\" and \"%s\"", p.From, p.To)
		}
		build := p.bytes
		if strings.EqualFold(p.To, "utf-8") {
			build = p.utf8
		}
		forth, back, err := build()
		if err != nil {
			return nil, err
		}
		forth.from, forth.to, back.from, back.to = p.From, p.To, p.To, p.From
		m.tables = append(m.tables, forth, back)
	}
	return m, nil
}

// find returns the table between two charsets, or nil.
func (m *Maps) find(from, to string) *table {
	for _, t := range m.tables {
		if strings.EqualFold(t.from, from) && strings.EqualFold(t.to, to) {
			return t
		}
	}
	return nil
}

// bytes makes the tables between two charsets of a byte each. What has no entry is "?", beyond ASCII.
func (p *Map) bytes() (forth, back *table, err error) {
	forth, back = &table{single: new([256]byte)}, &table{single: new([256]byte)}
	for i := range 256 {
		b := byte(i)
		if i >= 128 {
			b = '?'
		}
		forth.single[i], back.single[i] = b, b
	}
	for _, e := range p.Entries {
		if len(e.To) != 1 {
			return nil, nil, fmt.Errorf("charset: invalid value \"%X\"", e.To)
		}
		forth.single[e.From], back.single[e.To[0]] = e.To[0], e.From
	}
	return forth, back, nil
}

// utf8 makes the tables between a charset of a byte each and UTF-8.
func (p *Map) utf8() (forth, back *table, err error) {
	forth, back = &table{wide: new([256]string)}, &table{narrow: new([256]*[256]byte)}
	for i := range 256 {
		forth.wide[i] = "?"
		if i < 128 {
			forth.wide[i] = string(rune(i))
		}
	}
	for _, e := range p.Entries {
		r, n := utf8.DecodeRune(e.To)
		if n != len(e.To) || r == utf8.RuneError && n < 2 || r > 0xffff {
			return nil, nil, fmt.Errorf("charset: invalid value \"%X\"", e.To)
		}
		forth.wide[e.From] = string(r)
		if back.narrow[r>>8] == nil {
			back.narrow[r>>8] = new([256]byte)
		}
		back.narrow[r>>8][r&0xff] = e.From
	}
	return forth, back, nil
}
