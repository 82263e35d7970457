package upstream

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func ids(g *Group) string {
	var b strings.Builder
	for _, p := range g.Snapshot(0).Peers {
		b.WriteString(letter(p.Peer))
	}
	return b.String()
}

func TestChangesAtRunTime(t *testing.T) {
	g := group(t, RoundRobin, "a,b")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(g.SetWeight(0, 5, 0))
	if got := play(g, 12, "", 0); strings.Count(got, "a") != 10 {
		t.Errorf("weights 5 and 1: %s", got)
	}
	must(g.SetDown(0, true, 0))
	if got := play(g, 3, "", 0); got != "bbb" {
		t.Errorf("a is down: %s", got)
	}
	must(g.Drain(0, true, 0))
	if s := g.Snapshot(0).Peers[0]; s.State != "draining" || s.Conf.Down {
		t.Errorf("state %s, down %t", s.State, s.Conf.Down)
	}
	must(g.Drain(0, false, 0))
	id, err := g.Add(ServerConfig{Address: "127.0.0.1:8003"}, 0)
	must(err)
	if got := play(g, 14, "", 0); id != 2 || strings.Count(got, "c") != 2 {
		t.Errorf("added %d: %s", id, got)
	}
	must(g.Remove(1, 0))
	if got := play(g, 12, "", 0); ids(g) != "ac" || strings.Contains(got, "b") {
		t.Errorf("b is removed: %s, %s", ids(g), got)
	}
	if id, _ := g.Add(ServerConfig{Address: "127.0.0.1:8002"}, 0); id != 3 {
		t.Errorf("b came back as %d; numbers are never used again", id)
	}
}

func TestErrorsOfChanges(t *testing.T) {
	g := group(t, Hash, "a,b")
	zero, slow := 0, time.Second
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"missing":  {g.SetWeight(7, 1, 0), "server not found"},
		"removed":  {g.Remove(7, 0), "server not found"},
		"addrs":    {g.SetAddrs(0, nil, 0), "server not found"},
		"weight":   {g.Change(0, Change{Weight: &zero}, 0), "weight=0"},
		"slow":     {g.Change(0, Change{SlowStart: &slow}, 0), "slow_start"},
		"exists":   {addError(g, ServerConfig{Address: "127.0.0.1:8001"}), "server exists"},
		"backup":   {addError(g, ServerConfig{Address: "127.0.0.1:8009", Backup: true}), "backup"},
		"no addrs": {addError(g, ServerConfig{Address: "name"}), "host not found"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, c.err, c.want)
		}
	}
	if ids(g) != "ab" {
		t.Errorf("a refused change left %s", ids(g))
	}
}

func addError(g *Group, s ServerConfig) error {
	_, err := g.Add(s, 0)
	return err
}

func TestARemovedPeerLivesUntilItsRequestsAreDone(t *testing.T) {
	g := group(t, RoundRobin, "a,b")
	var r Request
	p, _ := g.Pick(&r, 0)
	if err := g.Remove(p.ID(), 0); err != nil {
		t.Fatal(err)
	}
	if s := g.Snapshot(0); s.Zombies != 1 || !p.Removed() {
		t.Errorf("%d zombies, removed %t", s.Zombies, p.Removed())
	}
	g.Done(&r, p, Outcome{Failed: true}, 0)
	if s := g.Snapshot(0); s.Zombies != 0 {
		t.Errorf("%d zombies", s.Zombies)
	}
	if got, _ := g.Pick(&r, 0); letter(got) != "b" {
		t.Errorf("the second try got %s, want b", letter(got))
	}
}

// resolving is a group of one name that is resolved at run time, and one address.
func resolving(t *testing.T, edit ...func(*Config)) *Group {
	t.Helper()
	c := Config{Name: "u", Servers: []ServerConfig{{Address: "backend.example:80", Resolve: true, MaxFails: 3, Weight: 2}}}
	for _, e := range edit {
		e(&c)
	}
	g, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestSetAddrs(t *testing.T) {
	g := resolving(t)
	var r Request
	if _, v := g.Pick(&r, 0); v != NoLive {
		t.Error("nothing is resolved yet")
	}
	set := func(want string, addrs ...string) {
		t.Helper()
		if err := g.SetAddrs(0, Addrs(addrs...), 0); err != nil || ids(g) != want {
			t.Errorf("got %s, %v, want %s", ids(g), err, want)
		}
	}
	set("ab", "127.0.0.1:8001", "127.0.0.1:8002")
	kept := g.Snapshot(0).Peers[1].Peer
	play(g, 5, "b", 0)
	set("bcd", "127.0.0.1:8003", "127.0.0.1:8002", "127.0.0.1:8004")
	if s := g.Snapshot(0).Peers[0]; s.Peer != kept || s.Fails == 0 || s.Parent != 0 {
		t.Errorf("b has lost its state: %+v", s)
	}
	if err := g.SetAddrs(0, Addrs("127.0.0.1:8001", "no address"), 0); err == nil || ids(g) != "bcd" {
		t.Errorf("a wrong address: %v, %s", err, ids(g))
	}
	if err := g.Remove(kept.ID(), 0); !errors.Is(err, ErrResolved) {
		t.Errorf("removing one address of a name: %v", err)
	}
	if err := g.SetWeight(0, 7, 0); err != nil || g.Snapshot(0).Peers[2].Weight != 7 {
		t.Errorf("the weight of a name is that of its addresses: %v", err)
	}
	set("", []string(nil)...)
	if err := addError(g, ServerConfig{Address: "backend.example:80", Resolve: true}); !errors.Is(err, ErrExists) {
		t.Errorf("the same name again: %v", err)
	}
	if err := g.Remove(0, 0); err != nil || len(g.Snapshot(0).Names) != 0 {
		t.Errorf("removing the name: %v", err)
	}
}

func TestServiceRecords(t *testing.T) {
	g := resolving(t, func(c *Config) { c.Servers[0].Service, c.Servers[0].Weight = "http", 0 })
	err := g.SetAddrs(0, []Addr{
		{Text: "127.0.0.1:8001", Host: "one", Weight: 3}, {Text: "127.0.0.1:8002", Host: "two", Weight: 1},
		{Text: "127.0.0.1:8003", Host: "three", Weight: 9, Backup: true},
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := play(g, 4, "", 0); got != "aaba" {
		t.Errorf("weights 3 and 1: %s", got)
	}
	if p := g.Snapshot(0).Peers[2]; !p.Peer.Backup() || p.Weight != 9 || p.Peer.Server() != "three" {
		t.Errorf("%+v", p)
	}
}

func TestSlowStart(t *testing.T) {
	g := group(t, RoundRobin, "a,b", each(func(s *ServerConfig) { s.SlowStart = 10 * time.Second }))
	b := g.Snapshot(0).Peers[1].Peer
	g.SetHealthy(b, false, 1000)
	if got := play(g, 4, "", 1000); got != "aaaa" {
		t.Errorf("b is unhealthy: %s", got)
	}
	g.SetHealthy(b, true, 2000)
	for _, c := range []struct {
		elapsed     int64
		least, most int
	}{{500, 2, 8}, {5000, 30, 37}, {9000, 45, 49}, {10_000, 50, 50}} {
		got := strings.Count(play(g, 100, "", 2000+c.elapsed), "b")
		if got < c.least || got > c.most {
			t.Errorf("after %d ms b got %d of 100 requests, want %d to %d", c.elapsed, got, c.least, c.most)
		}
	}
}

func TestChecking(t *testing.T) {
	g := group(t, RoundRobin, "a,b", func(c *Config) { c.Health = Mandatory })
	a, b := g.Snapshot(0).Peers[0].Peer, g.Snapshot(0).Peers[1].Peer
	if got := play(g, 1, "", 5); got != "-" || g.Snapshot(9).Peers[0].State != "checking" {
		t.Errorf("nothing is checked, and %s answers", got)
	}
	g.Checked(a, false)
	g.SetHealthy(a, false, 5)
	g.SetHealthy(b, true, 5)
	if got := play(g, 2, "", 5); got != "bb" {
		t.Errorf("got %s", got)
	}
	s := g.Snapshot(15).Peers[0]
	if s.State != "unhealthy" || s.Checks != 1 || s.CheckFails != 1 || s.Downtime != 10*time.Millisecond {
		t.Errorf("%+v", s)
	}
	for start, want := range map[HealthStart]string{NoHealthCheck: "ab", HealthyAtFirst: "bb", Mandatory: "--", MandatoryPersistent: "bb"} {
		g.SetHealthy(a, false, 5)
		g.SetHealthy(b, true, 5)
		next := group(t, RoundRobin, "a,b", func(c *Config) { c.Health = start })
		next.Adopt(g, 5)
		if got := play(next, 2, "", 5); got != want {
			t.Errorf("after a reload with %d: got %s, want %s", start, got, want)
		}
	}
}
