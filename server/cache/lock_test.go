package cache

import (
	"sync"
	"testing"
	"time"
)

// woken counts calls of Wake.
type woken struct {
	mu sync.Mutex
	n  int
	ch chan struct{}
}

func newWoken() *woken { return &woken{ch: make(chan struct{}, 100)} }

func (w *woken) Wake() {
	w.mu.Lock()
	w.n++
	w.mu.Unlock()
	w.ch <- struct{}{}
}

func (w *woken) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n
}

func TestLockEndsWithCommitOrAbort(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(r *Request)
		want Verdict
	}{
		{"commit", func(r *Request) {
			w := r.Begin(Meta{Valid: t0 + 1}, []byte("X-Head: k"), 1)
			w.Write([]byte("x"))
			w.Commit(ms)
		}, Hit},
		{"abort", func(r *Request) { r.Begin(Meta{Valid: t0 + 1}, nil, -1).Abort() }, Miss},
		{"short", func(r *Request) { r.Begin(Meta{Valid: t0 + 1}, nil, 5).Commit(ms) }, Miss},
		{"release", func(r *Request) { r.Release() }, Miss},
		{"another verdict", func(r *Request) { r.Lookup(ms) }, Miss},
		{"kept status", func(r *Request) { r.KeepStatus(502, t0+1, ms); r.Release() }, Failed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := open(t, nil)
			var a, b, c Request
			defer b.Release()
			wb, wc := newWoken(), newWoken()
			for _, r := range []*Request{&a, &b, &c} {
				if v := look(r, z, "k", nil, ms); v != Miss {
					t.Fatal(v)
				}
			}
			if !a.Lock(ms, 5000, nil) || b.Lock(ms, 5000, wb) || c.Lock(ms, 5000, wc) {
				t.Fatal("not exactly the first has the lock")
			}
			if !c.CancelWait() || c.CancelWait() {
				t.Fatal("cancelled not exactly once")
			}
			c.Release()
			tt.end(&a)
			if wb.count() != 1 || wc.count() != 0 {
				t.Fatalf("woken %d and %d times", wb.count(), wc.count())
			}
			if b.CancelWait() {
				t.Fatal("waits still")
			}
			if v := b.Lookup(ms); v != tt.want {
				t.Fatalf("then verdict %d, want %d", v, tt.want)
			}
			if tt.want == Miss && !b.Lock(ms, 5000, wb) {
				t.Fatal("the next one gets no lock")
			}
			a.Release()
		})
	}
}

func TestLockAges(t *testing.T) {
	z := open(t, nil)
	now := time.Now().UnixMilli()
	var a, b, c Request
	defer a.Release()
	defer b.Release()
	defer c.Release()
	w := newWoken()
	look(&a, z, "k", nil, now)
	look(&b, z, "k", nil, now)
	look(&c, z, "k", nil, now)
	if !a.Lock(now, 20, nil) || b.Lock(now, 20, w) {
		t.Fatal("not exactly the first has the lock")
	}
	<-w.ch
	now += 21
	if b.Lookup(now) != Miss || !b.Lock(now, 5000, w) {
		t.Fatal("the lock is not free with age")
	}
	if c.Lookup(now) != Miss || c.Lock(now, 5000, w) {
		t.Fatal("the lock is held twice")
	}
	a.Release() // does not free the lock that b has now
	if w.count() != 1 {
		t.Fatal("woken by the end of a lock that had been lost")
	}
	wr := b.Begin(Meta{Valid: now}, []byte("X-Head: k"), -1)
	wr.Write([]byte("b"))
	wr.Commit(now)
	<-w.ch
	if c.Lookup(now) != Hit || body(t, c.Entry()) != "b" {
		t.Fatal("no hit")
	}
}

// A body that is not committed at once holds the lock until its file is there.
func TestLockOfALargeBody(t *testing.T) {
	z := open(t, nil)
	var a, b Request
	defer a.Release()
	defer b.Release()
	look(&a, z, "k", nil, ms)
	look(&b, z, "k", nil, ms)
	w := newWoken()
	if !a.Lock(ms, 60_000, nil) || b.Lock(ms, 60_000, w) {
		t.Fatal("not exactly the first has the lock")
	}
	wr := a.Begin(Meta{Valid: t0 + 1}, []byte("X-Head: k"), -1)
	wr.Write([]byte(large))
	if !wr.Commit(ms) {
		t.Fatal("not stored")
	}
	wr.Abort() // nothing any more
	a.Release()
	<-w.ch
	if again(&b, ms) != Hit || body(t, b.Entry()) != large {
		t.Fatal("no hit")
	}
}

func TestOneRequestUpdates(t *testing.T) {
	z := open(t, nil)
	put(t, z, "k", nil, Meta{Valid: t0, Updating: 100}, "old", ms)
	var a, b, c Request
	defer a.Release()
	defer b.Release()
	defer c.Release()
	if v := look(&a, z, "k", nil, ms+1000); v != Expired {
		t.Fatal(v)
	}
	if v := look(&b, z, "k", nil, ms+1000); v != Updating {
		t.Fatal(v)
	}
	c.Reset(z, KeyOf([]byte("k")), nil, 1)
	a.HandOver(&c)
	if v := look(&b, z, "k", nil, ms+1000); v != Updating {
		t.Fatal("handed over, and free")
	}
	a.Release()
	if v := look(&b, z, "k", nil, ms+1000); v != Updating || body(t, b.Entry()) != "old" {
		t.Fatal("the lock went with the request that gave it away")
	}
	c.Refresh(Meta{Valid: t0 + 60, Date: t0 + 1}, nil)
	if !c.Entry().Fresh(ms + 1000) {
		t.Fatal("not fresh")
	}
	if v := look(&b, z, "k", nil, ms+1000); v != Hit || b.Entry().Age(ms+3000) != 2 || b.Entry().Remaining(ms+3000) != 57 {
		t.Fatal(v)
	}
}

func TestRefreshSurvivesARestart(t *testing.T) {
	for _, content := range []string{"small", large} {
		for _, settled := range []bool{false, true} {
			for _, head := range []string{"", "X-Head: k", "another head, which is longer"} {
				dir := t.TempDir()
				here := func(c *Config) { c.Path = dir }
				z := open(t, here)
				put(t, z, "k", nil, Meta{Valid: t0}, content, ms)
				if settled || len(content) > 1<<20 {
					z.disk.wait()
				}
				var r Request
				look(&r, z, "k", nil, ms+1000)
				var h []byte
				if head != "" {
					h = []byte(head)
				}
				r.Refresh(Meta{Valid: t0 + 60}, h)
				if head != "" && string(r.Entry().Head()) != head || body(t, r.Entry()) != content {
					t.Fatal("the entry has not the new head, or not the old body")
				}
				r.Release()
				z.Close()
				z = open(t, here)
				if v := look(&r, z, "k", nil, ms+1000); v != Hit || body(t, r.Entry()) != content {
					t.Fatalf("%d bytes, settled %v, head %q: verdict %d", len(content), settled, head, v)
				}
				r.Release()
			}
		}
	}
}

func TestRefreshOfACooledEntry(t *testing.T) {
	z := open(t, nil)
	put(t, z, "k", nil, Meta{Valid: t0}, "x", ms)
	z.disk.wait()
	var r Request
	if v := look(&r, z, "k", nil, ms+1000); v != Expired {
		t.Fatal(v)
	}
	s := &z.shards[0]
	s.mu.Lock()
	z.cool(s, s.nodes[r.sum])
	s.mu.Unlock()
	r.Refresh(Meta{Valid: t0 + 60}, nil)
	r.Release()
	z.disk.wait()
	want(t, z, "k", nil, ms+1000, Hit, "x")
}

func TestMinUses(t *testing.T) {
	z := open(t, nil)
	var r Request
	defer r.Release()
	for i, v := range []Verdict{Scarce, Scarce, Miss} {
		r.Reset(z, KeyOf([]byte("k")), nil, 3)
		if got := r.Lookup(ms); got != v {
			t.Fatalf("use %d: %d", i+1, got)
		}
		if got := r.Lookup(ms); got != v {
			t.Fatalf("use %d, looked up twice: %d", i+1, got)
		}
	}
}

func TestKeptStatus(t *testing.T) {
	z := open(t, nil)
	var r Request
	defer r.Release()
	look(&r, z, "k", nil, ms)
	r.KeepStatus(404, t0+5, ms)
	if v := look(&r, z, "k", nil, ms+5000); v != Failed || r.FailedStatus() != 404 {
		t.Fatal(v)
	}
	want(t, z, "k", nil, ms+6000, Miss, "")
	put(t, z, "k", nil, Meta{}, "x", ms)
	want(t, z, "k", nil, ms, Hit, "x")
}

func TestVary(t *testing.T) {
	for name, edit := range map[string]func(*Config){"memory": nil, "disk": func(c *Config) { c.Memory = -1 }} {
		t.Run(name, func(t *testing.T) {
			z := open(t, edit)
			a, b, both := fields{"a": {"1"}}, fields{"a": {"2"}}, fields{"a": {"1", "2"}}
			m := Meta{Vary: []byte("A")}
			for _, f := range []fields{a, b, both} {
				want(t, z, "k", f, ms, Miss, "")
				put(t, z, "k", f, m, "for "+f["a"][0]+"...", ms)
			}
			want(t, z, "k", a, ms, Hit, "for 1...")
			want(t, z, "k", b, ms, Hit, "for 2...")
			want(t, z, "k", fields{"a": {"1,2"}}, ms, Hit, "for 1...")
			want(t, z, "k", nil, ms, Miss, "")
			// One that varies otherwise takes the main place, and no entry of the old Vary is found.
			put(t, z, "k", b, Meta{Vary: []byte("b")}, "by b", ms)
			want(t, z, "k", a, ms, Hit, "by b")
			want(t, z, "k", fields{"b": {"1"}}, ms, Miss, "")
			// One that does not vary is for all.
			put(t, z, "k", fields{"b": {"1"}}, Meta{}, "for all", ms)
			want(t, z, "k", fields{"b": {"1"}}, ms, Hit, "for all")
			if n := z.Purge("k"); n < 2 {
				t.Errorf("purged %d entries, secondary ones among them", n)
			}
			put(t, z, "k", a, m, "new", ms)
			want(t, z, "k", b, ms, Miss, "")
		})
	}
}

func TestVariantSums(t *testing.T) {
	sum := func(vary string, f fields) Sum {
		r := Request{key: KeyOf([]byte("k")), fields: f}
		return r.variant([]byte(vary))
	}
	ae := func(v ...string) fields { return fields{"accept-encoding": v} }
	same := [][2]Sum{
		{sum("Accept-Encoding", ae("gzip, br")), sum("accept-encoding", ae("gzip,br"))},
		{sum("Accept-Encoding", ae("gzip, br")), sum(" ,Accept-Encoding ,", ae("gzip", " br "))},
		{sum("X", fields{"x": {"a", "b"}}), sum("X", fields{"x": {"a,b"}})},
		{sum("X", nil), sum("X", fields{})},
	}
	for i, s := range same {
		if s[0] != s[1] {
			t.Errorf("%d: differ", i)
		}
	}
	different := [][2]Sum{
		{sum("X", fields{"x": {"a, b"}}), sum("X", fields{"x": {"a,b"}})},
		{sum("X", fields{"x": {"a"}}), sum("X", fields{"x": {"b"}})},
		{sum("X", nil), sum("Y", nil)},
		{sum("X, Y", fields{"x": {"a"}}), sum("X, Y", fields{"y": {"a"}})},
	}
	for i, s := range different {
		if s[0] == s[1] {
			t.Errorf("%d: the same", i)
		}
	}
}
