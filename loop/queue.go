package loop

// Hot: every response passes through a queue; no allocation once the reactor's free list is warm.

import "github.com/wheelpit/wheelpit/pool"

// A queue is the output of a connection that the kernel has not taken yet: segments in order, the first partly sent.
//
//	[ sent | owned bytes ][ borrowed bytes ][ file range ][ owned bytes, open: appended to | room ]
//
// It exists only while there is output; an idle connection holds none.
type queue struct {
	segs   []segment
	bytes  int64 // unsent bytes of all segments
	inline [4]segment
}

// segment is one run of output bytes.
type segment struct {
	kind segmentKind
	buf  []byte     // bytes: the whole buffer; off of it is sent
	file *pool.File // file range
	off  int64      // offset of the first unsent byte, in buf or in the file
	end  int64      // end of the file range
}

type segmentKind uint8

const (
	// segOwned is a pooled buffer, given back when sent.
	segOwned segmentKind = iota
	// segScratch is the reactor's shared output buffer; what is unsent at the end of the event moves to a pooled one.
	segScratch
	// segBorrowed is memory of the caller, valid until the end of the event; what is unsent then is copied.
	segBorrowed
	// segStatic is immutable memory that lives as long as anything refers to it.
	segStatic
	// segFile is a range of a file, with one reference of it.
	segFile
)

// memory is where a queue's buffers come from: a reactor's private front, or the shared pool while lent to a worker.
type memory interface {
	Get(n int) []byte
	Put(b []byte)
}

var (
	_ memory = (*pool.Local)(nil)
	_ memory = (*pool.Pool)(nil)
)

func (s *segment) left() int64 {
	if s.kind == segFile {
		return s.end - s.off
	}
	return int64(len(s.buf)) - s.off
}

func (q *queue) empty() bool { return len(q.segs) == 0 }

// last returns the open segment, to which bytes may be appended, or nil.
func (q *queue) last() *segment {
	if n := len(q.segs); n > 0 && q.segs[n-1].kind <= segScratch {
		return &q.segs[n-1]
	}
	return nil
}

func (q *queue) push(s segment) {
	if q.segs == nil {
		q.segs = q.inline[:0]
	}
	q.bytes += s.left()
	q.segs = append(q.segs, s)
}

// sent drops n bytes from the front, releasing what is done.
func (q *queue) sent(n int64, r *Reactor, m memory) {
	q.bytes -= n
	done := 0
	for i := range q.segs {
		s := &q.segs[i]
		left := s.left()
		if n < left {
			s.off += n
			break
		}
		n -= left
		s.release(r, m)
		done++
	}
	q.drop(done)
}

// truncate drops what is queued behind the first keep > 0 bytes.
func (q *queue) truncate(keep int64, r *Reactor, m memory) {
	for i := range q.segs {
		s := &q.segs[i]
		if left := s.left(); left < keep {
			keep -= left
			continue
		}
		q.bytes -= s.shorten(keep)
		for j := i + 1; j < len(q.segs); j++ {
			q.bytes -= q.segs[j].left()
			q.segs[j].release(r, m)
		}
		clear(q.segs[i+1:])
		q.segs = q.segs[:i+1]
		return
	}
}

// shorten leaves n of the unsent bytes, and returns how many are dropped.
func (s *segment) shorten(n int64) int64 {
	dropped := s.left() - n
	if s.kind == segFile {
		s.end -= dropped
	} else {
		s.buf = s.buf[:int64(len(s.buf))-dropped]
	}
	return dropped
}

// drop removes the first n segments, which were released.
func (q *queue) drop(n int) {
	if n == 0 {
		return
	}
	rest := copy(q.segs, q.segs[n:])
	clear(q.segs[rest:])
	q.segs = q.segs[:rest]
}

// release gives back what the segment holds.
func (s *segment) release(r *Reactor, m memory) {
	switch s.kind {
	case segOwned:
		m.Put(s.buf)
	case segScratch:
		r.scratchUsed = false
		pool.Spoil(s.buf)
	case segFile:
		s.file.Release()
	}
}

// reset releases everything and makes the queue ready for reuse. A backing array grown past the inline one is dropped,
// so that one long queue does not stay resident.
func (q *queue) reset(r *Reactor, m memory) {
	for i := range q.segs {
		q.segs[i].release(r, m)
	}
	clear(q.inline[:])
	q.segs, q.bytes = nil, 0
}

// own copies what is only borrowed for this event (the scratch buffer, the caller's memory) into pooled buffers.
func (q *queue) own(r *Reactor, m memory) {
	for i := range q.segs {
		s := &q.segs[i]
		if s.kind != segScratch && s.kind != segBorrowed {
			continue
		}
		b := append(m.Get(int(s.left())), s.buf[s.off:]...)
		s.release(r, m)
		*s = segment{kind: segOwned, buf: b}
	}
}
