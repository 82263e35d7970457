package upstream

import (
	"fmt"
	"testing"
)

func TestAdopt(t *testing.T) {
	old := group(t, RoundRobin, "a*5,b,c", each(func(s *ServerConfig) { s.MaxConns = 2 }))
	var held [2]Request
	p, _ := old.Pick(&held[0], 0) // a
	play(old, 1, "b", 0)          // a, or b fails and another answers
	play(old, 6, "b", 0)
	next := group(t, RoundRobin, "b,a*5,d", each(func(s *ServerConfig) { s.MaxConns = 1 }))
	next.Adopt(old, 0)
	if got := ids(next); got != "bad" {
		t.Fatalf("peers %s, want bad", got)
	}
	s := next.Snapshot(0)
	if s.Peers[0].State != "unavail" || s.Peers[1].Active != 1 || s.Peers[2].ID != 3 || s.Peers[1].ID != 0 {
		t.Errorf("%+v", s.Peers)
	}
	if got := play(next, 2, "", 0); got != "dd" { // a is full with the request of the old group
		t.Errorf("got %s, want dd", got)
	}
	old.Done(&held[0], p, Outcome{}, 0)
	if got := play(next, 7, "", 0); got == "ddddddd" || next.Snapshot(0).Peers[1].Active != 0 {
		t.Errorf("a has room: %s", got)
	}
	if !old.set.primary.peers[2].Removed() || p.Removed() {
		t.Error("c is gone, a is not")
	}
}

// A reload in the middle does not disturb the order of a group that stays as it is.
func TestAdoptKeepsTheSequence(t *testing.T) {
	const want = "aabacaaaabacaa"
	g := group(t, RoundRobin, "a*5,b,c")
	got := ""
	for range want {
		got += play(g, 1, "", 0)
		next := group(t, RoundRobin, "a*5,b,c")
		next.Adopt(g, 0)
		g = next
	}
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAdoptKeepsSessionsAndWaiters(t *testing.T) {
	old := group(t, RoundRobin, "a,b", learning(false), queued(2))
	var r Request
	p, _ := old.Pick(&r, 0)
	old.Done(&r, p, Outcome{Session: []byte("s")}, 0)
	one, two, three := newWaiting(), newWaiting(), newWaiting()
	first, _ := old.Pick(&one.Request, 0)
	old.Pick(&two.Request, 0)
	if _, v := old.Pick(&three.Request, 0); v != Queued {
		t.Fatal("the third request should wait")
	}
	next := group(t, RoundRobin, "a,b", learning(false), queued(2))
	next.Adopt(old, 0)
	if next.sessions != old.sessions {
		t.Error("sessions are lost")
	}
	if next.Snapshot(0).Queued != 1 {
		t.Error("who waits is lost")
	}
	next.Done(&one.Request, first, Outcome{}, 0)
	if three.peer != first {
		t.Errorf("granted %s", letter(three.peer))
	}
}

func TestAdoptKeepsWhatNamesWereResolvedTo(t *testing.T) {
	old := resolving(t)
	if err := old.SetAddrs(0, Addrs("127.0.0.1:8001", "127.0.0.1:8002"), 0); err != nil {
		t.Fatal(err)
	}
	next := resolving(t, func(c *Config) {
		c.Servers = append([]ServerConfig{{Address: "127.0.0.1:8003"}}, c.Servers...)
		c.Servers[1].Weight = 4
	})
	next.Adopt(old, 0)
	if got := ids(next); got != "cab" {
		t.Fatalf("peers %s", got)
	}
	s := next.Snapshot(0)
	if s.Peers[1].Weight != 4 || s.Peers[1].Parent != s.Names[0].ID || s.Peers[0].Parent != -1 {
		t.Errorf("%+v", s)
	}
	if err := next.SetAddrs(s.Names[0].ID, Addrs("127.0.0.1:8002"), 0); err != nil || ids(next) != "cb" {
		t.Errorf("%v: %s", err, ids(next))
	}
}

// A name has the addresses that it had when the configuration gives it another port, in the same process and in another one.
func TestNamesAtAnotherPort(t *testing.T) {
	compiled := func(address string) *Group {
		g, err := New(Config{Name: "u", Servers: []ServerConfig{{Address: address, Resolve: true, Weight: 2}, {Address: "other.test:1", Resolve: true}}})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	for address, port := range map[string]string{"a.test:8002": "8002", "a.test": "80", "a.test:8001": "8001", "b.test:8001": ""} {
		old, adopted, merged := compiled("a.test:8001"), compiled(address), compiled(address)
		if err := old.SetAddrs(old.Snapshot(0).Names[0].ID, Addrs("10.0.0.1:8001", "[2001:db8::1]:8001"), 0); err != nil {
			t.Fatal(err)
		}
		saved := old.Save()
		merged.Merge(&saved, 0)
		adopted.Adopt(old, 0)
		for how, g := range map[string]*Group{"adopted": adopted, "merged": merged} {
			got := ""
			for _, p := range g.Snapshot(0).Peers {
				got += fmt.Sprint(p.Peer.Name(), "*", p.Weight, " ")
			}
			want := "10.0.0.1:" + port + "*2 [2001:db8::1]:" + port + "*2 "
			if port == "" {
				want = ""
			}
			if got != want {
				t.Errorf("%s at %s: %q, want %q", how, address, got, want)
			}
		}
	}
}

func TestAdoptLeavesOthersAlone(t *testing.T) {
	g, other := group(t, RoundRobin, "a,b"), group(t, RoundRobin, "a,b", func(c *Config) { c.Name = "other" })
	play(other, 1, "a", 0)
	g.Adopt(other, 0)
	g.Adopt(nil, 0)
	g.Adopt(g, 0)
	if g.shared == other.shared || g.Snapshot(0).Peers[0].Fails != 0 {
		t.Error("groups of different names share nothing")
	}
}
