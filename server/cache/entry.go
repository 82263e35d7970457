package cache

// Hot: entries are handed out for every hit; no allocation, no map, no defer.

import (
	"sync/atomic"

	"github.com/wheelpit/wheelpit/pool"
)

// Meta is what a zone knows of a response. Times are in seconds since 1970 (UTC).
type Meta struct {
	// Status is the code of the response.
	Status int
	// Valid is the last second in which the response is fresh.
	Valid int64
	// Updating and Error are for how many seconds behind Valid it may be served stale while it is being updated, and when the
	// upstream fails (stale-while-revalidate and stale-if-error, RFC 5861).
	Updating, Error int64
	// Date is when it came from the upstream, or was last confirmed by it.
	Date int64
	// LastModified and ETag are its validators; -1 and empty for none. An ETag of more than 128 bytes is not kept.
	LastModified int64
	ETag         []byte
	// Vary is the value of its Vary, at most 128 bytes; see Freshness.
	Vary []byte
}

// Entry is a response that is kept. It is immutable. Any goroutine may read it, between the Lookup that returned it, or
// Acquire, and Release.
type Entry struct {
	meta    Meta
	variant Sum    // of Vary and the request that it answered
	text    []byte // key, ETag, Vary and head, one behind the other, as in the file
	key     string
	head    []byte
	body    []byte // in memory
	inMem   bool
	file    *pool.File // when not in memory
	offset  int64      // of the body in the file
	length  int64      // of the body
	refs    atomic.Int32
	derived atomic.Pointer[any]
}

// Meta returns what is known of the response. It must not be changed.
func (e *Entry) Meta() *Meta { return &e.meta }

// Head returns the head that was given to Begin. It must not be changed.
func (e *Entry) Head() []byte { return e.head }

// Len returns the length of the body in bytes.
func (e *Entry) Len() int64 { return e.length }

// Bytes returns the body of an entry in memory; ok is false for one in a file. It must not be changed.
func (e *Entry) Bytes() (body []byte, ok bool) { return e.body, e.inMem }

// File returns the open file of an entry that is not in memory, and where in it the body begins. Whoever sends it for longer than
// the Entry is held acquires the file.
func (e *Entry) File() (f *pool.File, offset int64) { return e.file, e.offset }

// Fresh tells whether the entry may be served without asking the upstream.
func (e *Entry) Fresh(now int64) bool { return e.meta.Valid >= now/1000 }

// Remaining returns for how many more seconds the entry is fresh; less than 0 when it is stale.
func (e *Entry) Remaining(now int64) int64 { return e.meta.Valid - now/1000 }

// Age returns the seconds since the upstream sent or confirmed the response (RFC 9111 section 5.1).
func (e *Entry) Age(now int64) int64 { return max(now/1000-e.meta.Date, 0) }

// Derived returns what SetDerived left here, nil when nothing.
func (e *Entry) Derived() any {
	if p := e.derived.Load(); p != nil {
		return *p
	}
	return nil
}

// SetDerived leaves with the entry what the caller made of its head (fields that were parsed, a block that is ready to be sent), for
// whoever gets the entry next. It is dropped with the entry, and not counted as memory: it should be no larger than the head.
func (e *Entry) SetDerived(v any) { e.derived.Store(&v) }

// Acquire takes a further reference. The caller must hold one.
func (e *Entry) Acquire() *Entry {
	e.refs.Add(1)
	return e
}

// Release gives a reference back.
func (e *Entry) Release() {
	if e.refs.Add(-1) == 0 && e.file != nil {
		e.file.Release()
	}
}

// memory is what the entry costs of the memory tier.
func (e *Entry) memory() int64 {
	if !e.inMem {
		return 0
	}
	return entryOverhead + int64(len(e.text)+len(e.body))
}

// newEntry makes an entry, still without a body, with one reference. Its fields are copied.
func newEntry(key []byte, m Meta, variant Sum, head []byte) *Entry {
	if len(m.ETag) > etagMax {
		m.ETag = nil
	}
	text := make([]byte, 0, len(key)+len(m.ETag)+len(m.Vary)+len(head))
	text = append(append(append(append(text, key...), m.ETag...), m.Vary...), head...)
	e := &Entry{meta: m, variant: variant}
	e.setText(text, len(key), len(m.ETag), len(m.Vary))
	e.refs.Store(1)
	return e
}

// setText takes the parts of an entry from its text, which is kept.
func (e *Entry) setText(text []byte, key, etag, vary int) {
	e.text, e.offset = text, headerSize+int64(len(text))
	e.key, text = string(text[:key]), text[key:]
	e.meta.ETag, text = text[:etag:etag], text[etag:]
	e.meta.Vary, text = text[:vary:vary], text[vary:]
	e.head = text
}

// withMeta returns another entry with the same content and validators, with one reference.
func (e *Entry) withMeta(m Meta) *Entry {
	c := &Entry{
		meta: m, variant: e.variant, text: e.text, key: e.key, head: e.head,
		body: e.body, inMem: e.inMem, offset: e.offset, length: e.length,
	}
	if e.file != nil {
		c.file = e.file.Acquire()
	}
	c.refs.Store(1)
	return c
}
