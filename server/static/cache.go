package static

// Hot: lookup runs for every request; no allocation, no lock unless a worker has left an entry.

import (
	"sync"
	"sync/atomic"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pool"
)

// entry is what a path came to. It is made on a worker and then belongs to one reactor's cache, whose goroutine alone may
// touch the fields under "reactor"; the others are immutable.
type entry struct {
	key      string
	status   int // 200; 301 for a directory without slash; or the status of an error
	file     *pool.File
	info     fileInfo
	etag     string
	ctype    string
	mtime    string // Last-Modified
	body     []byte // the content of a file of up to keptFile
	coding   [codings]*entry
	coded    bool    // some coding exists, so the response varies
	noRanges bool    // Options.MaxRanges
	noVary   bool    // and does not say so
	seen     []*node // what it depends on, see watcher

	// reactor
	block      []byte // ready-made response with keep-alive, its Date to be written
	headLen    int
	dateAt     int
	dateOf     int64 // the second that is in block
	checked    uint32
	uses       int
	used       uint32 // tick of the last use
	prev, next *entry // least recently used last
}

// size is what the entry costs of the memory budget.
func (e *entry) size() int {
	n := 512 + len(e.key) + len(e.body)
	if len(e.body) <= smallFile { // and once more in the block
		n += len(e.body)
	}
	for _, v := range e.coding {
		if v != nil {
			n += v.size()
		}
	}
	return n
}

// release gives the entry's files back. A response that still sends one holds a reference of its own.
func (e *entry) release() {
	for _, n := range e.seen {
		n.held.Add(-1)
	}
	e.seen = nil
	if e.file != nil {
		e.file.Release()
		e.file = nil
	}
	for _, v := range e.coding {
		if v != nil {
			v.release()
		}
	}
}

// cache is one reactor's entries by path, the most recently used first.
type cache struct {
	byPath map[string]*entry
	root   entry // sentinel of the list
	memory int
	limit  struct{ entries, memory int }
	rest   uint32 // ticks that an entry is kept without use; 0 for no bound

	reactor *loop.Reactor // whose it is, once it is told of changes
	arrived atomic.Bool   // mailbox is not empty
	mu      sync.Mutex    // guards mailbox
	mailbox []*entry      // made by workers
}

func newCache(entries, memory int) *cache {
	c := &cache{byPath: make(map[string]*entry)}
	c.limit.entries, c.limit.memory = entries, memory
	c.root.prev, c.root.next = &c.root, &c.root
	return c
}

// lookup returns the entry of a path, nil when there is none.
func (c *cache) lookup(path string) *entry {
	if c.arrived.Load() {
		c.collect()
	}
	e := c.byPath[path]
	if e != nil && c.root.next != e {
		c.unlink(e)
		c.link(e)
	}
	return e
}

// hand gives the cache an entry. Any goroutine may call it.
func (c *cache) hand(e *entry) {
	c.mu.Lock()
	c.mailbox = append(c.mailbox, e)
	c.mu.Unlock()
	c.arrived.Store(true)
}

func (c *cache) collect() {
	c.arrived.Store(false)
	c.mu.Lock()
	mail := c.mailbox
	c.mailbox = nil
	c.mu.Unlock()
	for _, e := range mail {
		c.insert(e)
	}
}

// insert takes an entry in the place of an older one of its path, and makes room for it. One that has no room even alone is
// not kept: it would drive out all others first.
func (c *cache) insert(e *entry) {
	if old := c.byPath[e.key]; old != nil {
		e.uses = old.uses
		c.remove(old)
	}
	if e.size() > c.limit.memory {
		e.release()
		return
	}
	e.used = e.checked
	c.expire(e.used)
	c.byPath[e.key] = e
	c.link(e)
	c.memory += e.size()
	for len(c.byPath) > c.limit.entries || c.memory > c.limit.memory {
		c.remove(c.root.prev)
	}
}

// expire drops the entries that nobody has used for long.
func (c *cache) expire(now uint32) {
	for last := c.root.prev; c.rest != 0 && last != &c.root && int32(now-last.used) > int32(c.rest); last = c.root.prev {
		c.remove(last)
	}
}

func (c *cache) remove(e *entry) {
	delete(c.byPath, e.key)
	c.unlink(e)
	c.memory -= e.size()
	e.release()
}

func (c *cache) link(e *entry) {
	e.prev, e.next = &c.root, c.root.next
	e.prev.next, e.next.prev = e, e
}

func (c *cache) unlink(e *entry) { e.prev.next, e.next.prev = e.next, e.prev }
