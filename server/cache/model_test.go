package cache

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// modelEntry is what a plain map has of a key and a value of its Vary field.
type modelEntry struct {
	body  string
	valid int64
}

// A zone that has room for all answers as a map does, over every order of what may happen to it.
func TestLikeAMap(t *testing.T) {
	for seed := range uint64(3) {
		for name, edit := range map[string]func(*Config){
			"both": nil, "disk": func(c *Config) { c.Memory = -1 }, "memory": func(c *Config) { c.Path = ""; c.EntryMemory = 4 << 20 },
			"little memory": func(c *Config) { c.Memory, c.OpenFiles = 30_000, 2 },
		} {
			t.Run(fmt.Sprintf("%s %d", name, seed), func(t *testing.T) { walk(t, edit, rand.New(rand.NewPCG(seed, 1))) })
		}
	}
}

func walk(t *testing.T, edit func(*Config), rnd *rand.Rand) {
	dir := t.TempDir()
	here := func(c *Config) {
		c.Path = dir
		if edit != nil {
			edit(c)
		}
	}
	z := open(t, here)
	onDisk := z.path != ""
	model := map[string]modelEntry{}
	now := int64(ms)
	for step := range 300 {
		k, x := fmt.Sprintf("/%d/%d", rnd.IntN(3), rnd.IntN(4)), fmt.Sprint(rnd.IntN(3))
		f := fields{"x": {x}}
		id := k + "|" + x
		switch op := rnd.IntN(20); {
		case op < 7: // store
			body := strings.Repeat(fmt.Sprintf("%s %d;", id, step), []int{0, 1, 500, 3000, 80_000}[rnd.IntN(5)])
			valid := now/1000 + int64(rnd.IntN(100))
			put(t, z, k, f, Meta{Valid: valid, Vary: []byte("X")}, body, now)
			z.disk.wait() // a large one is there when its file is
			model[id] = modelEntry{body, valid}
		case op < 15:
			e, ok := model[id]
			v := Miss
			if ok {
				v = Hit
				if e.valid < now/1000 {
					v = Expired
				}
			}
			want(t, z, k, f, now, v, e.body)
		case op == 15: // revalidate
			var r Request
			if v := look(&r, z, k, f, now); v == Expired {
				e := model[id]
				e.valid = now/1000 + 50
				model[id] = e
				r.Refresh(Meta{Valid: e.valid}, nil)
			}
			r.Release()
		case op == 16: // begin, and give up
			var r Request
			look(&r, z, k, f, now)
			w := r.Begin(Meta{Valid: now}, nil, -1)
			w.Write([]byte(large[:rnd.IntN(2<<20)]))
			w.Abort()
			r.Release()
		case op == 17: // purge
			if rnd.IntN(2) == 0 {
				z.Purge(k)
				forget(model, k+"|")
			} else {
				z.Purge(k[:3] + "*")
				forget(model, k[:3])
			}
		case op == 18:
			now += int64(rnd.IntN(60_000))
		default:
			if onDisk && rnd.IntN(3) == 0 {
				z.Close()
				z = open(t, here)
			}
		}
	}
	if st := z.Stats(); st.Keys < len(model) {
		t.Errorf("%d keys for %d entries", st.Keys, len(model))
	}
	if onDisk && len(files(t, z)) < len(model) {
		t.Errorf("%d files for %d entries", len(files(t, z)), len(model))
	}
	z.Purge("*")
	if n, m := z.bytes.Load(), z.Stats().Memory; n != 0 || m != 0 || onDisk && len(files(t, z)) != 0 {
		t.Errorf("purged, %d bytes on disk and %d in memory are counted, %v is left", n, m, files(t, z))
	}
}

func forget(model map[string]modelEntry, prefix string) {
	for id := range model {
		if strings.HasPrefix(id, prefix) {
			delete(model, id)
		}
	}
}

// Many requests at once see whole bodies of the key they asked for, and at most one fills a locked key.
func TestConcurrency(t *testing.T) {
	for name, edit := range map[string]func(*Config){
		"both": nil, "disk": func(c *Config) { c.Memory, c.OpenFiles = -1, 3 }, "small": func(c *Config) { c.KeysZone, c.MaxSize = 8192, 100_000 },
	} {
		t.Run(name, func(t *testing.T) {
			z := open(t, edit)
			filling := make([]sync.Mutex, 100)
			var all sync.WaitGroup
			for g := range 8 {
				all.Go(func() {
					rnd := rand.New(rand.NewPCG(uint64(g), 2))
					w := newWoken()
					for range 150 {
						one(t, z, rnd, w, filling)
					}
				})
			}
			all.Wait()
		})
	}
}

func one(t *testing.T, z *Zone, rnd *rand.Rand, w *woken, filling []sync.Mutex) {
	k := rnd.IntN(len(filling))
	key := fmt.Sprintf("k%d", k)
	var r Request
	defer r.Release()
	v := look(&r, z, key, nil, ms)
	for ; v == Miss; v = again(&r, ms) {
		if !r.Lock(ms, 1<<40, w) {
			<-w.ch
			continue
		}
		if !filling[k].TryLock() {
			t.Error("two fill one key")
			return
		}
		b := bytes.Repeat([]byte(key+";"), []int{1, 100, 50_000, 500_000}[rnd.IntN(4)])
		wr := r.Begin(Meta{Valid: t0 + 60}, []byte("X-Head: "+key), int64(len(b)))
		wr.Write(b[:len(b)/2])
		filling[k].Unlock()
		if wr.Write(b[len(b)/2:]); rnd.IntN(4) > 0 {
			wr.Commit(ms)
		} else {
			wr.Abort()
		}
		return
	}
	// Part for part: each is like the one before it. To make the text anew would take most of the test's time.
	if got, part := body(t, r.Entry()), key+";"; !strings.HasPrefix(got, part) || got[len(part):] != got[:len(got)-len(part)] || !strings.HasSuffix(got, part) {
		t.Errorf("%s is torn", key)
	}
	switch rnd.IntN(20) {
	case 0:
		z.Purge(key)
	case 1:
		r.Refresh(Meta{Valid: t0 + 60}, nil)
	}
}
