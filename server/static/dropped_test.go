//go:build linux

package static

import (
	"os"
	"runtime"
	"testing"
	"time"
)

// The files of a tree that nobody uses any more are closed: a reload leaves no descriptor behind.
func TestDroppedTreeClosesItsFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/f", []byte("f"), 0o644); err != nil {
		t.Fatal(err)
	}
	var seen []*node
	func() {
		f, err := New(Options{Root: dir})
		if err != nil {
			t.Fatal(err)
		}
		for shard := range 3 {
			e := f.load("/f")
			seen = append(seen, e.seen...)
			if f.cache(shard).hand(e); shard > 0 {
				f.cache(shard).lookup("/f") // out of the mailbox
			}
		}
		if n := opened(dir + "/f"); n != 3 {
			t.Errorf("%d descriptors of 3 caches", n)
		}
		runtime.KeepAlive(f)
	}()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		runtime.GC()
		left := opened(dir+"/f") + opened(dir)
		for _, n := range seen {
			left += int(n.held.Load())
		}
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d files and names are still held", left)
		}
	}
}

// opened counts the descriptors of this process that a file has.
func opened(path string) (n int) {
	list, _ := os.ReadDir("/proc/self/fd")
	for _, fd := range list {
		if name, _ := os.Readlink("/proc/self/fd/" + fd.Name()); name == path {
			n++
		}
	}
	return n
}
