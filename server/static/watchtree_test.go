//go:build linux

package static

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// newWatcher is a watcher of a tree of its own, with the tree's directory.
func newWatcher(t *testing.T) (*watcher, string) {
	t.Helper()
	w, err := openWatcher()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(w.fd) })
	dir := t.TempDir()
	check(t, os.MkdirAll(dir+"/a/b", 0o755))
	check(t, os.WriteFile(dir+"/a/b/f", []byte("f"), 0o644))
	return w, dir
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func staleAny(seen []*node) bool {
	for _, n := range seen {
		if n.stale.Load() {
			return true
		}
	}
	return false
}

// Events concern those whose path goes through the name, and nobody else.
func TestWatchedNames(t *testing.T) {
	w, dir := newWatcher(t)
	check(t, os.Symlink("a/b", dir+"/link"))
	check(t, os.Symlink("../../a/b/f", dir+"/a/b/self"))
	paths := []string{"/a/b/f", "/a/b/none", "/a", "/a/none/f", "/link/f", "/a/b/self", "/a/b/f/", "//a/./b//f"}
	all := func() (seen [][]*node) {
		w.read()
		for _, p := range paths {
			seen = append(seen, w.observe(dir+p, nil))
		}
		return seen
	}
	for _, c := range []struct {
		name   string
		change func() error
		stale  string // one letter for each path
	}{
		{"nothing", func() error { return nil }, "--------"},
		{"another name", func() error { return os.WriteFile(dir+"/a/b/g", nil, 0o644) }, "--------"},
		{"a file", func() error { return os.WriteFile(dir+"/a/b/f", []byte("g"), 0o644) }, "x---xxxx"},
		{"touched", func() error { return os.Chtimes(dir+"/a/b/f", time.Time{}, time.Unix(1, 0)) }, "x---xxxx"},
		{"created", func() error { return os.WriteFile(dir+"/a/b/none", nil, 0o644) }, "-x------"},
		{"the link", func() error { return os.Rename(dir+"/link", dir+"/link2") }, "----x---"},
		{"a directory's mode", func() error { return os.Chmod(dir+"/a/b", 0o700) }, "xx---xxx"},
		{"a directory", func() error { return os.Rename(dir+"/a/b", dir+"/c") }, "xx---xxx"},
		{"one above", func() error { return os.Rename(dir+"/a", dir+"/d") }, "xxxx-xxx"},
	} {
		seen := all()
		check(t, c.change())
		w.read()
		got := make([]byte, len(seen))
		for i, nodes := range seen {
			if got[i] = '-'; staleAny(nodes) {
				got[i] = 'x'
			}
			(&entry{seen: nodes}).release()
		}
		if string(got) != c.stale {
			t.Errorf("%s: stale %s, want %s of %q", c.name, got, c.stale, paths)
		}
	}
}

// When the kernel has lost events, everything is looked at again.
func TestWatchOverflow(t *testing.T) {
	w, dir := newWatcher(t)
	others := [2]string{dir + "/a/b/x", dir + "/a/b/y"}
	for _, name := range others {
		check(t, os.WriteFile(name, nil, 0o644))
	}
	seen := w.observe(dir+"/a/b/f", nil)
	for i := range 40000 { // fs.inotify.max_queued_events: 16384; equal events in a row are one
		check(t, os.Chmod(others[i%2], 0o600))
	}
	check(t, os.WriteFile(dir+"/a/b/f", []byte("g"), 0o644))
	w.read()
	if !staleAny(seen) {
		t.Error("the change was not seen")
	}
	fresh := w.observe(dir+"/a/b/f", nil)
	w.mu.Lock()
	w.events([]byte{0xff, 0xff, 0xff, 0xff, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) // wd -1, IN_Q_OVERFLOW
	w.mu.Unlock()
	if !staleAny(fresh) {
		t.Error("an overflow leaves entries trusted")
	}
	w.events([]byte{1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0}) // a name that is not all there
}

// Names that nothing holds are dropped, and their watches with them.
func TestWatchesAreDropped(t *testing.T) {
	w, dir := newWatcher(t)
	held := w.observe(dir+"/a/b/f", nil)
	before := len(w.dirs)
	for i := range 300 {
		d := filepath.Join(dir, fmt.Sprint(i))
		check(t, os.Mkdir(d, 0o755))
		(&entry{seen: w.observe(d+"/x", nil)}).release()
	}
	if n := len(w.dirs); n < before+300 {
		t.Fatalf("%d watches of 300 more directories", n)
	}
	w.mu.Lock()
	w.sweepAt = 0
	w.mu.Unlock()
	(&entry{seen: w.observe(dir+"/new", nil)}).release()
	if n := len(w.dirs); n != before || len(w.unused) != 0 {
		t.Errorf("%d watches and %d to be removed are left, want %d", n, len(w.unused), before)
	}
	if w.count > 20 {
		t.Errorf("%d names are left", w.count)
	}
	check(t, os.WriteFile(dir+"/a/b/f", []byte("g"), 0o644))
	if w.read(); !staleAny(held) {
		t.Error("what is held is not watched any more")
	}
}

// A directory that is named anew is watched anew, though the kernel has one watch for it.
func TestDirectoryWatchedAgain(t *testing.T) {
	w, dir := newWatcher(t)
	for i := range 20 {
		seen := w.observe(dir+"/a/b/f", nil)
		check(t, os.WriteFile(dir+"/a/b/f", []byte{byte(i)}, 0o644))
		if w.read(); !staleAny(seen) {
			t.Fatalf("round %d: the change was not seen", i)
		}
		(&entry{seen: seen}).release()
		check(t, os.Chmod(dir+"/a/b", 0o755)) // drops the directory, not the kernel's watch
		w.read()
	}
}

// Beyond the bound, and where a directory cannot be watched, names are not told of, and nothing else.
func TestUnwatchable(t *testing.T) {
	w, dir := newWatcher(t)
	for i := range maxWatches {
		w.dirs[int32(-10-i)] = &node{}
	}
	if seen := w.observe(dir+"/a/b/f", nil); len(seen) != 1 || staleAny(seen) {
		t.Errorf("%d nodes, stale: %v", len(seen), staleAny(seen))
	}
}

// A path that climbs depends on the directory that it climbs from.
func TestClimbingPath(t *testing.T) {
	w, dir := newWatcher(t)
	check(t, os.WriteFile(dir+"/a/g", []byte("g"), 0o644))
	seen := w.observe(dir+"/a/b/../g", nil)
	check(t, os.Rename(dir+"/a/b", dir+"/b"))
	if w.read(); !staleAny(seen) {
		t.Error("the directory has gone, and nobody knows")
	}
	(&entry{seen: seen}).release()
	if n := held(w.root); n != 0 {
		t.Errorf("%d names are held", n)
	}
}

// held counts the holders of a node and those below it.
func held(n *node) int32 {
	sum := n.held.Load()
	for _, child := range n.children {
		sum += held(child)
	}
	return sum
}

// A directory that could not be watched is tried again after a while, and what stands in it is looked at anew; not at each request.
func TestWatchedLater(t *testing.T) {
	w, dir := newWatcher(t)
	for i := range maxWatches {
		w.dirs[int32(-10-i)] = &node{}
	}
	(&entry{seen: w.observe(dir+"/a/b/new/f", nil)}).release()
	clear(w.dirs) // now there is room
	check(t, os.MkdirAll(dir+"/a/b/new", 0o755))
	check(t, os.WriteFile(dir+"/a/b/new/f", []byte("f"), 0o644))
	observe := func() (changed bool) {
		seen := w.observe(dir+"/a/b/new/f", nil)
		defer (&entry{seen: seen}).release()
		check(t, os.WriteFile(dir+"/a/b/new/f", []byte("g"), 0o644))
		w.read()
		return staleAny(seen)
	}
	if observe() {
		t.Error("the watches were tried again at once")
	}
	for _, n := range w.unwatched(w.root, nil) {
		n.tried -= watchAgain
	}
	if !observe() {
		t.Error("the change was not seen")
	}
}

// unwatched returns the nodes below n whose watch failed.
func (w *watcher) unwatched(n *node, list []*node) []*node {
	if n.watch == triedWatch {
		list = append(list, n)
	}
	for _, child := range n.children {
		list = w.unwatched(child, list)
	}
	return list
}

// A loop of links ends.
func TestLinkLoop(t *testing.T) {
	w, dir := newWatcher(t)
	check(t, os.Symlink("loop", dir+"/loop"))
	if seen := w.observe(dir+"/loop/x", nil); len(seen) != maxLinks+1 {
		t.Errorf("%d nodes", len(seen))
	}
}

// A directory that is watched under two names, as one that was moved and of which that is not told yet, is told of under both.
func TestDirectoryOfTwoNames(t *testing.T) {
	w, dir := newWatcher(t)
	check(t, os.Mkdir(dir+"/c", 0o755))
	w.observe(dir+"/a/b/f", nil)
	check(t, os.Rename(dir+"/a/b", dir+"/c/b"))
	seen := w.observe(dir+"/c/b/f", nil) // before anybody has read that it was moved
	for w.read(); staleAny(seen); w.read() {
		seen = w.observe(dir+"/c/b/f", nil)
	}
	check(t, os.WriteFile(dir+"/c/b/f", []byte("new"), 0o644))
	if w.read(); !staleAny(seen) {
		t.Error("a change under the new name is not told")
	}
}
