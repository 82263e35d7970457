package resolver

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestCached(t *testing.T) {
	f := newFake(t, zone)
	r := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}})
	now := time.Now()
	if _, ok := r.Cached([]byte("a.example"), now); ok {
		t.Error("known before anybody asked")
	}
	look(t, r, "alias.example")
	for _, c := range []struct {
		name  string
		after time.Duration
		ok    bool
	}{
		{"alias.example", 25 * time.Second, true}, {"alias.example", 35 * time.Second, false}, // the shortest TTL on the way
		{"alias2.example", 25 * time.Second, true}, {"a.example", time.Hour - time.Second, true}, {"a.example", time.Hour + 5*time.Second, false},
		{"ALIAS.example.", 0, true}, {"alias.example..", 0, false}, {"b.example", 0, false}, {strings.Repeat("a", 300), 0, false}, {"", 0, false},
	} {
		addrs, ok := r.Cached([]byte(c.name), now.Add(c.after))
		if ok != c.ok || ok && len(addrs) != 3 {
			t.Errorf("%s after %s: %v, %v", c.name, c.after, addrs, ok)
		}
	}
	before := len(f.queries())
	if got := text(look(t, r, "Alias.example")); got != "192.0.2.1 192.0.2.2 2001:db8::1" || len(f.queries()) != before {
		t.Errorf("%s; %d queries more", got, len(f.queries())-before)
	}
	look(t, r, "nx.example")
	look(t, r, "nx.example")
	if n := len(f.queries()) - before; n != 4 {
		t.Errorf("an error is remembered: %d queries", n)
	}
}

// Every address comes first about as often as every other.
func TestRotation(t *testing.T) {
	f := newFake(t, zone)
	r := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}})
	look(t, r, "a.example")
	first := map[netip.Addr]int{}
	for range 3000 {
		addrs, _ := r.Cached([]byte("a.example"), time.Now())
		if first[addrs[0]]++; addrs[0] == addrs[1] || addrs[1] == addrs[2] || addrs[0] == addrs[2] {
			t.Fatal(addrs)
		}
	}
	for a, n := range first {
		if n < 800 || n > 1200 {
			t.Errorf("%s is first %d times of 3000", a, n)
		}
	}
}

func TestValid(t *testing.T) {
	f := newFake(t, func(q asked) [][]byte {
		return msg(q, 0, addrs(q, map[string]uint32{"a": 0, "b": 1 << 31, "c": 5}[q.name], "192.0.2.1")...)
	})
	now := time.Now()
	byTTL := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}, NoIPv6: true})
	fixed := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}, NoIPv6: true, Valid: time.Minute})
	for _, name := range []string{"a", "b", "c"} {
		look(t, byTTL, name)
		if res := look(t, fixed, name); res.Valid.Sub(now) < time.Minute || res.Valid.Sub(now) > time.Minute+5*time.Second {
			t.Errorf("%s is valid for %s", name, res.Valid.Sub(now))
		}
		if _, ok := fixed.Cached([]byte(name), now.Add(59*time.Second)); !ok {
			t.Errorf("%s is not kept for valid", name)
		}
		if _, ok := byTTL.Cached([]byte(name), now); ok != (name == "c") {
			t.Errorf("%s by its TTL: %v", name, ok)
		}
	}
	if res := look(t, fixed, "."); res.Valid.Sub(now) < time.Minute {
		t.Error("an error is valid for valid, too")
	}
}

func TestCacheIsBounded(t *testing.T) {
	f := newFake(t, func(q asked) [][]byte { return msg(q, 0, addrs(q, 60, "192.0.2.1")...) })
	r := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}, NoIPv6: true, MaxEntries: 5})
	for i := range 20 {
		name := fmt.Sprintf("n%d", i)
		look(t, r, name)
		if _, ok := r.Cached([]byte(name), time.Now()); !ok {
			t.Errorf("%s is not kept", name)
		}
	}
	if n := len(r.cache.entries); n != 5 {
		t.Errorf("%d entries", n)
	}
	now := time.Now().Add(time.Hour) // all have expired
	for i := range 10 {
		r.cache.put(key{hosts, fmt.Sprint(i % 2)}, &entry{valid: now.Add(time.Hour)}, now)
	}
	if n := len(r.cache.entries); n != 2 {
		t.Errorf("%d entries after all but 2 have expired", n)
	}
}
