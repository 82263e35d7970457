package pool

import (
	"sync/atomic"

	"syscall"
)

// File is an open file that several responses may be sending at once. It is closed when the last reference is given
// back, so a file that was evicted from a cache or unlinked is still sent whole, and its descriptor is never reused
// under a response. Any goroutine may call its methods.
type File struct {
	fd   int
	refs atomic.Int32
}

// NewFile takes over fd with one reference, the caller's.
func NewFile(fd int) *File {
	f := &File{fd: fd}
	f.refs.Store(1)
	return f
}

// Fd returns the descriptor, valid while the caller holds a reference.
func (f *File) Fd() int { return f.fd }

// Acquire takes a further reference. The caller must hold one, or hold the cache that does.
func (f *File) Acquire() *File {
	if f.refs.Add(1) <= 1 {
		panic("pool: File acquired after its last release")
	}
	return f
}

// Release gives one reference back and closes the descriptor with the last.
func (f *File) Release() {
	switch n := f.refs.Add(-1); {
	case n == 0:
		_ = syscall.Close(f.fd)
		f.fd = -1
	case n < 0:
		panic("pool: File released twice")
	}
}
