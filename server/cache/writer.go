package cache

import (
	"bytes"
	"hash/crc32"
)

// Writer takes a response that is to be kept. It is used by one goroutine at a time, and ends with Commit or Abort. None of its methods
// blocks.
type Writer struct {
	zone      *Zone
	sum, main Sum
	entry     *Entry // still without a body
	token     uint64
	marked    bool
	min       int

	expect  int64 // bytes of the body, -1 when not known
	written int64
	buf     []byte // the body, or of a large one what is not yet on its way to the disk
	spool   *spool
	lost    bool
}

// Begin begins to store a response. m and head are copied; length is that of the body, -1 when it is not known: Commit compares it.
// It returns nil when the response cannot be stored. A request that has the lock passes it to the Writer; one without, after
// proxy_cache_bypass, too, may store as well. A response that varies otherwise than the entry that was looked up is
// stored under the main key.
func (r *Request) Begin(m Meta, head []byte, length int64) *Writer {
	z := r.zone
	if len(r.key.Text) > keyMax || len(head) > headMax || len(m.Vary) > varyMax {
		r.unmark()
		return nil
	}
	sum, variant := r.key.Sum, Sum{}
	if len(m.Vary) > 0 {
		if variant = r.variant(m.Vary); variant == r.sum {
			sum = r.sum
		}
	}
	w := &Writer{zone: z, sum: sum, main: r.key.Sum, min: r.min, expect: length}
	w.entry = newEntry(r.key.Text, m, variant, head)
	if r.marked && r.markSum == sum {
		w.marked, w.token, r.marked = true, r.token, false
	} else {
		r.unmark()
	}
	switch {
	case length > z.gather:
		w.beginSpool()
	case length > 0:
		w.buf = make([]byte, 0, length)
	}
	return w
}

// Write appends to the body; p is copied. It returns false when the entry is lost: more than Begin announced, the disk too slow or
// full, a body too large for a zone without a path. The response goes on, the Writer need not be written to any more.
func (w *Writer) Write(p []byte) bool {
	if w.lost {
		return false
	}
	w.written += int64(len(p))
	if w.expect >= 0 && w.written > w.expect {
		w.lose()
		return false
	}
	if w.spool == nil {
		if w.written <= w.zone.gather {
			w.buf = append(w.buf, p...)
			return true
		}
		w.beginSpool()
	}
	w.spoolWrite(p)
	return !w.lost
}

// lose gives the entry up; the lock is kept until Commit or Abort.
func (w *Writer) lose() {
	w.lost, w.buf = true, nil
	if w.spool != nil {
		w.spool.abort()
		w.spool = nil
	}
}

// Commit ends the entry: it is what the next Lookup finds, from then on when it is in memory, and when its file is complete
// otherwise. It returns false when it was not stored.
func (w *Writer) Commit(now int64) bool {
	if w.lost || w.expect >= 0 && w.written != w.expect {
		w.Abort()
		return false
	}
	if w.spool != nil {
		return w.commitSpool(now)
	}
	e := w.entry
	if cap(w.buf)-len(w.buf) > len(w.buf)/4 { // grown, and kept for long
		w.buf = bytes.Clone(w.buf)
	}
	e.body, e.length, e.inMem = w.buf, w.written, true
	w.entry, w.buf, w.lost = nil, nil, true
	return w.install(e, now)
}

// install makes an entry in memory the one of its sum, and has it written.
func (w *Writer) install(e *Entry, now int64) bool {
	z, sum := w.zone, w.sum
	s := z.shard(&sum)
	s.mu.Lock()
	n := z.node(s, sum, w.main, now)
	if n == nil {
		s.mu.Unlock()
		e.Release()
		w.untake()
		return false
	}
	z.replace(s, n, e)
	kept := n.entry == e
	woken := w.fill(n)
	s.mu.Unlock()
	woken.wakeAll()
	return kept
}

// replace gives a node a new entry, in memory, and queues it for the disk. The caller holds the lock.
func (z *Zone) replace(s *shard, n *node, e *Entry) {
	n.saving, n.failed = nil, 0
	if z.path != "" {
		n.saving = e
	}
	z.warmUp(s, n, e)
	if z.path != "" {
		z.queue(s, n, e)
	}
}

// queue queues an entry in memory for the disk. The caller holds the lock.
func (z *Zone) queue(s *shard, n *node, e *Entry) {
	n.saving = e
	e.Acquire()
	sum := n.sum
	if !z.disk.add(max(e.memory(), 1), func() { z.persist(sum, e) }) {
		e.Release()
		n.saving = nil
		z.notSaved(s, n)
	}
}

// fill ends the lock on a node that has its entry now, whoever held it. The caller holds the lock of the shard, and wakes the chain
// when it does not any more.
func (w *Writer) fill(n *node) *waiter {
	n.updating, w.marked = false, false
	return n.waiters.takeAll()
}

// Abort gives the response up: the old entry, if there is one, stays. After Commit it does nothing.
func (w *Writer) Abort() {
	if w.spool != nil {
		w.spool.abort()
		w.spool = nil
	}
	w.lost, w.buf, w.entry = true, nil, nil
	w.untake()
}

func (w *Writer) untake() {
	if w.marked {
		w.marked = false
		w.zone.untake(w.sum, w.token, w.min)
	}
}

// bodySum continues the checksum of a body.
func bodySum(sum uint32, p []byte) uint32 { return crc32.Update(sum, castagnoli, p) }
