package cache

import (
	"os"
	"sync/atomic"
)

// spool is a large body on its way to the disk. Its jobs run on the disk's goroutine, in order; so only broken is shared.
type spool struct {
	zone   *Zone
	sum    Sum
	file   *os.File
	length int64
	check  uint32
	broken atomic.Bool
}

// beginSpool has the rest of the body written while it arrives.
func (w *Writer) beginSpool() {
	z := w.zone
	if z.path == "" {
		w.lose()
		return
	}
	sp := &spool{zone: z, sum: w.sum}
	head := make([]byte, headerSize, headerSize+len(w.entry.text)) // zeros: no entry before its end
	head = append(head, w.entry.text...)
	w.spool = sp
	if !z.disk.add(int64(len(head)), func() { sp.begin(head) }) {
		w.lose()
		return
	}
	if gathered := w.buf; len(gathered) > 0 {
		w.buf = nil
		w.queue(gathered)
	}
}

// spoolWrite gathers a piece of the body and sends it on when it is large enough.
func (w *Writer) spoolWrite(p []byte) {
	for len(p) > 0 && !w.lost {
		if w.buf == nil {
			w.buf = make([]byte, 0, chunkSize)
		}
		n := min(len(p), cap(w.buf)-len(w.buf))
		w.buf = append(w.buf, p[:n]...)
		if p = p[n:]; len(w.buf) == cap(w.buf) {
			chunk := w.buf
			w.buf = nil
			w.queue(chunk)
		}
	}
}

func (w *Writer) queue(chunk []byte) {
	sp := w.spool
	if sp.broken.Load() || !sp.zone.disk.add(int64(cap(chunk)), func() { sp.write(chunk) }) {
		w.lose()
	}
}

// commitSpool has the file completed and published behind what is queued; until then the lock is held.
func (w *Writer) commitSpool(now int64) bool {
	if len(w.buf) > 0 {
		w.queue(w.buf)
	}
	if w.lost {
		w.Abort()
		return false
	}
	rest := *w // the caller's may be used again, or aborted
	w.spool, w.lost, w.marked = nil, true, false
	if !w.zone.disk.add(0, func() { rest.finishSpool(now) }) {
		rest.Abort()
		return false
	}
	return true
}

func (sp *spool) begin(head []byte) {
	f, err := sp.zone.create(sp.sum)
	if err != nil {
		sp.fail(err)
		return
	}
	sp.file = f
	if _, err := sp.zone.disk.write(f, head); err != nil {
		sp.fail(err)
	}
}

func (sp *spool) write(p []byte) {
	if sp.file == nil {
		return
	}
	if _, err := sp.zone.disk.write(sp.file, p); err != nil {
		sp.fail(err)
		return
	}
	sp.length += int64(len(p))
	sp.check = bodySum(sp.check, p)
}

func (sp *spool) fail(err error) {
	sp.zone.failed(err)
	sp.drop()
}

func (sp *spool) drop() {
	sp.broken.Store(true)
	if sp.file != nil {
		discard(sp.file)
		sp.file = nil
	}
}

// abort removes the file, behind what is queued.
func (sp *spool) abort() {
	sp.broken.Store(true)
	sp.zone.disk.add(0, sp.drop)
}

// finishSpool writes the header, publishes the file, and makes it the entry of its sum. It runs on the disk's goroutine.
func (w *Writer) finishSpool(now int64) {
	z, sp, e := w.zone, w.spool, w.entry
	w.spool = nil
	size, ok := sp.publish(e)
	if !ok {
		w.untake()
		return
	}
	s := z.shard(&sp.sum)
	s.mu.Lock()
	n := z.node(s, sp.sum, w.main, now)
	var woken *waiter
	if n != nil {
		n.saving, n.failed = nil, 0
		z.warmUp(s, n, e)
		z.setSize(n, size)
		woken = w.fill(n)
	}
	s.mu.Unlock()
	woken.wakeAll()
	if n == nil {
		_ = os.Remove(fileName(z.path, z.levels, sp.sum))
		e.Release()
		w.untake()
	}
}

// publish completes the file of an entry and opens it for responses.
func (sp *spool) publish(e *Entry) (size int64, ok bool) {
	if sp.file == nil {
		return 0, false
	}
	e.length = sp.length
	h := e.header(sp.check)
	_, err := sp.file.WriteAt(h.append(nil), 0)
	if err == nil {
		e.file, err = dup(sp.file)
	}
	if err == nil {
		size, err = sp.zone.publish(sp.file, sp.sum)
	}
	if err != nil {
		if e.file != nil {
			e.file.Release()
		}
		sp.fail(err)
		return 0, false
	}
	_ = sp.file.Close()
	return size, true
}
