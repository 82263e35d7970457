//go:build !race && !invariants

package upstream

import (
	"net/netip"
	"testing"
	"time"
)

func TestNothingIsAllocated(t *testing.T) {
	key, session, client := []byte("some key"), []byte("session"), netip.MustParseAddr("2001:db8::1")
	for _, m := range stickyMethods {
		for name, g := range map[string]*Group{
			"plain": group(t, m, "a*3,b,c"),
			"learn": group(t, m, "a*3,b,c", learning(false), func(c *Config) { c.Inflight = true }),
		} {
			var r Request
			got := testing.AllocsPerRun(200, func() {
				r.Reset()
				r.Key, r.Client, r.Sticky = key, client, session
				for range 3 {
					p, _ := g.Pick(&r, 1)
					g.Header(&r, p, time.Millisecond, session, 1)
					g.Done(&r, p, Outcome{Next: true, Status: 404, Session: session}, 1)
				}
			})
			if got != 0 {
				t.Errorf("%s, %s: %v allocations", m, name, got)
			}
		}
	}
}

func TestWaitingAllocatesNothing(t *testing.T) {
	g := group(t, RoundRobin, "a", queued(1))
	first, second := newWaiting(), newWaiting()
	got := testing.AllocsPerRun(100, func() {
		p, _ := g.Pick(&first.Request, 0)
		g.Pick(&second.Request, 0)
		g.Done(&first.Request, p, Outcome{}, 0)
		g.Done(&second.Request, second.peer, Outcome{}, 0)
		first.Request.Reset()
		second.Request.Reset()
		second.Waiter = &second.waiter
	})
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func TestCookieAllocatesNothing(t *testing.T) {
	g := group(t, RoundRobin, "a", sticky(StickyConfig{Cookie: "c", Expires: time.Hour, Path: "/", Domain: "d"}))
	p, buf, domain := g.Snapshot(0).Peers[0].Peer, make([]byte, 0, 256), []byte("example.com")
	got := testing.AllocsPerRun(100, func() { g.AppendCookie(buf, p, domain, nil, 1_800_000_000_000) })
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}
