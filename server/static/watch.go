package static

// Hot: current runs for every request that the cache answers; no allocation, no map, no defer, no lock.

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
)

// watcher tells of changes on disk (inotify), so that an entry of a cache is not trusted past one. There is one for the process;
// where there is none, and for what it cannot see, entries are trusted for Options.Revalidate alone.
//
// It holds a tree of the names that paths went through, each directory of which is watched:
//
//	/ ── srv ── www ─┬─ index.html      an entry holds the node of its file, of what was looked for in vain,
//	                 └─ current ──▶     and of each symbolic link on the way
//
// An event about a name makes its node stale, with all that is below it, and takes it out of the tree: the entries that hold
// one are made anew when they are asked for. The same goes for all nodes when the kernel has lost events.
//
// # Nobody sees the old file who asked after the change
//
// The kernel queues the event before the change returns to who makes it, and puts the descriptor behind the list of what is
// ready at each reactor. A request that is sent later comes behind it there, so its reactor reads the events first; where that
// order does not hold (loop.Reactor.Late), it reads before it trusts an entry, at the price of one system call. Otherwise none
// is spent. When another reactor was first, the descriptor is empty already, and the nodes may not be marked yet:
//
//	reading > 0  from before a read of the descriptor until all that it told is marked; nothing is trusted meanwhile
//
// And an entry cannot miss a change while it is made: the names are watched before the file is opened.
//
// # What it cannot see
//
// Stores into a mapped file, writes under another hard link of it, mounts, other machines' changes of a network file system,
// directories that may be passed but not read, more than maxWatches of them or than fs.inotify.max_user_watches.
type watcher struct {
	fd      int
	reading atomic.Int32
	_       [48]byte // reactors read the above, workers write the below

	adding  sync.RWMutex // held for reading from a watch is added until it is in dirs, for writing while watches are removed
	mu      sync.Mutex   // guards the rest, and the nodes; taken last, and held for no wait
	root    *node
	dirs    map[int32]*node // by number of the watch; see node.twin
	unused  []int32         // watches that nothing needs
	count   int             // nodes
	sweepAt int             // of count
	buf     []byte
}

// node is one name in the tree of a watcher. It is not used again once it is stale.
type node struct {
	parent   *node
	name     string
	kind     nodeKind
	watch    int32  // number, noWatch or triedWatch
	tried    uint32 // when the watch failed, in seconds of now
	twin     *node  // the next one of the same directory, by another name
	children map[string]*node
	stale    atomic.Bool
	held     atomic.Int32 // entries, and walks that pass
}

type nodeKind uint8

const (
	unknown nodeKind = iota
	other            // a file, or nothing
	directory
	link
)

// noWatch stands for the watch of a node that has none, and triedWatch for one that it could not have when it was tried last.
const (
	noWatch    = -1
	triedWatch = -2
)

// begun is what the seconds of node.tried count from.
var begun = time.Now()

func now() uint32 { return uint32(time.Since(begun) / time.Second) }

// wanted tells whether a directory is to be watched: it never was, or it could not be for a while, and the limit may have been raised
// or the directory been opened since. The caller holds the watcher's mu.
func (d *node) wanted() bool {
	return d.watch == noWatch || d.watch == triedWatch && now()-d.tried >= watchAgain
}

// shared is the watcher of the process, nil where there is none. It is opened with the first tree of files.
var shared = sync.OnceValue(func() *watcher {
	w, err := openWatcher()
	if err != nil {
		return nil
	}
	return w
})

func newTree(fd int) *watcher {
	w := &watcher{fd: fd, dirs: map[int32]*node{}, sweepAt: sweepMin, buf: make([]byte, eventBuffer)}
	w.root = &node{kind: directory, watch: noWatch, children: map[string]*node{}}
	return w
}

// current tells whether nothing that an entry of c depends on has changed. Only the reactor of c may call it.
func (w *watcher) current(c *cache, t pipeline.Transport, seen []*node) bool {
	if c.reactor == nil {
		w.attach(c, t)
	}
	if c.reactor == nil || c.reactor.Late() {
		w.catchUp(c.reactor)
	}
	if w.reading.Load() != 0 {
		return false
	}
	for _, n := range seen {
		if n.stale.Load() {
			return false
		}
	}
	return true
}

// attach has the reactor of c told of events.
func (w *watcher) attach(c *cache, t pipeline.Transport) {
	carrier, ok := t.(interface{ Reactor() *loop.Reactor })
	if !ok {
		return
	}
	r := carrier.Reactor()
	if err := r.Watch(w.fd, w.read); err == nil {
		r.SetLate(true)
		c.reactor = r
	}
}

// catchUp reads what has happened up to now. r is nil when the reactor is not known.
func (w *watcher) catchUp(r *loop.Reactor) {
	w.read()
	if r != nil {
		r.SetLate(false)
	}
}

// changed marks what an event tells of: a name in the directory of a watch, or with no name the directory itself. The caller
// holds mu.
func (w *watcher) changed(watch int32, name []byte) {
	for d := w.dirs[watch]; d != nil; d = d.twin {
		if len(name) == 0 {
			w.drop(d)
		} else if n := d.children[string(name)]; n != nil {
			w.drop(n)
		}
	}
}

// lost marks everything. The caller holds mu.
func (w *watcher) lost() {
	for _, n := range w.root.children {
		w.drop(n)
	}
}

// drop makes a node stale with all below it, and takes it out of the tree. The caller holds mu.
func (w *watcher) drop(n *node) {
	if n == w.root {
		w.lost()
		return
	}
	delete(n.parent.children, n.name)
	w.fade(n)
}

func (w *watcher) fade(n *node) {
	if n.stale.Swap(true) { // a directory may be its own twin's parent
		return
	}
	w.forget(n)
	for _, child := range n.children {
		w.fade(child)
	}
	n.children = nil
}

// forget takes a node out of the count and gives up its watch. The caller holds mu.
func (w *watcher) forget(n *node) {
	w.count--
	if n.watch < 0 {
		return
	}
	first := w.dirs[n.watch]
	switch {
	case first != n:
		for ; first.twin != n; first = first.twin {
		}
		first.twin = n.twin
	case n.twin != nil:
		w.dirs[n.watch] = n.twin
	default:
		delete(w.dirs, n.watch)
		w.unused = append(w.unused, n.watch)
	}
}

// sweep drops the nodes that nobody holds any more, of n and below, and tells whether n is one. The caller holds mu.
func (w *watcher) sweep(n *node) bool {
	for name, child := range n.children {
		if w.sweep(child) {
			delete(n.children, name)
			child.stale.Store(true)
			w.forget(child)
		}
	}
	return len(n.children) == 0 && n.held.Load() == 0
}
