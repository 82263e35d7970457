package cache

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// bodyOf reads the body of an entry, wherever it lies.
func bodyOf(e *Entry) string {
	if b, ok := e.Bytes(); ok {
		return string(b)
	}
	f, off := e.File()
	b := make([]byte, e.Len())
	n, _ := syscall.Pread(f.Fd(), b, off)
	return string(b[:max(n, 0)])
}

// TestTwoZonesOneDirectory is a reload: for a while two workers have the directory, each with an index of its own. Whatever one
// finds is an entry that one of them wrote, whole; and so is all that is left.
func TestTwoZonesOneDirectory(t *testing.T) {
	dir := t.TempDir()
	open := func() *Zone {
		z, err := Open(Config{Name: "c", KeysZone: 1 << 20, Path: dir, Levels: []int{1}, Inactive: century, MaxSize: 12 << 20, Memory: 4 << 20,
			Manager: Pace{Sleep: time.Millisecond}, Loader: Pace{Files: 2, Sleep: time.Millisecond}})
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	use := func(z *Zone, from, rounds int) {
		var r Request
		for i := range rounds {
			k := rand.IntN(24)
			key := fmt.Appendf(nil, "k%d", k)
			r.Reset(z, KeyOf(key), nil, 1)
			v := r.Lookup(ms)
			for v == NeedsOpen {
				r.Open(ms)
				v = r.Lookup(ms)
			}
			switch {
			case v == Hit && i%3 > 0:
				body := bodyOf(r.Entry())
				var n int
				_, _ = fmt.Sscanf(body, "%d\n", &n)
				if want := content(k, n); body != want {
					t.Errorf("key %d: %d bytes that are no version of it", k, len(body))
				}
			case i%50 == 49:
				z.Purge(string(key))
			default:
				if w := r.Begin(Meta{Valid: t0 + 1000}, []byte("head"), -1); w != nil {
					_, _ = io.Copy(writerFunc(func(p []byte) bool { return w.Write(p) }), strings.NewReader(content(k, from+i*24+k)))
					w.Commit(ms)
				}
			}
			r.Release()
		}
	}
	a := open()
	use(a, 0, 100)
	b := open()
	var both sync.WaitGroup
	for i, z := range []*Zone{a, b, a, b} {
		both.Go(func() { use(z, 10_000*i, 120) })
	}
	both.Wait()
	a.Close()
	use(b, 0, 100)
	b.Close()
	c := open()
	use(c, 0, 100)
	c.Close()
}

type writerFunc func(p []byte) bool

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}
