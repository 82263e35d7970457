package upstream

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestLeastConnTakesWhoHasFewest(t *testing.T) {
	g := group(t, LeastConn, "a*2,b,c down")
	got := ""
	requests := make([]Request, 9)
	peers := make([]*Peer, 9)
	for i := range requests {
		peers[i], _ = g.Pick(&requests[i], 0)
		got += letter(peers[i])
	}
	if got != "ababaaaba" { // two for a, one for b; the first, fourth and seventh by round robin, as they are equal
		t.Errorf("got %s", got)
	}
	for i := range requests {
		if letter(peers[i]) == "b" {
			g.Done(&requests[i], peers[i], Outcome{}, 0)
		}
	}
	var r Request
	if p, _ := g.Pick(&r, 0); letter(p) != "b" {
		t.Errorf("b is idle, and %s was chosen", letter(p))
	}
}

// answer has the peers answer once each, in the times given.
func answer(g *Group, now int64, took ...time.Duration) {
	requests, peers := make([]Request, len(took)), make([]*Peer, len(took))
	for i := range requests {
		peers[i], _ = g.Pick(&requests[i], now)
	}
	for i, p := range peers {
		d := took[letter(p)[0]-'a']
		g.Header(&requests[i], p, d, nil, now)
		g.Done(&requests[i], p, Outcome{Status: 200, Header: d, Total: 10 * d}, now)
	}
}

func TestLeastTimeTakesWhoIsFastest(t *testing.T) {
	for _, m := range []Method{LeastTimeHeader, LeastTimeLastByte} {
		for _, inflight := range []bool{false, true} {
			g := group(t, m, "a,b,c", func(c *Config) { c.Inflight = inflight })
			answer(g, 1000, 100*time.Millisecond, 300*time.Millisecond, 105*time.Millisecond)
			got := play2(g, 12, 1000, 100*time.Millisecond)
			a, c := strings.Count(got, "a"), strings.Count(got, "c")
			// The headers of a and c are in the same step of 20 ms, their last bytes are not.
			if a+c != 12 || m == LeastTimeLastByte && c > 0 || m == LeastTimeHeader && (a < 5 || c < 5) {
				t.Errorf("%s, inflight %t: got %s", m, inflight, got)
			}
			s := g.Snapshot(1000).Peers[1]
			if s.HeaderTime != 300*time.Millisecond || s.ResponseTime != 3*time.Second {
				t.Errorf("%s: header %s, response %s", m, s.HeaderTime, s.ResponseTime)
			}
		}
	}
}

// play2 answers n requests that all take as long.
func play2(g *Group, n int, now int64, took time.Duration) string {
	got := ""
	for range n {
		var r Request
		p, _ := g.Pick(&r, now)
		got += letter(p)
		g.Header(&r, p, took, nil, now)
		g.Done(&r, p, Outcome{Status: 200, Header: took, Total: 10 * took}, now)
	}
	return got
}

// A request that is not answered makes its peer slow before it is done.
func TestInflightRequestsCount(t *testing.T) {
	g := group(t, LeastTimeHeader, "a,b", func(c *Config) { c.Inflight = true }, each(func(s *ServerConfig) { s.FailTimeout = time.Hour }))
	answer(g, 1000, 10*time.Millisecond, 90*time.Millisecond)
	var r Request
	p, _ := g.Pick(&r, 1000)
	if letter(p) != "a" {
		t.Fatalf("%s is not the fastest", letter(p))
	}
	var q Request
	if p, _ := g.Pick(&q, 3000); letter(p) != "b" {
		t.Errorf("a has not answered for two seconds, and %s was chosen", letter(p))
	}
}

// The moving average is NGINX's: a twentieth of the new time, rounded.
func TestAverage(t *testing.T) {
	avg := int64(0)
	for i, want := range []int64{100, 105, 100, 96} {
		average(&avg, []int64{100, 200, 0, 10}[i])
		if avg != want {
			t.Errorf("step %d: %d, want %d", i, avg, want)
		}
	}
}

func TestRandomFollowsWeights(t *testing.T) {
	for _, m := range []Method{Random, RandomTwo} {
		g := group(t, m, "a*6,b*3,c*1,d down")
		count := map[string]int{}
		const n = 20_000
		for range n {
			var r Request
			count[one(g, &r, "", 0)]++
		}
		if m == Random {
			for name, share := range map[string]int{"a": 6, "b": 3, "c": 1} {
				if got, want := count[name], n*share/10; got < want*9/10 || got > want*11/10 {
					t.Errorf("%s: %s got %d of %d, want about %d", m, name, got, n, want)
				}
			}
		}
		if count["a"]+count["b"]+count["c"] != n || count["c"] == 0 {
			t.Errorf("%s: %v", m, count)
		}
	}
}

func TestRandomTwoTakesWhoHasLess(t *testing.T) {
	g := group(t, RandomTwo, "a,b,c")
	busy := g.Snapshot(0).Peers[1].Peer
	busy.conns = 100
	for range 500 {
		var r Request
		if got := one(g, &r, "", 0); got == "b" {
			t.Fatal("b has a hundred requests and got another")
		}
	}
}

func TestHashesGoOnWhereTheyMissed(t *testing.T) {
	for _, m := range []Method{IPHash, Hash, HashConsistent} {
		g := group(t, m, "a,b,c,d,e")
		r := Request{Key: []byte("k"), Client: netip.MustParseAddr("192.0.2.1")}
		got := one(g, &r, "abcd", 0)
		seen := map[rune]bool{}
		for _, c := range got {
			if seen[c] {
				t.Errorf("%s: %s asks a peer twice", m, got)
			}
			seen[c] = true
		}
		if got[len(got)-1] != 'e' {
			t.Errorf("%s: %s does not end at the only peer that works", m, got)
		}
	}
}

// When one of n servers goes, only its keys move.
func TestTheRingMovesFewKeys(t *testing.T) {
	all, without := group(t, HashConsistent, "a,b,c,d"), group(t, HashConsistent, "a,b,d")
	for i := range 1000 {
		key := []byte{byte(i), byte(i >> 8), 'k'}
		before, after := one(all, &Request{Key: key}, "", 0), one(without, &Request{Key: key}, "", 0)
		if before != after && before != "c" {
			t.Fatalf("key %d went from %s to %s", i, before, after)
		}
	}
}

func TestNameParts(t *testing.T) {
	for _, c := range [][3]string{
		{"127.0.0.1:80", "127.0.0.1", "80"}, {"name", "name", ""}, {"name:", "name", ""}, {"[::1]:8", "[::1]", "8"},
		{"unix:/a:1", "/a:1", ""}, {"UNIX:/x", "/x", ""}, {"name:80x", "name:80x", ""}, {"8080", "8080", ""}, {"", "", ""},
	} {
		if host, port := hashedParts(c[0]); host != c[1] || port != c[2] {
			t.Errorf("%s: %s, %s", c[0], host, port)
		}
	}
}

func TestLiteralAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"10.0.0.1": "10.0.0.1:80", "10.0.0.1:8080": "10.0.0.1:8080", "::1": "[::1]:80", "[::1]": "[::1]:80",
		"[::1]:8": "[::1]:8", "unix:/run/x": "unix:/run/x", "localhost": "", "localhost:80": "", "": "",
	} {
		if got, ok := literal(in); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %t", in, got, ok)
		}
	}
}
