package cache

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestInactiveEntriesAreRemoved(t *testing.T) {
	z := open(t, func(c *Config) { c.Inactive, c.Manager.Sleep = time.Minute, time.Hour })
	for i := range 3 {
		put(t, z, fmt.Sprint(i), nil, Meta{Valid: t0 + 1000}, "x", ms+int64(i)*1000)
	}
	want(t, z, "0", nil, ms+30_000, Hit, "x")
	z.disk.wait()
	tidy := func(now int64) { z.disk.add(0, func() { z.tidy(now) }) }
	tidy(ms + 61_500)
	if n := len(files(t, z)); n != 2 {
		t.Errorf("%d files", n)
	}
	want(t, z, "1", nil, ms+61_500, Miss, "")
	want(t, z, "2", nil, ms+61_500, Hit, "x")
	tidy(ms + 1_000_000)
	if n := len(files(t, z)); n != 0 || z.bytes.Load() != 0 {
		t.Errorf("%d files, %d bytes", n, z.bytes.Load())
	}
}

func TestLockedEntriesAreNotRemoved(t *testing.T) {
	logged := 0
	z := open(t, func(c *Config) {
		c.Log, c.Inactive, c.Manager.Sleep = func(error) { logged++ }, time.Hour, time.Hour
	})
	put(t, z, "k", nil, Meta{Valid: t0}, "x", ms)
	z.disk.wait()
	var r Request
	defer r.Release()
	if v := look(&r, z, "k", nil, ms+1000); v != Expired {
		t.Fatal(v)
	}
	z.disk.add(0, func() { z.tidy(ms + 10_000_000) })
	z.disk.wait()
	if len(files(t, z)) != 1 || logged != 1 {
		t.Errorf("removed, or %d messages", logged)
	}
}

// The files take no more than max_size, and those that were used last stay.
func TestMaxSize(t *testing.T) {
	z := open(t, func(c *Config) { c.MaxSize = 64 << 10; c.Manager.Sleep = time.Millisecond })
	for i := range 100 {
		put(t, z, fmt.Sprint(i), nil, Meta{}, "x", ms+int64(i))
		z.disk.wait()
	}
	for end := time.Now().Add(time.Minute); z.bytes.Load() > 64<<10; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d bytes", z.bytes.Load())
		}
	}
	n := len(files(t, z))
	if n == 0 || int64(n)*z.block > 64<<10 {
		t.Errorf("%d files", n)
	}
	want(t, z, "99", nil, ms, Hit, "x")
	want(t, z, "0", nil, ms, Miss, "")
}

// An entry that is being made stays; that there is nothing else to remove is no reason to look for it again and again, or to tell.
func TestNothingToRemove(t *testing.T) {
	logged := 0
	z := open(t, func(c *Config) { c.Log, c.Manager.Sleep = func(error) { logged++ }, time.Hour })
	put(t, z, "k", nil, Meta{Valid: t0}, "x", ms)
	z.disk.wait()
	var r Request
	defer r.Release()
	if v := look(&r, z, "k", nil, ms+1000); v != Expired {
		t.Fatal(v)
	}
	cfg := *z.config.Load()
	cfg.MinFree = 1 << 62
	z.Apply(cfg)
	due := make(chan time.Duration, 1)
	z.disk.add(0, func() { due <- z.tidy(ms + 1000) })
	if d := <-due; d != time.Second || logged != 0 || len(files(t, z)) != 1 {
		t.Errorf("again in %v, %d messages, %d files", d, logged, len(files(t, z)))
	}
}

func TestMinFree(t *testing.T) {
	z := open(t, nil)
	for i := range 10 {
		put(t, z, fmt.Sprint(i), nil, Meta{}, "x", ms+int64(i))
	}
	z.disk.wait()
	free, ok := freeBytes(z.path)
	if !ok {
		t.Skip("the file system does not say what is free")
	}
	cfg := *z.config.Load()
	cfg.MinFree = free + free/2
	z.Apply(cfg)
	z.disk.add(0, func() { z.tidy(ms) })
	if n := len(files(t, z)); n != 0 {
		t.Errorf("%d files", n)
	}
}

// The index has a bound; what is used last stays, what is locked as well.
func TestKeysZone(t *testing.T) {
	z := open(t, func(c *Config) { c.KeysZone = 16 << 10 })
	var r Request
	defer r.Release()
	look(&r, z, "locked", nil, ms)
	if !r.Lock(ms, 1_000_000, nil) {
		t.Fatal("no lock")
	}
	for i := range 1000 {
		put(t, z, fmt.Sprint(i), nil, Meta{}, "x", ms+int64(i))
	}
	if st := z.Stats(); st.Keys > 128 || st.MaxKeys != 128 || st.Keys < 64 {
		t.Errorf("%d keys of %d", st.Keys, st.MaxKeys)
	}
	if n := len(files(t, z)); n > 128 {
		t.Errorf("%d files", n)
	}
	want(t, z, "999", nil, ms, Hit, "x")
	var other Request
	defer other.Release()
	look(&other, z, "locked", nil, ms)
	if other.Lock(ms, 1, newWoken()) {
		t.Error("the lock was removed")
	}
}

func TestMemoryAndFilesAreBounded(t *testing.T) {
	z := open(t, func(c *Config) { c.Memory = 100_000 })
	for i := range 100 {
		put(t, z, fmt.Sprint(i), nil, Meta{}, large[:10_000], ms)
	}
	z.disk.wait()
	put(t, z, "last", nil, Meta{}, large[:10_000], ms) // nothing waits for the disk any more
	if m := z.Stats().Memory; m > 100_000 {
		t.Errorf("%d bytes in memory", m)
	}
	for i := range 100 {
		want(t, z, fmt.Sprint(i), nil, ms, Hit, large[:10_000])
	}
	z = open(t, func(c *Config) { c.Memory, c.OpenFiles = -1, 5 })
	for i := range 100 {
		put(t, z, fmt.Sprint(i), nil, Meta{}, "x", ms)
	}
	z.disk.wait()
	if n := z.Stats().Open; n == 0 || n > 5 {
		t.Errorf("%d files are open", n)
	}
	for i := range 100 {
		want(t, z, fmt.Sprint(i), nil, ms, Hit, "x")
	}
}

func TestPurge(t *testing.T) {
	for _, tt := range []struct {
		purge string
		n     int
		left  []string
	}{
		{"/a", 1, []string{"/a/1", "/a/2", "/b"}},
		{"/a*", 3, []string{"/b"}},
		{"/a/*", 2, []string{"/a", "/b"}},
		{"*", 4, nil},
		{"/c", 0, []string{"/a", "/a/1", "/a/2", "/b"}},
	} {
		for _, cold := range []bool{false, true} {
			dir := t.TempDir()
			z := open(t, func(c *Config) { c.Path = dir })
			for _, k := range []string{"/a", "/a/1", "/a/2", "/b"} {
				put(t, z, k, nil, Meta{}, "of "+k, ms)
			}
			if cold {
				z.Close()
				var err error // purged while the loader has not seen a file yet
				if z, err = Open(Config{Name: "c", KeysZone: 1 << 20, Path: dir, Levels: []int{1, 2}, Inactive: century, Loader: Pace{Files: 1}}); err != nil {
					t.Fatal(err)
				}
				z.Purge(tt.purge)
				for _, k := range []string{"/a", "/a/1", "/a/2", "/b"} {
					v := Miss
					for _, l := range tt.left {
						if l == k {
							v = Hit
						}
					}
					want(t, z, k, nil, ms, v, "of "+k)
				}
				warm(t, z)
				defer z.Close()
			} else if n := z.Purge(tt.purge); n != tt.n {
				t.Errorf("%s: %d purged, want %d", tt.purge, n, tt.n)
			}
			if n := len(files(t, z)); n != len(tt.left) {
				t.Errorf("%s, cold %v: %d files are left, want %d", tt.purge, cold, n, len(tt.left))
			}
			for _, k := range tt.left {
				want(t, z, k, nil, ms, Hit, "of "+k)
			}
		}
	}
}

// Who empties the directory wants the entries gone, those in memory, too.
func TestEmptiedDirectory(t *testing.T) {
	z := open(t, nil)
	put(t, z, "k", nil, Meta{Valid: t0 + 1000}, "x", ms)
	names := files(t, z)
	want(t, z, "k", nil, ms, Hit, "x")
	for _, name := range names {
		os.Remove(name)
	}
	want(t, z, "k", nil, ms+verifyEvery+1, Hit, "x") // has it looked for
	z.disk.wait()
	want(t, z, "k", nil, ms+verifyEvery+2, Miss, "")
	if err := os.RemoveAll(z.path); err != nil {
		t.Fatal(err)
	}
	put(t, z, "k", nil, Meta{}, "y", ms)
	want(t, z, "k", nil, ms, Hit, "y")
	if n := len(files(t, z)); n != 1 {
		t.Errorf("%d files in the directory that was removed", n)
	}
}

func TestStats(t *testing.T) {
	z := open(t, nil)
	put(t, z, "k", nil, Meta{}, "four", ms)
	z.Account(StatusMiss, 10)
	z.Account(StatusHit, 20)
	z.Account(StatusHit, 30)
	z.disk.wait()
	st := z.Stats()
	if st.Status[StatusMiss] != (Count{1, 10}) || st.Status[StatusHit] != (Count{2, 50}) || st.Keys != 1 || st.Cold {
		t.Errorf("%+v", st)
	}
	if st.Size != z.block || st.Memory != entryOverhead+int64(len("k"+"X-Head: k"+"four")) || st.Queued != 0 || st.Open != 0 {
		t.Errorf("%+v", st)
	}
	for s, name := range []string{"", "MISS", "BYPASS", "EXPIRED", "STALE", "UPDATING", "REVALIDATED", "HIT", ""} {
		if got := Status(s).String(); got != name {
			t.Errorf("%d is %q", s, got)
		}
	}
}

// The loader leaves what is not the zone's, and removes what is left of another life, or of other levels.
func TestLoaderCleans(t *testing.T) {
	dir := t.TempDir()
	const sum = "b7f54b2df7773722d382f4809d65029c"
	keep := []string{"README", "sub/notes.txt", "c/29/" + sum + fmt.Sprintf(".%d.%08x.1", os.Getpid(), life)}
	drop := []string{sum, "c/" + sum, "c/29/" + sum, "c/29/" + sum + ".0000000001", "c/29/" + sum + ".999999999.00000000.1",
		"c/29/" + sum + fmt.Sprintf(".%d.%08x.1", os.Getpid(), life+1)}
	for _, name := range append(append([]string(nil), keep...), drop...) {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, make([]byte, 1000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	z := open(t, func(c *Config) { c.Path = dir })
	left := files(t, z)
	if len(left) != len(keep) {
		t.Errorf("left are %v", left)
	}
	for _, name := range keep {
		if !exists(filepath.Join(dir, name)) {
			t.Errorf("%s is gone", name)
		}
	}
}

func TestRegistry(t *testing.T) {
	var g Registry
	cfg := Config{Name: "a", KeysZone: 1 << 20, Path: t.TempDir(), Levels: []int{1}, Inactive: century}
	a, err := g.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	put(t, a, "k", nil, Meta{}, "x", ms)
	next := cfg
	next.MaxSize, next.KeysZone = 1<<30, 2<<20
	b, err := g.Open(next)
	if err != nil || b != a {
		t.Fatal("another zone", err)
	}
	if b.Stats().MaxSize == 1<<30 {
		t.Error("applied too early")
	}
	if b.Apply(next); b.Stats().MaxSize != 1<<30 || b.Stats().MaxKeys != 16384 {
		t.Errorf("not applied: %+v", b.Stats())
	}
	a.Close()
	want(t, b, "k", nil, ms, Hit, "x")
	for _, edit := range []func(*Config){
		func(c *Config) { c.Path += "2" }, func(c *Config) { c.Levels = []int{2} }, func(c *Config) { c.KeysZone = 1 },
		func(c *Config) { c.Levels = []int{3} }, func(c *Config) { c.Name = "" }, func(c *Config) { c.Path, c.Memory = "", -1 },
	} {
		bad := cfg
		edit(&bad)
		if _, err := g.Open(bad); err == nil {
			t.Errorf("%+v was opened", bad)
		}
	}
	b.Close()
	c, err := g.Open(cfg)
	if err != nil || c == a {
		t.Fatal("the closed zone was opened", err)
	}
	want(t, c, "k", nil, ms, Hit, "x")
	c.Close()
}
