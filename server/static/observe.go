package static

import "strings"

// observe has the names that a path goes through watched, symbolic links followed, and appends the nodes that its entry depends
// on to seen; release gives them back. What happens to any of them from now on makes one of the nodes stale. The path is
// absolute. It waits for the disk: workers only.
func (w *watcher) observe(path string, seen []*node) []*node {
	for links := 0; ; links++ {
		var kind nodeKind
		var at int
		seen, kind, at = w.walk(path, seen)
		if kind != link || links == maxLinks {
			return seen
		}
		target := readLink(path[:at])
		if target == "" { // it changed, so the node will be stale
			return seen
		}
		if target[0] != '/' {
			target = path[:strings.LastIndexByte(path[:at], '/')+1] + target
		}
		path = target + path[at:]
	}
}

// walk follows a path to the first name that is no directory, or to its end, and appends that node to seen, held, behind the
// directories that the path climbs from. It returns what it is, and where its name ends in the path.
func (w *watcher) walk(path string, seen []*node) (_ []*node, kind nodeKind, at int) {
	n, kind := w.root, directory
	n.held.Add(1)
	for {
		name, next := nextName(path, at)
		if name == "" || kind != directory {
			return append(seen, n), kind, at
		}
		if name == ".." {
			up := n.parent
			if up == nil {
				up = w.root
			}
			up.held.Add(1)
			seen = append(seen, n)
			n, at = up, next
			continue
		}
		child, is := w.step(n, name, path[:at], path[:next])
		n.held.Add(-1)
		n, kind, at = child, is, next
	}
}

// nextName returns the name that follows in a path, empty at its end, and where it ends.
func nextName(path string, at int) (name string, end int) {
	for at < len(path) {
		if end = strings.IndexByte(path[at:], '/'); end < 0 {
			end = len(path)
		} else {
			end += at
		}
		if name = path[at:end]; name != "" && name != "." {
			return name, end
		}
		at = end + 1
	}
	return "", len(path)
}

// step returns the node of a name in the directory d, held, and what it is. dir and path are the paths of both.
func (w *watcher) step(d *node, name, dir, path string) (n *node, kind nodeKind) {
	if dir == "" {
		dir = "/"
	}
	w.mu.Lock()
	n = d.children[name]
	fresh := n == nil
	if fresh {
		n = w.child(d, name)
	}
	n.held.Add(1)
	kind = n.kind
	unwatched := d.wanted()
	w.mu.Unlock()
	if unwatched {
		w.add(d, dir)
		kind = unknown
	}
	if kind == unknown { // looked at when its directory is watched: what comes later is told
		kind = kindOf(path)
		w.mu.Lock()
		n.kind = kind
		w.mu.Unlock()
	}
	if fresh {
		w.tidy()
	}
	return n, kind
}

// child makes a node. One in a directory that is stale is so as well. The caller holds mu.
func (w *watcher) child(d *node, name string) *node {
	n := &node{parent: d, name: strings.Clone(name), watch: noWatch}
	if d.stale.Load() {
		n.stale.Store(true)
		return n
	}
	if d.children == nil {
		d.children = map[string]*node{}
	}
	d.children[n.name] = n
	w.count++
	return n
}

// add watches a directory. One that is watched under another name already (a bind mount, or a move not told yet) is told of under both.
func (w *watcher) add(d *node, path string) {
	w.adding.RLock()
	defer w.adding.RUnlock()
	w.mu.Lock()
	full := len(w.dirs) >= maxWatches
	w.mu.Unlock()
	watch := int32(triedWatch)
	if !full {
		watch = w.addWatch(path)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case d.watch < 0 && !d.stale.Load():
		if d.watch = watch; watch < 0 {
			d.tried = now()
			return
		}
		d.twin, w.dirs[watch] = w.dirs[watch], d
		for _, n := range d.children { // nobody told what has become of them
			n.kind = unknown
		}
	case watch >= 0 && w.dirs[watch] == nil:
		w.unused = append(w.unused, watch)
	}
}

// tidy sweeps when there are many nodes, and removes the watches that nothing needs.
func (w *watcher) tidy() {
	w.mu.Lock()
	if w.count >= w.sweepAt {
		w.sweep(w.root)
		w.sweepAt = max(sweepMin, 2*w.count)
	}
	idle := len(w.unused) == 0
	w.mu.Unlock()
	// A watch that is being added may be one of those to remove. Nobody waits for who adds: its disk may hang.
	if idle || !w.adding.TryLock() {
		return
	}
	defer w.adding.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, watch := range w.unused {
		if w.dirs[watch] == nil {
			w.removeWatch(watch)
		}
	}
	w.unused = w.unused[:0]
}
