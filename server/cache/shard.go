package cache

// Hot: every lookup takes a shard's lock; nothing is allocated or waited for under it, unless a key is new.

import "sync"

// node is the place of a sum in the index. Its shard's lock guards it.
type node struct {
	sum  Sum
	main Sum    // of the key; another than sum for a secondary entry
	key  string // empty while there is no entry

	entry  *Entry // nil when cold
	exists bool   // there is an entry, in memory or on disk
	size   int64  // on disk, in bytes of whole blocks; 0 when it has no file
	saving *Entry // waits for the disk and is nowhere else: not to be cooled

	uses     int   // for min_uses
	expires  int64 // ms; when nobody asks
	checked  int64 // ms; the file was there
	updating bool  // somebody fills it
	token    uint64
	lockEnd  int64 // ms; the age of the lock, 0 for none
	waiters  waitList

	failed      int   // status that was cached without a response
	failedValid int64 // seconds

	used list // all nodes of the shard, by use
	warm list // those with an entry
}

// list is a link of an intrusive, doubly linked ring; n is nil in its root.
type list struct {
	prev, next *list
	n          *node
}

func (l *list) init() { l.prev, l.next = l, l }

func (l *list) pushFront(x *list) {
	x.prev, x.next = l, l.next
	x.prev.next, x.next.prev = x, x
}

func (l *list) remove() {
	if l.prev != nil {
		l.prev.next, l.next.prev = l.next, l.prev
		l.prev, l.next = nil, nil
	}
}

// touch moves x to the front of the ring l.
func (l *list) touch(x *list) {
	if l.next != x {
		x.remove()
		l.pushFront(x)
	}
}

// busy tells whether the node must stay in the index.
func (n *node) busy() bool { return n.updating || n.waiters.first != nil }

// shard is a part of a zone's index.
type shard struct {
	mu     sync.Mutex
	nodes  map[Sum]*node
	used   list // most recently used first
	warm   list
	memory int64 // of warm entries
	files  int   // open
	doomed map[Sum]int

	rewritten int64 // ms; when an entry that the disk had no room for was queued again

	limit struct {
		keys, files int
		memory      int64
	}
	_ [64]byte
}

func (s *shard) init() {
	s.nodes, s.doomed = make(map[Sum]*node), make(map[Sum]int)
	s.used.init()
	s.warm.init()
}

// shard returns the part of the index that a sum is in.
func (z *Zone) shard(sum *Sum) *shard { return &z.shards[int(sum[0])&(len(z.shards)-1)] }

// node returns the node of a sum, a new one when there is none; nil when there is no room and all are in use. The caller holds
// the lock.
func (z *Zone) node(s *shard, sum, main Sum, now int64) *node {
	n := s.nodes[sum]
	if n == nil {
		if len(s.nodes) >= s.limit.keys && !z.makeRoom(s, now) {
			return nil
		}
		n = &node{sum: sum, main: main}
		n.used.n, n.warm.n = n, n
		s.nodes[sum] = n
	}
	z.use(s, n, now)
	return n
}

// use makes n the most recently used one.
func (z *Zone) use(s *shard, n *node, now int64) {
	n.expires = now + z.inactive.Load()
	s.used.touch(&n.used)
	if n.entry != nil {
		s.warm.touch(&n.warm)
	}
}

// makeRoom removes the least recently used node that is not in use. The caller holds the lock.
func (z *Zone) makeRoom(s *shard, now int64) bool {
	z.full.Store(true)
	for range forcedTries {
		l := s.used.prev
		if l.n == nil {
			return false
		}
		if !l.n.busy() {
			z.remove(s, l.n)
			return true
		}
		z.passOver(s, l.n, now)
	}
	return false
}

// passOver makes a node that is in use the most recently used one; see NGINX's "ignore long locked inactive cache entry".
func (z *Zone) passOver(s *shard, n *node, now int64) {
	n.expires = now + z.inactive.Load()
	s.used.touch(&n.used)
}

// remove takes a node out of the index, and has its file removed. The caller holds the lock.
func (z *Zone) remove(s *shard, n *node) {
	z.clear(s, n)
	n.used.remove()
	delete(s.nodes, n.sum)
}

// clear forgets a node's entry and has its file removed. The caller holds the lock.
func (z *Zone) clear(s *shard, n *node) {
	z.cool(s, n)
	n.saving = nil
	n.exists, n.key = false, ""
	if n.size > 0 {
		z.bytes.Add(-n.size)
		n.size = 0
		z.doom(s, n.sum)
	}
}

// doom has the file of a sum removed; until it is, it is not opened. The caller holds the lock.
func (z *Zone) doom(s *shard, sum Sum) {
	s.doomed[sum]++
	z.disk.add(0, func() { z.unlink(s, sum) })
}

// warmUp gives a node an entry, with the caller's reference to it, and cools others when there are too many. The caller holds the
// lock.
func (z *Zone) warmUp(s *shard, n *node, e *Entry) {
	z.cool(s, n)
	n.entry, n.exists, n.key = e, true, e.key
	s.warm.pushFront(&n.warm)
	s.memory += e.memory()
	if e.file != nil {
		s.files++
	}
	for l := s.warm.prev; l != s.warm.next && (s.memory > s.limit.memory || s.files > s.limit.files); {
		at := l.n
		l = l.prev
		z.coolDown(s, at)
	}
}

// coolDown drops what is warm of a node, unless it is only there for now. One without a file goes altogether.
func (z *Zone) coolDown(s *shard, n *node) {
	switch {
	case n.saving != nil:
	case n.size > 0:
		z.cool(s, n)
	case n.busy():
	default:
		z.remove(s, n)
	}
}

// cool gives a node's entry back. The caller holds the lock; closing a file that nobody sends is all it can wait for.
func (z *Zone) cool(s *shard, n *node) {
	e := n.entry
	if e == nil {
		return
	}
	n.entry = nil
	n.warm.remove()
	s.memory -= e.memory()
	if e.file != nil {
		s.files--
	}
	e.Release()
}

// setSize notes what a node's file takes on disk. The caller holds the lock.
func (z *Zone) setSize(n *node, size int64) {
	total := z.bytes.Add(size - n.size)
	if size > n.size && total > z.config.Load().MaxSize {
		select {
		case z.kick <- struct{}{}:
		default:
		}
	}
	n.size = size
}
