package upstream

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestCookieText(t *testing.T) {
	now := time.Date(2026, 8, 21, 13, 0, 5, 0, time.UTC).UnixMilli()
	const sid = "9a2a9e6e1b4b0e2f9a66ffb1ebd0c9a5"
	route := each(func(s *ServerConfig) { s.Route = sid })
	for _, c := range []struct {
		conf             StickyConfig
		domain, sameSite []byte
		want             string
	}{
		{StickyConfig{Cookie: "srv"}, nil, nil, "srv=" + sid},
		{StickyConfig{Cookie: "srv", Expires: time.Hour, Domain: ".example.com", Path: "/p", SameSite: "Lax", HTTPOnly: true, Secure: true},
			nil, nil, "srv=" + sid + "; expires=Fri, 21-Aug-26 14:00:05 GMT; max-age=3600; domain=.example.com; httponly; secure; samesite=Lax; path=/p"},
		{StickyConfig{Cookie: "srv", Expires: Forever, Path: "/"}, nil, nil,
			"srv=" + sid + "; expires=Thu, 31-Dec-37 23:55:55 GMT; max-age=315360000; path=/"},
		{StickyConfig{Cookie: "srv", Expires: 20 * 365 * 24 * time.Hour}, nil, nil,
			"srv=" + sid + "; expires=Thu, 16-Aug-2046 13:00:05 GMT; max-age=630720000"},
		{StickyConfig{Cookie: "srv", Domain: "a"}, []byte("b"), []byte("none"), "srv=" + sid + "; domain=b; samesite=none"},
		{StickyConfig{Cookie: "srv", Domain: "a", SameSite: "lax"}, []byte{}, []byte{}, "srv=" + sid},
		{StickyConfig{Cookie: "srv"}, nil, []byte("wrong"), "srv=" + sid + "; samesite=strict"},
		{StickyConfig{Kind: StickyRoute}, nil, nil, ""},
	} {
		g := group(t, RoundRobin, "a,b", route, func(u *Config) { u.Sticky = &c.conf })
		var r Request
		p, _ := g.Pick(&r, now)
		if got := string(g.AppendCookie(nil, p, c.domain, c.sameSite, now)); got != c.want {
			t.Errorf("%+v:\ngot  %s\nwant %s", c.conf, got, c.want)
		}
	}
}

// Without a route the value is the MD5 of the address, as `printf 127.0.0.1:8001 | md5sum` says.
func TestSIDIsTheMD5OfTheAddress(t *testing.T) {
	g := group(t, RoundRobin, "a")
	if got := g.Snapshot(0).Peers[0].Peer.SID(); got != "c69a4fd523c3ca0ca67cda2f009f1ea6" {
		t.Errorf("got %s", got)
	}
}

func sticky(c StickyConfig) func(*Config) {
	return func(u *Config) {
		u.Sticky = &c
		for i := range u.Servers {
			u.Servers[i].Route = string(rune('a' + i))
		}
	}
}

var stickyMethods = []Method{RoundRobin, LeastConn, LeastTimeHeader, LeastTimeLastByte, IPHash, Hash, HashConsistent, Random,
	RandomTwo, RandomTwoHeader, RandomTwoLastByte}

func TestEveryMethodSticks(t *testing.T) {
	for _, m := range stickyMethods {
		g := group(t, m, "a*2,b,c,d drain,e down", sticky(StickyConfig{Kind: StickyRoute}))
		for _, route := range []string{"a", "b", "c", "d"} {
			for range 5 {
				r := Request{Sticky: []byte(route), Key: []byte("k")}
				if got := one(g, &r, "", 1); got != route {
					t.Errorf("%s: %s got %s", m, route, got)
				}
			}
		}
		for _, route := range []string{"e", "f", "a route that is much longer than any server may have"} {
			r := Request{Sticky: []byte(route), Key: []byte("k")}
			if got := one(g, &r, "", 1); got != "a" && got != "b" && got != "c" {
				t.Errorf("%s: %s got %s", m, route, got)
			}
		}
		r := Request{Sticky: []byte("b"), Key: []byte("k")}
		if got := one(g, &r, "b", 2); len(got) != 2 || got[0] != 'b' || got[1] == 'b' {
			t.Errorf("%s: b fails: %s", m, got)
		}
	}
}

// Requests that stick are paid by their peer, so that others go elsewhere meanwhile.
func TestStickyRequestsCountInRoundRobin(t *testing.T) {
	g := group(t, RoundRobin, "a,b", sticky(StickyConfig{Kind: StickyRoute}))
	r := Request{Sticky: []byte("a")}
	one(g, &r, "", 0)
	if got := play(g, 1, "", 0); got != "b" {
		t.Errorf("after a sticky request to a comes %s", got)
	}
}

func learning(header bool) func(*Config) {
	return sticky(StickyConfig{Kind: StickyLearn, Zone: "z", ZoneSize: minZone, Timeout: time.Minute, Header: header})
}

func TestLearn(t *testing.T) {
	g := group(t, RoundRobin, "a,b,c", learning(false))
	respond := func(lookup, create string, o Outcome, now int64) string {
		r := Request{Sticky: []byte(lookup)}
		p, _ := g.Pick(&r, now)
		o.Session = []byte(create)
		g.Done(&r, p, o, now)
		return letter(p)
	}
	ok := Outcome{Status: 200}
	first := respond("", "s1", ok, 1)
	for i := range int64(4) {
		if got := respond("s1", "", ok, i*59_000); got != first {
			t.Fatalf("at %d s the session went from %s to %s", i*59, first, got)
		}
	}
	if got := respond("s1", "", ok, 3*59_000+60_000); got == first {
		if again := respond("s1", "", ok, 3*59_000+60_001); again == first {
			t.Errorf("a session that timed out still sticks to %s", first)
		}
	}
	failedAt := respond("", "s2", Outcome{Failed: true}, 500_000)
	if g.sessions.find(ptr(keyOf([]byte("s2")))) != 0 {
		t.Errorf("a failed response of %s made a session", failedAt)
	}
	moved := respond("", "s3", ok, 600_000)
	for {
		other := respond("", "s3", ok, 600_000) // a server answers with a session that another one made
		if other != moved {
			moved = other
			break
		}
	}
	if got := respond("s3", "", ok, 600_000); got != moved {
		t.Errorf("the session should have moved to %s and is at %s", moved, got)
	}
}

func ptr[T any](v T) *T { return &v }

func TestLearnFromTheHeader(t *testing.T) {
	g := group(t, RoundRobin, "a,b,c", learning(true))
	var r Request
	p, _ := g.Pick(&r, 0)
	g.Header(&r, p, 0, []byte("s"), 0)
	q := Request{Sticky: []byte("s")}
	if other, _ := g.Pick(&q, 0); other != p {
		t.Errorf("the session of a running response went to %s, not %s", letter(other), letter(p))
	}
	g.Done(&r, p, Outcome{Session: []byte("not learned")}, 0)
	if len(g.sessions.entries) != 2 {
		t.Errorf("%d sessions, want 1", len(g.sessions.entries)-1)
	}
}

// The least recently used session goes when the zone is full, and nothing else does.
func TestSessionsAreBounded(t *testing.T) {
	s := newSessions(minZone)
	p := &Peer{sid: "peer"}
	id := func(i int) []byte { return []byte(fmt.Sprint("session ", i)) }
	var order []int // the oldest first
	for i := range 5000 {
		if n := i * 7919 % 300; slices.Contains(order, n) {
			order = slices.DeleteFunc(order, func(o int) bool { return o == n })
			order = append(order, n)
			s.learn(id(n), p, i%2 == 0, int64(i), 1<<40)
		} else {
			order = append(order, n)
			s.learn(id(n), p, true, int64(i), 1<<40)
		}
		if len(order) > s.limit {
			order = order[1:]
		}
	}
	if s.limit != 128 || len(s.entries) != s.limit+1 {
		t.Fatalf("limit %d, %d entries", s.limit, len(s.entries)-1)
	}
	for n := range 300 {
		var to sid
		s.lookup(id(n), 5000, 1<<40, &to)
		if known := to.n > 0; known != slices.Contains(order, n) {
			t.Errorf("session %d known: %t", n, known)
		}
	}
}
