//go:build linux

package main

import (
	"syscall"
	"testing"
	"time"
)

// retry is how the tests here want another server tried. retrySoon is for those with one that hangs: time-outs that do not stretch
// them for long. On a busy machine servers that do not hang may meet them, too.
const (
	retry     = "proxy_next_upstream error timeout invalid_header; proxy_connect_timeout 60s; proxy_read_timeout 60s; proxy_send_timeout 60s;"
	retrySoon = "proxy_next_upstream error timeout invalid_header; proxy_connect_timeout 3s; proxy_read_timeout 3s; proxy_send_timeout 3s;"
)

const clients = 6

// TestOneBackendFails has one of three application servers fail under load, each way there is, and recover: no request is lost. An answer
// whose head was passed on can only be cut, and the client is told so.
func TestOneBackendFails(t *testing.T) {
	const unbounded = 1 << 30
	for _, c := range []struct {
		name       string
		fail, heal func(b *appServer)
		cut        int64
	}{
		{"killed", func(b *appServer) { b.kill() }, func(b *appServer) { b.start() }, clients},
		{"hung", (*appServer).hang, func(b *appServer) { b.signal(syscall.SIGCONT) }, clients},
		{"slow", func(b *appServer) { b.set("slow") }, func(b *appServer) { b.set("") }, 0},
		{"garbage", func(b *appServer) { b.set("garbage") }, func(b *appServer) { b.set("") }, 0},
		{"broken", func(b *appServer) { b.set("broken") }, func(b *appServer) { b.set("") }, unbounded},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGateway(t, 3)
			times := retry
			if c.name == "hung" {
				times = retrySoon
			}
			g.configure("", "max_fails=2 fail_timeout=1s", "", times)
			g.start()
			l := startLoad(t, g.addr, clients, false)
			l.reach(800)
			b := g.backends[1]
			c.fail(b)
			l.reach(1500)
			c.heal(b)
			healed, was := b.count("served"), l.cut.Load()
			until(t, "requests to the server that recovered", func() bool { return b.count("served") > healed+50 })
			l.reach(500)
			seen := l.end()
			seen.clean(t, c.cut)
			if c.name == "broken" && (was == 0 || seen.cut.Load() > was+clients) {
				t.Errorf("%d cut while the server broke its answers off, %d when it did no more", was, seen.cut.Load()-was)
			}
		})
	}
}

// TestPostsToOneThatIsKilled: a POST that was sent to a server that then died is answered with 502 and not sent to another.
func TestPostsToOneThatIsKilled(t *testing.T) {
	g := newGateway(t, 3)
	g.configure("", "max_fails=1 fail_timeout=1s", "", retry)
	g.start()
	l := startLoad(t, g.addr, clients, true)
	l.reach(500)
	for range 3 {
		g.backends[1].kill()
		l.reach(300)
		g.backends[1].start()
		l.reach(300)
	}
	seen := l.end()
	if bad := seen.wrong.Load() + seen.lost.Load() + seen.refused.Load(); bad > 0 || seen.failed.Load() > 3*clients || seen.cut.Load() > 3*clients {
		t.Errorf("%v", seen)
	}
}

// TestAllBackendsFail: 502 and 504 within the time-outs, and answers again when the servers do, without a restart.
func TestAllBackendsFail(t *testing.T) {
	g := newGateway(t, 2)
	g.configure("", "max_fails=1 fail_timeout=1s", "", retrySoon)
	g.start()
	each := func(do func(b *appServer)) {
		for _, b := range g.backends {
			do(b)
		}
	}
	outage := func(status string) {
		t.Helper()
		l := startLoad(t, g.addr, clients, false)
		began := time.Now() // with both servers hung, some find no server left: 502
		until(t, "answers with "+status, func() bool {
			l.mu.Lock()
			defer l.mu.Unlock()
			return l.first[status] != ""
		})
		if took := time.Since(began); took > time.Minute {
			t.Errorf("the first %s after %v", status, took)
		}
		l.reach(clients)
		if seen := l.end(); seen.wrong.Load()+seen.lost.Load()+seen.refused.Load()+seen.cut.Load()+seen.right.Load() > 0 {
			t.Errorf("%v", seen)
		}
	}
	recover := func() {
		t.Helper()
		c := &client{addr: g.addr}
		until(t, "an answer with 200", func() bool {
			var l ledger
			l.first = map[string]string{}
			c.ask(&l, "/size/100", nil)
			return l.right.Load() == 1
		})
		c.close()
		l := startLoad(t, g.addr, clients, true)
		l.reach(500)
		l.end().clean(t, 0)
	}
	recover()
	each((*appServer).kill)
	outage("502 Bad Gateway")
	each((*appServer).start)
	recover()
	each((*appServer).hang)
	outage("504 Gateway Time-out")
	each(func(b *appServer) { b.signal(syscall.SIGCONT) })
	recover()
}
