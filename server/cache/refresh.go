package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Refresh confirms the entry of the request after a 304 (RFC 9111 section 4.3.4): Valid, Updating, Error and Date of m take the place of
// the old ones; validators, Vary and body stay. head takes the place of the old head unless it is nil; NGINX keeps the old one. It ends
// the lock. The entry of the request becomes the new one. It never blocks.
func (r *Request) Refresh(m Meta, head []byte, now int64) {
	old := r.entry
	if old == nil {
		return
	}
	c := old.meta
	c.Valid, c.Updating, c.Error, c.Date = m.Valid, m.Updating, m.Error, m.Date
	e := old.withMeta(c)
	if head != nil && len(head) <= headMax {
		e.rehead(head)
	}
	z := r.zone
	s := z.shard(&r.sum)
	s.mu.Lock()
	if n := s.nodes[r.sum]; n != nil && n.entry == old {
		z.refresh(s, n, e.Acquire(), old)
	}
	s.mu.Unlock()
	r.drop()
	r.entry = e
	r.unmark()
}

// rehead gives an entry that nobody else has yet another head.
func (e *Entry) rehead(head []byte) {
	n := len(e.text) - len(e.head)
	text := append(e.text[:n:n], head...)
	key, etag, vary := len(e.key), len(e.meta.ETag), len(e.meta.Vary)
	offset := e.offset // of the body in the old file
	e.setText(text, key, etag, vary)
	e.offset = offset
}

// refresh puts e in the place of old, of the same content. The caller holds the lock.
func (z *Zone) refresh(s *shard, n *node, e, old *Entry) {
	if n.saving != nil { // not yet written: e is written in its place
		z.replace(s, n, e)
		return
	}
	sum, reheaded := n.sum, len(e.head) != len(old.head) || string(e.head) != string(old.head)
	if n.size > 0 && reheaded && e.inMem {
		z.replace(s, n, e)
		return
	}
	z.warmUp(s, n, e)
	if n.size == 0 {
		return
	}
	e.Acquire()
	z.disk.add(0, func() { // a header is small: always accepted
		defer e.Release()
		if err := z.reheader(sum, e, reheaded); err != nil && !errors.Is(err, fs.ErrNotExist) {
			z.log(fmt.Errorf("cache: zone %q: %w", z.name, err))
		}
	})
}

// reheader writes the header of a file anew. The body of one with another head is not moved for it: what it says of freshness is
// written, the head is forgotten with the warm entry.
func (z *Zone) reheader(sum Sum, e *Entry, reheaded bool) error {
	f, err := os.OpenFile(fileName(z.path, z.levels, sum), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	h, _, err := readHeader(f)
	if err != nil {
		return err
	}
	want := e.header(h.bodySum)
	if h.bodyLen != want.bodyLen || h.variant != want.variant || !reheaded && h.textSum != want.textSum {
		return nil // another entry has taken the name
	}
	h.meta = want.meta
	_, err = f.WriteAt(h.append(nil), 0)
	return err
}
