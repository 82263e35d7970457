package loop

// Hot: every response passes here; no allocation, no map, no defer.

import "github.com/wheelpit/wheelpit/pool"

// The functions of this file are for the owner of the connection: the reactor that runs one of its callbacks, or the
// worker it is lent to. They only queue; a reactor sends everything that an event queued in one go when the event is
// over, a worker calls Flush.

// Reserve returns the open end of the out queue, a slice with room for at least n more bytes. The caller appends to it
// and hands it back to Commit before any other call on c. Nothing is queued without the Commit.
func (c *Conn) Reserve(n int) []byte {
	q := c.openQueue()
	if s := q.last(); s != nil && cap(s.buf)-len(s.buf) >= n {
		return s.buf
	}
	r := c.r
	if c.lent() {
		q.push(segment{kind: segOwned, buf: r.shared.Get(n)})
	} else if !r.scratchUsed && n <= scratchSize {
		r.scratchUsed = true
		q.push(segment{kind: segScratch, buf: r.scratch[:0]})
	} else {
		q.push(segment{kind: segOwned, buf: r.mem.Get(max(n, 4096))})
	}
	return q.last().buf
}

// Commit queues what was appended to the slice that Reserve returned.
func (c *Conn) Commit(b []byte) {
	q := c.q
	s := q.last()
	q.bytes += int64(len(b) - len(s.buf))
	s.buf = b
}

// Write queues a copy of p.
func (c *Conn) Write(p []byte) { c.Commit(append(c.Reserve(len(p)), p...)) }

// WriteBorrowed queues p without copying it. p must stay as it is until the event is over (on a worker: until Flush
// returns); what the kernel has not taken by then is copied.
func (c *Conn) WriteBorrowed(p []byte) {
	if len(p) > 0 {
		c.openQueue().push(segment{kind: segBorrowed, buf: p})
	}
}

// WriteStatic queues p without copying it, ever: p must never change.
func (c *Conn) WriteStatic(p []byte) {
	if len(p) > 0 {
		c.openQueue().push(segment{kind: segStatic, buf: p})
	}
}

// WriteFile queues the bytes [off, off+n) of f and takes a reference of it. When the file turns out shorter, the
// connection is closed with ErrTruncated. A short range is copied, if that needs no disk: one send of head and content is
// cheaper than a send and a sendfile.
func (c *Conn) WriteFile(f *pool.File, off, n int64) {
	if n <= 0 {
		return
	}
	if n <= copyFile {
		b := c.Reserve(int(n))
		at := len(b)
		if got, errno := readCached(f.Fd(), b[at:at+int(n)], off); errno == 0 && int64(got) == n {
			c.Commit(b[:at+int(n)])
			return
		}
	}
	c.openQueue().push(segment{kind: segFile, file: f.Acquire(), off: off, end: off + n})
}

// WriteSpilled queues the bytes [off, off+n) of f, a file that grows while it is sent: a range that goes on where the last
// one ends becomes one with it. It takes a reference of f when it must.
func (c *Conn) WriteSpilled(f *pool.File, off, n int64) {
	q := c.openQueue()
	if k := len(q.segs); k > 0 {
		if s := &q.segs[k-1]; s.kind == segFile && s.file == f && s.end == off {
			s.end += n
			q.bytes += n
			return
		}
	}
	q.push(segment{kind: segFile, file: f.Acquire(), off: off, end: off + n})
}

// Queued returns the number of bytes that wait to be sent.
func (c *Conn) Queued() int64 {
	if c.q == nil {
		return 0
	}
	return c.q.bytes
}

// Sent returns the number of bytes that the kernel has taken since the connection began; Enqueued counts those that wait as well.
// What is queued when Enqueued is n has left when Sent is n, or more. The owner of c may call them.
func (c *Conn) Sent() int64 { return c.taken }

// Enqueued returns the number of bytes that were queued so far; see Sent.
func (c *Conn) Enqueued() int64 { return c.taken + c.Queued() }

// openQueue returns c's queue, taking one when there is none, and sees to it that the reactor sends it.
func (c *Conn) openQueue() *queue {
	if c.lent() {
		if c.q == nil {
			c.q = c.r.sharedQueues.get()
		}
		return c.q
	}
	if c.q == nil {
		c.q = c.r.queues.get()
	}
	if !c.dirty {
		c.dirty = true
		c.r.dirty = append(c.r.dirty, c)
	}
	return c.q
}

// closeQueue gives the queue back with all it holds.
func (c *Conn) closeQueue() {
	q := c.q
	if q == nil {
		return
	}
	c.q = nil
	if c.lent() {
		q.reset(c.r, c.r.shared)
		c.r.sharedQueues.put(q)
		return
	}
	q.reset(c.r, c.r.mem)
	c.r.queues.put(q)
}
