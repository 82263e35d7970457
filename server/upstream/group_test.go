package upstream

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// group makes a group of servers that are written "a*5" for weight 5, "b backup", "c down"; a is 127.0.0.1:8001 and so on.
func group(t testing.TB, m Method, servers string, edit ...func(*Config)) *Group {
	t.Helper()
	c := Config{Name: "u", Method: m}
	for text := range strings.SplitSeq(servers, ",") {
		words := strings.Fields(text)
		s := ServerConfig{Address: fmt.Sprintf("127.0.0.1:%d", 8001+int(words[0][0]-'a'))}
		if _, err := fmt.Sscanf(words[0][1:], "*%d", &s.Weight); err != nil {
			s.Weight = 0
		}
		for _, w := range words[1:] {
			switch w {
			case "backup":
				s.Backup = true
			case "down":
				s.Down = true
			case "drain":
				s.Drain = true
			default:
				t.Fatalf("unknown word %q", w)
			}
		}
		c.Servers = append(c.Servers, s)
	}
	for _, e := range edit {
		e(&c)
	}
	g, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// each edits all servers of a configuration.
func each(f func(*ServerConfig)) func(*Config) {
	return func(c *Config) {
		for i := range c.Servers {
			f(&c.Servers[i])
		}
	}
}

// letter names a peer as group does.
func letter(p *Peer) string {
	if p == nil {
		return "-"
	}
	return string(rune('a' + int(p.AddrPort().Port()) - 8001))
}

// play answers n requests one after the other and returns who answered. Requests to the letters of bad fail.
func play(g *Group, n int, bad string, now int64) string {
	var out strings.Builder
	for range n {
		var r Request
		out.WriteString(one(g, &r, bad, now))
	}
	return out.String()
}

// one answers a request, with all of its tries.
func one(g *Group, r *Request, bad string, now int64) string {
	var out strings.Builder
	for {
		p, v := g.Pick(r, now)
		if v != Picked {
			return out.String() + "-"
		}
		out.WriteString(letter(p))
		failed := strings.Contains(bad, letter(p))
		g.Done(r, p, Outcome{Failed: failed, Status: 200}, now)
		if !failed || r.Tries() == 0 {
			return out.String()
		}
	}
}

func TestRoundRobinSequence(t *testing.T) {
	for _, c := range []struct{ servers, want string }{
		{"a", "aaaa"},
		{"a,b", "ababab"},
		{"a,b,c", "abcabc"},
		{"a*5,b*1,c*1", "aabacaaaabacaa"},
		{"a*3,b*2,c*1", "abacbaabacba"},
		{"a*2,b*4,c*1", "babcbab"},
		{"a,b down,c", "acacac"},
		{"a,b drain,c", "acacac"},
		{"a,b,c backup", "ababab"},
		{"a down,b down,c backup,d*2 backup", "dcddcd"},
		{"a down", "----"},
		{"a down,b backup down", "----"},
	} {
		if got := play(group(t, RoundRobin, c.servers), len(c.want), "", 0); got != c.want {
			t.Errorf("%s: got %s, want %s", c.servers, got, c.want)
		}
	}
}

func TestFailedPeersAreLeftOutAndTriedAgain(t *testing.T) {
	g := group(t, RoundRobin, "a,b,c")
	if got := play(g, 3, "b", 1000); got != "abcc" { // b fails once, c answers in its place and has gained most
		t.Errorf("b fails: %s", got)
	}
	if got := play(g, 4, "", 1000); strings.Contains(got, "b") {
		t.Errorf("b is asked while it is unavailable: %s", got)
	}
	now := int64(1000 + 10_000)
	if got := play(g, 4, "", now); strings.Contains(got, "b") {
		t.Errorf("b is asked before its time: %s", got)
	}
	now++
	if got := play(g, 6, "b", now); strings.Count(got, "b") != 1 {
		t.Errorf("one request should have tried b: %s", got)
	}
	now += 10_001
	if got := play(g, 30, "", now); strings.Count(got, "b") < 9 {
		t.Errorf("b should be back: %s", got)
	}
}

// The effective weight falls by weight/max_fails and grows by one in each round, as in NGINX.
func TestEffectiveWeightRecovers(t *testing.T) {
	g := group(t, RoundRobin, "a*4,b*2", each(func(s *ServerConfig) { s.MaxFails = 2 }))
	var r Request
	p, _ := g.Pick(&r, 1)
	g.Done(&r, p, Outcome{Failed: true}, 1)
	if letter(p) != "a" || p.effective != 2 {
		t.Fatalf("%s has effective weight %d, want a with 2", letter(p), p.effective)
	}
	play(g, 2, "", 1)
	if p.effective != 4 {
		t.Errorf("effective weight %d after two rounds, want 4", p.effective)
	}
}

func TestTries(t *testing.T) {
	g := group(t, RoundRobin, "a,b,c down,d backup")
	var r Request
	if got := one(g, &r, "abd", 0); got != "abd" || r.Tries() != 0 {
		t.Errorf("tried %s, %d left", got, r.Tries())
	}
	r.Reset()
	if got := one(g, &r, "", 0); got != "-" {
		t.Errorf("all have failed, and yet %s answers", got)
	}
}

func TestASingleServerIsNeverUnavailable(t *testing.T) {
	g := group(t, RoundRobin, "a")
	if got := play(g, 5, "a", 0); got != "aaaaa" {
		t.Errorf("got %s", got)
	}
	if p := g.Snapshot(0).Peers[0]; p.State != "up" || p.Fails != 5 {
		t.Errorf("state %s with %d failures", p.State, p.Fails)
	}
	var r Request
	p, _ := g.Pick(&r, 0)
	g.Done(&r, p, Outcome{Failed: true, Cached: true}, 0)
	if r.Tries() != 1 {
		t.Errorf("a stale connection leaves %d tries, want 1", r.Tries())
	}
}

// A backend that was restarted has closed all connections that were kept to it, and is there.
func TestAStaleConnectionIsNoFailure(t *testing.T) {
	g := group(t, RoundRobin, "a,b,c,d,e,f,g")
	var r Request
	for i := range 20 {
		p, v := g.Pick(&r, 1)
		if v != Picked || r.Tries() != 7 {
			t.Fatalf("try %d: verdict %d, %d tries left", i, v, r.Tries())
		}
		g.Done(&r, p, Outcome{Failed: true, Cached: true}, 1)
	}
	if got := one(g, &r, "abcdef", 1); len(got) > 7 || got[len(got)-1] != 'g' {
		t.Errorf("tried %s", got)
	}
	r.untry(new(Peer))
	r.Reset()
	r.untry(new(Peer))
	if r.n != 0 || g.Snapshot(1).Peers[6].Fails != 0 {
		t.Errorf("%d tried, %d failures", r.n, g.Snapshot(1).Peers[6].Fails)
	}
}

func TestMaxConns(t *testing.T) {
	g := group(t, RoundRobin, "a,b", each(func(s *ServerConfig) { s.MaxConns = 2 }))
	var held [4]Request
	var peers [4]*Peer
	for i := range held {
		peers[i], _ = g.Pick(&held[i], 0)
	}
	var r Request
	if p, v := g.Pick(&r, 0); v != NoLive {
		t.Fatalf("a fifth request got %s", letter(p))
	}
	g.Done(&held[1], peers[1], Outcome{}, 0)
	if p, _ := g.Pick(&r, 0); letter(p) != "b" {
		t.Errorf("got %s, want b, which has room", letter(p))
	}
}

func TestMaxFailsZeroAndLong(t *testing.T) {
	g := group(t, RoundRobin, "a,b", each(func(s *ServerConfig) { s.MaxFails = -1 }))
	if got := play(g, 4, "a", 0); got != "abbabb" && got != "abbabbb" {
		t.Errorf("failures of a must not count: %s", got)
	}
	g = group(t, RoundRobin, "a,b", each(func(s *ServerConfig) { s.MaxFails, s.FailTimeout = 2, time.Second }))
	if got := play(g, 6, "a", 0); strings.Count(got, "a") != 2 {
		t.Errorf("a should be asked twice: %s", got)
	}
}

func TestErrorsOfConfigurations(t *testing.T) {
	one := func(s ServerConfig) []ServerConfig { return []ServerConfig{s} }
	for _, c := range []struct {
		Config
		want string
	}{
		{Config{}, "no servers are inside upstream"},
		{Config{Servers: one(ServerConfig{Address: "a:1", Backup: true, Resolve: true})}, "no servers are inside upstream"},
		{Config{Servers: one(ServerConfig{Address: "name"})}, `host not found in server "name"`},
		{Config{Servers: one(ServerConfig{Address: "::1", Weight: -1})}, `invalid parameter "weight=-1"`},
		{Config{Servers: one(ServerConfig{Address: "::1", Route: strings.Repeat("r", 33)})}, "route is longer than 32"},
		{Config{Servers: one(ServerConfig{Address: "n", Addrs: Addrs("nonsense")})}, `invalid address "nonsense"`},
		{Config{Servers: one(ServerConfig{Address: "::1", Service: "s"})}, `requires "resolve" parameter`},
		{Config{Method: 99}, "unknown method"},
		{Config{Method: IPHash, Servers: one(ServerConfig{Address: "::1", Backup: true})}, `parameter "backup"`},
		{Config{Method: Hash, Servers: one(ServerConfig{Address: "::1", SlowStart: 1})}, `parameter "slow_start"`},
		{Config{Sticky: &StickyConfig{}}, "empty cookie name"},
		{Config{Sticky: &StickyConfig{Cookie: "c", SameSite: "maybe"}}, `invalid "samesite"`},
		{Config{Sticky: &StickyConfig{Kind: StickyLearn}}, `"zone" parameter is not specified`},
		{Config{Sticky: &StickyConfig{Kind: StickyLearn, Zone: "z", ZoneSize: 1}}, `zone "z" is too small`},
	} {
		if _, err := New(c.Config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", c.Config, err, c.want)
		}
	}
}
