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
func (r *Request) Refresh(m Meta, head []byte) {
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
	switch n := s.nodes[r.sum]; {
	case n == nil:
	case n.entry == old:
		z.refresh(s, n, e.Acquire(), old)
	case n.entry == nil && n.size > 0: // cooled meanwhile
		z.queueHeader(n.sum, e, e.reheaded(old))
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
	if n.size > 0 && e.reheaded(old) && e.inMem {
		z.replace(s, n, e)
		return
	}
	z.warmUp(s, n, e)
	if n.size > 0 {
		z.queueHeader(n.sum, e, e.reheaded(old))
	}
}

func (e *Entry) reheaded(old *Entry) bool { return string(e.head) != string(old.head) }

// queueHeader has the header of an entry's file written anew.
func (z *Zone) queueHeader(sum Sum, e *Entry, reheaded bool) {
	e.Acquire()
	queued := z.disk.add(0, func() { // a header is small
		defer e.Release()
		if err := z.reheader(sum, e, reheaded); err != nil && !errors.Is(err, fs.ErrNotExist) {
			z.log(fmt.Errorf("cache: zone %q: %w", z.name, err))
		}
	})
	if !queued {
		e.Release()
	}
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
