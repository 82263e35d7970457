package cache

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// t0 is the time of most tests, in seconds; ms in milliseconds.
const (
	t0 = 1_700_000_000
	ms = t0 * 1000
)

// century is how long entries are kept whose time is t0, while the manager goes by the clock.
const century = 100 * 365 * 24 * time.Hour

// open opens a zone in a directory of its own, which t ends. mem is Config.Memory.
func open(t testing.TB, edit func(*Config)) *Zone {
	t.Helper()
	cfg := Config{
		Name: "one", KeysZone: 1 << 20, Path: t.TempDir(), Levels: []int{1, 2}, Inactive: century,
		Log: func(err error) { t.Log(err) },
	}
	if edit != nil {
		edit(&cfg)
	}
	z, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(z.Close)
	warm(t, z)
	return z
}

// warm waits for the loader.
func warm(t testing.TB, z *Zone) {
	t.Helper()
	for end := time.Now().Add(time.Minute); z.cold.Load(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the loader does not end")
		}
	}
}

// fields is a request's fields, for Vary.
type fields map[string][]string

func (f fields) Values(dst [][]byte, name []byte) [][]byte {
	for _, v := range f[string(name)] {
		dst = append(dst, []byte(v))
	}
	return dst
}

// look resets r and looks a key up, opening files as a worker would.
func look(r *Request, z *Zone, key string, f Fields, now int64) Verdict {
	r.Reset(z, KeyOf([]byte(key)), f, 1)
	return again(r, now)
}

func again(r *Request, now int64) Verdict {
	v := r.Lookup(now)
	for v == NeedsOpen {
		r.Open(now)
		v = r.Lookup(now)
	}
	return v
}

// body returns the body of an entry, wherever it is.
func body(t testing.TB, e *Entry) string {
	t.Helper()
	if b, ok := e.Bytes(); ok {
		return string(b)
	}
	f, off := e.File()
	b := make([]byte, e.Len())
	own, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", f.Fd()))
	if err != nil {
		t.Skip("no /proc")
	}
	defer own.Close()
	if _, err := own.ReadAt(b, off); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// put stores a response, fresh for a minute from now.
func put(t testing.TB, z *Zone, key string, f Fields, m Meta, content string, now int64) {
	t.Helper()
	var r Request
	defer r.Release()
	look(&r, z, key, f, now)
	if m.Valid == 0 {
		m.Valid = now/1000 + 60
	}
	w := r.Begin(m, []byte("X-Head: "+key), int64(len(content)))
	for p := []byte(content); len(p) > 0; p = p[min(len(p), 1000):] {
		w.Write(p[:min(len(p), 1000)])
	}
	if !w.Commit(now) {
		t.Fatalf("%q was not stored", key)
	}
}

// want looks a key up and compares.
func want(t testing.TB, z *Zone, key string, f Fields, now int64, v Verdict, content string) {
	t.Helper()
	var r Request
	defer r.Release()
	if got := look(&r, z, key, f, now); got != v {
		t.Fatalf("%q: verdict %d, want %d", key, got, v)
	}
	if v == Hit || v == Expired || v == Updating {
		if got := body(t, r.Entry()); got != content {
			t.Fatalf("%q: body of %d bytes, want %d", key, len(got), len(content))
		}
		if got := string(r.Entry().Head()); got != "X-Head: "+key {
			t.Fatalf("%q: head %q", key, got)
		}
	}
}

// files returns the names of all files beneath the zone's path.
func files(t testing.TB, z *Zone) (names []string) {
	t.Helper()
	z.disk.wait()
	z.disk.wait() // what the manager has removed waits behind it
	_ = filepath.Walk(z.path, func(name string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			names = append(names, name)
		}
		return nil
	})
	return names
}

var large = strings.Repeat("0123456789abcdef", 3<<20/16)

func TestEntriesAreStored(t *testing.T) {
	tiers := map[string]func(*Config){
		"both":      nil,
		"disk only": func(c *Config) { c.Memory = -1 },
		"memory":    func(c *Config) { c.Path = ""; c.EntryMemory = 4 << 20 },
	}
	for name, edit := range tiers {
		t.Run(name, func(t *testing.T) {
			z := open(t, edit)
			want(t, z, "a", nil, ms, Miss, "")
			for _, content := range []string{"", "small", large} {
				put(t, z, "a", nil, Meta{Status: 200}, content, ms)
				if len(content) > 1<<20 {
					z.disk.wait()
				}
				want(t, z, "a", nil, ms, Hit, content)
				z.disk.wait()
				want(t, z, "a", nil, ms+60_000, Hit, content)
				want(t, z, "a", nil, ms+61_000, Expired, content)
			}
			want(t, z, "b", nil, ms, Miss, "")
		})
	}
}

func TestEntriesSurviveARestart(t *testing.T) {
	for _, memory := range []int64{0, -1} {
		dir := t.TempDir()
		here := func(c *Config) { c.Path, c.Memory = dir, memory }
		z := open(t, here)
		m := Meta{Status: 203, Valid: t0 + 5, Updating: 6, Error: 7, Date: t0, LastModified: t0 - 8, ETag: []byte(`"e"`), Vary: []byte("X")}
		f := fields{"x": {"1"}}
		put(t, z, "a", f, m, "small", ms)
		put(t, z, "b", nil, m, large, ms)
		z.Close()
		z = open(t, here)
		want(t, z, "a", f, ms, Hit, "small")
		want(t, z, "b", nil, ms, Hit, large)
		var r Request
		look(&r, z, "a", f, ms)
		got := *r.Entry().Meta()
		if got.Status != 203 || got.Valid != m.Valid || got.Updating != 6 || got.Error != 7 || got.Date != t0 ||
			got.LastModified != m.LastModified || !bytes.Equal(got.ETag, m.ETag) || !bytes.Equal(got.Vary, m.Vary) {
			t.Errorf("meta is %+v, was %+v", got, m)
		}
		r.Release()
		want(t, z, "a", fields{"x": {"2"}}, ms, Miss, "")
	}
}
