package upstream

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"testing"
	"time"
)

// successor is a new group of the same configuration with what another one has saved, as another process would have it.
func successor(t *testing.T, c Config, old *Group, now int64) *Group {
	t.Helper()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(old.Save()); err != nil {
		t.Fatal(err)
	}
	var s Saved
	if err := gob.NewDecoder(&b).Decode(&s); err != nil {
		t.Fatal(err)
	}
	g, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	g.Merge(&s, now)
	return g
}

func TestSessionsAreSaved(t *testing.T) {
	c := Config{Name: "u", Sticky: &StickyConfig{Kind: StickyLearn, Zone: "z", ZoneSize: 32 << 10, Timeout: time.Second,
		Lookup: []string{"$a"}, Create: []string{"$a"}}}
	for i := range 5 {
		c.Servers = append(c.Servers, ServerConfig{Address: fmt.Sprintf("10.0.0.%d:80", i+1)})
	}
	old, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	now := int64(1e12)
	had := map[string]string{}
	for i := range 300 { // more than the zone has room for: 128
		id := fmt.Sprint("session", i)
		var r Request
		p, _ := old.Pick(&r, now)
		old.Done(&r, p, Outcome{Session: []byte(id)}, now)
		if i >= 300-128 {
			had[id] = p.Name()
		}
	}
	g := successor(t, c, old, now)
	for id, want := range had {
		r := Request{Sticky: []byte(id)}
		p, v := g.Pick(&r, now+500)
		if v != Picked || p.Name() != want {
			t.Errorf("%s: %v, want %s", id, p, want)
		}
	}
	if got := old.Save().Sessions; len(got) != 128 || len(g.Save().Sessions) != 128 {
		t.Errorf("%d and %d sessions", len(got), len(g.Save().Sessions))
	}
	// What the successor has learned itself stays, and another zone takes nothing.
	var r Request
	p, _ := g.Pick(&r, now)
	g.Done(&r, p, Outcome{Session: []byte("session299")}, now)
	saved := old.Save()
	g.Merge(&saved, now)
	r = Request{Sticky: []byte("session299")}
	if q, _ := g.Pick(&r, now); q != p {
		t.Errorf("%s took the place of %s", q.Name(), p.Name())
	}
	c.Sticky.ZoneSize *= 2
	if n := len(successor(t, c, old, now).Save().Sessions); n != 0 {
		t.Errorf("%d sessions of another zone", n)
	}
}

func TestNamesAreSaved(t *testing.T) {
	c := Config{Name: "u", Servers: []ServerConfig{{Address: "a.test:80", Resolve: true}, {Address: "b.test", Service: "http", Resolve: true}}}
	old, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range old.Snapshot(0).Names {
		addrs := Addrs("10.0.0.1:80", "10.0.0.2:80")
		if n.Conf.Service != "" {
			addrs = []Addr{{Text: "10.1.0.1:81", Host: "h1", Weight: 5}, {Text: "10.1.0.2:81", Host: "h2", Weight: 1, Backup: true}}
		}
		if err := old.SetAddrs(n.ID, addrs, 0); err != nil {
			t.Fatal(err)
		}
	}
	g := successor(t, c, old, 0)
	show := func(g *Group) (list []string) {
		for _, p := range g.Snapshot(0).Peers {
			list = append(list, fmt.Sprint(p.Peer.Name(), p.Peer.Server(), p.Peer.Backup(), p.Weight))
		}
		return list
	}
	if want, got := show(old), show(g); len(want) != 4 || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// Addresses that are known are not replaced.
	saved := old.Save()
	if err := g.SetAddrs(g.Snapshot(0).Names[0].ID, Addrs("10.9.0.1:80"), 0); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprint(show(g))
	if g.Merge(&saved, 0); fmt.Sprint(show(g)) != want {
		t.Errorf("got %v, want %v", show(g), want)
	}
}
