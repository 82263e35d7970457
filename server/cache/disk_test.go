package cache

import (
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// noSpace makes every write of a zone fail, until it is told otherwise.
func noSpace(z *Zone) (on *atomic.Bool) {
	on = new(atomic.Bool)
	on.Store(true)
	z.disk.wait()
	z.disk.mu.Lock() // the goroutine reads it behind this lock
	z.disk.write = func(f *os.File, p []byte) (int, error) {
		if on.Load() && len(p) > 10 {
			n, _ := f.Write(p[:10])
			return n, syscall.ENOSPC
		}
		return f.Write(p)
	}
	z.disk.mu.Unlock()
	return on
}

func TestDiskFull(t *testing.T) {
	for _, tt := range []struct {
		name    string
		memory  int64
		content string
		want    Verdict // after the disk said no
	}{
		{"memory, small", 0, "0123456789ab", Hit},
		{"memory, large", 0, large, Miss},
		{"disk, small", -1, "0123456789ab", Miss},
		{"disk, large", -1, large, Miss},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var logged []error
			z := open(t, func(c *Config) { c.Memory = tt.memory; c.Log = func(err error) { logged = append(logged, err) } })
			put(t, z, "k", nil, Meta{}, "old version", ms)
			on := noSpace(z)
			for range 3 {
				var r Request
				look(&r, z, "k", nil, ms)
				w := r.Begin(Meta{Valid: t0 + 60}, []byte("X-Head: k"), -1)
				for p := []byte(tt.content); len(p) > 0; p = p[min(len(p), 9999):] {
					w.Write(p[:min(len(p), 9999)])
				}
				w.Commit(ms)
				r.Release()
				z.disk.wait()
			}
			if len(logged) != 1 || !errors.Is(logged[0], syscall.ENOSPC) {
				t.Errorf("logged %v", logged)
			}
			if tt.content == large { // the old version was not touched
				want(t, z, "k", nil, ms, Hit, "old version")
			} else {
				want(t, z, "k", nil, ms, tt.want, tt.content)
				if names := files(t, z); len(names) != 0 {
					t.Errorf("files are left: %v", names)
				}
				if n := z.bytes.Load(); n != 0 {
					t.Errorf("%d bytes on disk", n)
				}
			}
			on.Store(false)
			put(t, z, "k", nil, Meta{}, tt.content, ms)
			z.disk.wait()
			want(t, z, "k", nil, ms, Hit, tt.content)
			if names := files(t, z); len(names) != 1 {
				t.Errorf("files: %v", names)
			}
		})
	}
}

// A disk that is too slow loses entries, not time or memory.
func TestFullQueue(t *testing.T) {
	for _, memory := range []int64{0, -1} {
		z := open(t, func(c *Config) { c.QueueBytes, c.Memory = 1<<20, memory })
		hold := make(chan struct{})
		z.disk.add(0, func() { <-hold })
		content := strings.Repeat("x", 400<<10)
		stored := 0
		for _, k := range []string{"a", "b", "c", "d", "e"} {
			var r Request
			look(&r, z, k, nil, ms)
			w := r.Begin(Meta{Valid: t0 + 60}, []byte("X-Head: "+k), int64(len(content)))
			w.Write([]byte(content))
			if w.Commit(ms) {
				stored++
			}
			r.Release()
		}
		var r Request
		look(&r, z, "large", nil, ms)
		w := r.Begin(Meta{Valid: t0 + 60}, nil, -1)
		if w.Write([]byte(large)) || w.Commit(ms) {
			t.Error("a large body was queued beyond the bound")
		}
		r.Release()
		if q := z.Stats().Queued; q > 1<<20 {
			t.Errorf("%d bytes wait", q)
		}
		close(hold)
		if want := map[int64]int{0: 5, -1: 2}[memory]; stored != want {
			t.Errorf("memory %d: %d were stored, want %d", memory, stored, want)
		}
		if n := len(files(t, z)); n != 2 {
			t.Errorf("%d files", n)
		}
	}
}

// Every truncation, and every byte that is another, makes a miss, and the file is removed.
func TestDamagedFiles(t *testing.T) {
	dir := t.TempDir()
	here := func(c *Config) { c.Path, c.Levels, c.Log = dir, nil, nil }
	z := open(t, here)
	put(t, z, "k", nil, Meta{Vary: []byte("x"), ETag: []byte("e")}, "the body of it", ms)
	name := files(t, z)[0]
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	z.Close()
	z = open(t, here)
	try := func(b []byte, v Verdict, what string, at int) {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		z.cold.Store(true) // the file is tried
		var r Request
		if got := look(&r, z, "k", nil, ms); got != v {
			t.Fatalf("%s at %d: verdict %d", what, at, got)
		}
		r.Release()
		z.Purge("k")
		z.purges.forget()
		if _, err := os.Stat(name); err == nil {
			t.Fatalf("%s at %d: the file is still there", what, at)
		}
	}
	for i := range whole {
		try(whole[:i], Miss, "cut", i)
		b := append([]byte(nil), whole...)
		b[i] ^= 0x10
		try(b, Miss, "flipped", i)
	}
	try(append(whole[:len(whole):len(whole)], 0), Miss, "longer", 0)
	try(whole, Hit, "whole", 0)
	if n := z.bytes.Load(); n != 0 {
		t.Errorf("%d bytes on disk, of no file", n)
	}
}

// What stands under the name of another key with the same sum is not served.
func TestSumsThatCollide(t *testing.T) {
	for _, memory := range []int64{0, -1} {
		z := open(t, func(c *Config) { c.Memory = memory })
		put(t, z, "k", nil, Meta{}, "of k", ms)
		for range 2 {
			var r Request
			r.Reset(z, Key{KeyOf([]byte("k")).Sum, []byte("other")}, nil, 1)
			if v := again(&r, ms); v != Miss {
				t.Fatal(v)
			}
			r.Release()
			want(t, z, "k", nil, ms, Hit, "of k")
			z.disk.wait()
			s := &z.shards[0]
			s.mu.Lock()
			for _, n := range s.nodes {
				z.cool(s, n)
			}
			s.mu.Unlock()
		}
	}
}

func FuzzHeader(f *testing.F) {
	e := newEntry([]byte("key"), Meta{Status: 200, Valid: t0, ETag: []byte("e"), Vary: []byte("v")}, Sum{1}, []byte("head"))
	e.length = 5
	h := e.header(7)
	f.Add(h.append(nil))
	f.Add(make([]byte, headerSize))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := parseHeader(b)
		if err != nil {
			return
		}
		if h.textLen() < 0 || h.textLen() > keyMax+etagMax+varyMax+headMax || h.fileLen() < headerSize {
			t.Fatalf("beyond the limits: %+v", h)
		}
		again, err := parseHeader(h.append(nil))
		if err != nil || again.bodyLen != h.bodyLen || again.meta.Valid != h.meta.Valid || again.variant != h.variant || again.textSum != h.textSum {
			t.Fatalf("%+v is read back as %+v, %v", h, again, err)
		}
	})
}

// What a full disk has lost comes to the disk when there is room again and somebody asks for it, with what is known of it by then.
func TestLostEntriesAreWrittenAgain(t *testing.T) {
	for _, renewed := range []bool{false, true} {
		dir := t.TempDir()
		here := func(c *Config) { c.Path, c.Log = dir, func(error) {} }
		z := open(t, here)
		on := noSpace(z)
		keys := []string{"a", "b", "c"}
		for _, k := range keys {
			put(t, z, k, nil, Meta{}, "content of "+k, ms)
			z.disk.wait()
		}
		now := int64(ms)
		for _, full := range []bool{true, false} {
			on.Store(full)
			now += verifyEvery + 1
			for i, k := range keys { // one is tried in a while, however many ask
				want(t, z, k, nil, now, Hit, "content of "+k)
				want(t, z, k, nil, now, Hit, "content of "+k)
				if n := len(files(t, z)); n != 0 && (full || n != i+1) {
					t.Fatalf("full %v: %d files when %q was asked for", full, n, k)
				}
				now += rewriteEvery
			}
		}
		if renewed {
			var r Request
			look(&r, z, "a", nil, now)
			r.Refresh(Meta{Valid: t0 + 100, Date: t0}, nil)
			r.Release()
			now = ms + 99_000
		}
		if n := len(files(t, z)); n != len(keys) {
			t.Errorf("%d files", n)
		}
		if n := z.bytes.Load(); n != int64(len(keys))*z.block {
			t.Errorf("%d bytes on disk", n)
		}
		z.Close()
		z = open(t, here)
		want(t, z, "a", nil, now, Hit, "content of a")
	}
}

// A zone that keeps everything in memory has nothing to write, and one whose entries have files writes them once.
func TestNothingIsWrittenTwice(t *testing.T) {
	for _, path := range []bool{true, false} {
		z := open(t, func(c *Config) {
			if !path {
				c.Path = ""
			}
		})
		put(t, z, "a", nil, Meta{}, "content", ms)
		z.disk.wait()
		var writes atomic.Int32
		z.disk.mu.Lock()
		z.disk.write = func(f *os.File, p []byte) (int, error) { writes.Add(1); return f.Write(p) }
		z.disk.mu.Unlock()
		for i := range 3 {
			want(t, z, "a", nil, ms+int64(i)*(verifyEvery+1), Hit, "content")
			z.disk.wait()
		}
		if n := writes.Load(); n != 0 {
			t.Errorf("path %v: %d writes", path, n)
		}
	}
}
