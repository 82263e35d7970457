package cache

import (
	"os"
	"testing"
	"time"
)

// Settle waits for the disk, but not for longer than it was told to.
func TestSettle(t *testing.T) {
	z := open(t, nil)
	if !z.Settle(0) {
		t.Error("a zone that has nothing to write is waited for")
	}
	goesOn := make(chan struct{})
	z.disk.mu.Lock() // the goroutine reads it behind this lock
	z.disk.write = func(f *os.File, p []byte) (int, error) {
		<-goesOn
		return f.Write(p)
	}
	z.disk.mu.Unlock()
	put(t, z, "k", nil, Meta{}, "content", ms)
	if z.Settle(time.Millisecond) {
		t.Error("a disk that hangs has written")
	}
	close(goesOn)
	if !z.Settle(20 * time.Second) {
		t.Error("the disk goes on, and was not waited for")
	}
	if names := files(t, z); len(names) != 1 {
		t.Errorf("files: %v", names)
	}
}
