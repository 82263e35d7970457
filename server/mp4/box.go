package mp4

import (
	"encoding/binary"
	"errors"
	"fmt"
)

var (
	errTruncated = errors.New("mp4 file truncated")
	errSkip      = errors.New("mp4: a track that is over")
)

// parser reads the boxes of an index.
type parser struct {
	b     []byte
	pos   int
	over  bool // a box without a size was met: nothing behind it is read
	cut   *cut
	track *track // the one that is being read
}

// header reads the size and name that a box begins with, of at most room bytes. A size of 0 is a box to the end of the file, behind
// which nothing is looked for.
func header(b []byte, room uint64) (name string, head int, size uint64, err error) {
	if len(b) < 4 {
		return "", 0, 0, errTruncated
	}
	size, head = uint64(binary.BigEndian.Uint32(b)), 8
	switch {
	case size == 0:
		return "", 0, 0, nil
	case size == 1 && len(b) < 16:
		return "", 0, 0, errTruncated
	case size == 1:
		size, head = binary.BigEndian.Uint64(b[8:]), 16
	case len(b) < 8:
		return "", 0, 0, errTruncated
	}
	switch {
	case size < uint64(head):
		return "", 0, 0, fmt.Errorf("mp4 atom is too small:%d", size)
	case size > room:
		return "", 0, 0, fmt.Errorf("mp4 atom too large:%d", size)
	}
	return string(b[4:8]), head, size, nil
}

// boxes reads those up to end. box is called behind the header of each, with the end of it; it leaves those alone that it does not
// know, and reads on in those that hold others.
func (p *parser) boxes(end int, box func(name string, end int) error) error {
	for p.pos < end {
		name, head, size, err := header(p.b[p.pos:], uint64(end-p.pos))
		if err != nil || size == 0 {
			p.over = true
			return err
		}
		stop := p.pos + int(size)
		start := p.pos + head
		p.pos = start
		if err := box(name, stop); err != nil || p.over {
			return err
		}
		if p.pos == start { // nobody read on in it
			p.pos = stop
		}
	}
	return nil
}

// data takes the rest of a box, at least least bytes.
func (p *parser) data(name string, end, least int) ([]byte, error) {
	b := p.b[p.pos:end]
	if len(b) < least {
		return nil, fmt.Errorf("mp4 %s atom too small", name)
	}
	p.pos = end
	return b, nil
}

// keep takes the rest of a box that a track has once.
func (p *parser) keep(to *[]byte, name string, end, least int) error {
	b, err := p.data(name, end, least)
	switch {
	case err != nil:
		return err
	case *to != nil:
		return duplicate(name)
	}
	*to = b[:len(b):len(b)]
	return nil
}

func duplicate(name string) error { return fmt.Errorf("duplicate mp4 %s atom", name) }

// table is a box of entries of one size.
type table struct {
	fixed []byte // what stands before the number of entries
	data  []byte // the entries that are left
	width int    // bytes of an entry
}

// entries takes a table with fixed bytes before the number of entries.
func (p *parser) entries(to **table, name string, end, fixed, width int) error {
	b, err := p.data(name, end, fixed+4)
	if err != nil {
		return err
	}
	n := uint64(binary.BigEndian.Uint32(b[fixed:]))
	switch {
	case n*uint64(width) > uint64(len(b)-fixed-4):
		return fmt.Errorf("mp4 %s atom too small", name)
	case *to != nil:
		return duplicate(name)
	}
	*to = &table{fixed: b[:fixed], data: b[fixed+4 : fixed+4+int(n)*width], width: width}
	return nil
}

func (t *table) len() int { return len(t.data) / t.width }

// at returns the field of an entry.
func (t *table) at(i, field int) uint32 { return binary.BigEndian.Uint32(t.data[i*t.width+4*field:]) }

func (t *table) set(i, field int, v uint32) {
	binary.BigEndian.PutUint32(t.data[i*t.width+4*field:], v)
}

// from drops the entries before i, to those from i on.
func (t *table) from(i int) { t.data = t.data[i*t.width:] }
func (t *table) to(i int)   { t.data = t.data[:i*t.width] }

// append appends the table as a box, with extra entries around its own.
func (t *table) append(dst []byte, name string, before, behind []byte) []byte {
	return appendBox(dst, name, func(dst []byte) []byte {
		dst = append(dst, t.fixed...)
		dst = binary.BigEndian.AppendUint32(dst, uint32((len(before)+len(t.data)+len(behind))/t.width))
		dst = append(dst, before...)
		dst = append(dst, t.data...)
		return append(dst, behind...)
	})
}

// appendBox appends a box with the content that fill appends.
func appendBox(dst []byte, name string, fill func(dst []byte) []byte) []byte {
	at := len(dst)
	dst = fill(append(append(dst, 0, 0, 0, 0), name...))
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at))
	return dst
}

// appendData appends a box of b, nothing for nil.
func appendData(dst []byte, name string, b []byte) []byte {
	if b == nil {
		return dst
	}
	return appendBox(dst, name, func(dst []byte) []byte { return append(dst, b...) })
}
