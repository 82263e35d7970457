package upstream

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// waiter remembers the peer it was granted.
type waiter struct{ peer *Peer }

func (w *waiter) Granted(p *Peer) { w.peer = p }

// waiting is a request that may wait.
type waiting struct {
	Request
	waiter
}

func newWaiting() *waiting {
	w := new(waiting)
	w.Waiter = &w.waiter
	return w
}

func queued(size int) func(*Config) {
	return func(c *Config) {
		c.Queue = size
		for i := range c.Servers {
			c.Servers[i].MaxConns = 1
		}
	}
}

func TestQueueIsFirstComeFirstServed(t *testing.T) {
	g := group(t, RoundRobin, "a,b", queued(2))
	requests := make([]*waiting, 5)
	verdicts := make([]Verdict, 5)
	for i := range requests {
		requests[i] = newWaiting()
		requests[i].peer, verdicts[i] = g.Pick(&requests[i].Request, 0)
	}
	if want := []Verdict{Picked, Picked, Queued, Queued, NoLive}; !equal(verdicts, want) {
		t.Fatalf("verdicts %v, want %v", verdicts, want)
	}
	if s := g.Snapshot(0); s.Queued != 2 || s.QueueMax != 2 || s.Overflows != 1 {
		t.Errorf("queued %d of %d, %d overflows", s.Queued, s.QueueMax, s.Overflows)
	}
	g.Done(&requests[1].Request, requests[1].peer, Outcome{}, 1)
	if letter(requests[2].peer) != "b" || requests[3].peer != nil {
		t.Fatalf("granted %s and %s, want b and -", letter(requests[2].peer), letter(requests[3].peer))
	}
	if g.Leave(&requests[2].Request) || !g.Leave(&requests[3].Request) || g.Leave(&requests[3].Request) {
		t.Error("only the fourth request was waiting, once")
	}
	g.Done(&requests[0].Request, requests[0].peer, Outcome{}, 2)
	if requests[3].peer != nil {
		t.Error("a request that has left was granted a peer")
	}
	if p, _ := g.Pick(&requests[4].Request, 3); letter(p) != "a" {
		t.Errorf("got %s, want a, which nobody waits for", letter(p))
	}
}

func equal[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Whatever makes room serves the queue: more connections, another server, health.
func TestWhatServesTheQueue(t *testing.T) {
	two := 2
	for name, serve := range map[string]func(*Group){
		"max_conns": func(g *Group) { _ = g.Change(0, Change{MaxConns: &two}, 1) },
		"add":       func(g *Group) { _, _ = g.Add(ServerConfig{Address: "127.0.0.1:8009"}, 1) },
		"up":        func(g *Group) { _ = g.SetDown(1, false, 1) },
		"healthy":   func(g *Group) { g.SetHealthy(g.Snapshot(1).Peers[2].Peer, true, 1) },
		"pick": func(g *Group) { // b has failed, and its time is over
			var r Request
			if _, v := g.Pick(&r, 20_000); v != NoLive {
				t.Errorf("who comes later was not behind the queue")
			}
		},
	} {
		g := group(t, RoundRobin, "a,b down,c,d", queued(2))
		peers := g.Snapshot(0).Peers
		g.SetHealthy(peers[2].Peer, false, 0)
		peers[3].Peer.failed(0)
		first, second := newWaiting(), newWaiting()
		g.Pick(&first.Request, 0)
		if _, v := g.Pick(&second.Request, 0); v != Queued {
			t.Fatalf("%s: verdict %d", name, v)
		}
		serve(g)
		if second.peer == nil {
			t.Errorf("%s: the request still waits", name)
		}
	}
}

// A request that has tried all peers but a busy one does not keep the others waiting.
func TestWhoCannotBeServedIsPassed(t *testing.T) {
	g := group(t, RoundRobin, "a,b", queued(5), each(func(s *ServerConfig) { s.MaxFails = -1 }))
	holder := newWaiting()
	p, _ := g.Pick(&holder.Request, 0) // a
	retried := newWaiting()
	q, _ := g.Pick(&retried.Request, 0) // b
	g.Done(&retried.Request, q, Outcome{Failed: true}, 0)
	if _, v := g.Pick(&retried.Request, 0); v != Queued {
		t.Fatal("the second try should wait for a")
	}
	var other Request
	if p, _ := g.Pick(&other, 0); letter(p) != "b" {
		t.Errorf("b is idle, and who comes later got %s", letter(p))
	}
	third := newWaiting()
	if _, v := g.Pick(&third.Request, 0); v != Queued {
		t.Fatal("both are busy")
	}
	g.Done(&other, q, Outcome{}, 0)
	if letter(third.peer) != "b" || retried.peer != nil {
		t.Errorf("granted %s and %s, want - and b", letter(retried.peer), letter(third.peer))
	}
	g.Done(&holder.Request, p, Outcome{}, 0)
	if letter(retried.peer) != "a" {
		t.Errorf("granted %s, want a", letter(retried.peer))
	}
}

// channel is a waiter of a goroutine.
type channel chan *Peer

func (c channel) Granted(p *Peer) { c <- p }

// Under load from several goroutines no peer ever has more than max_conns, nothing is lost in the queue, and in the end nothing is
// active.
func TestMaxConnsUnderLoad(t *testing.T) {
	const limit = 3
	for _, m := range stickyMethods {
		g := group(t, m, "a*3,b,c", func(c *Config) { c.Queue, c.Inflight = 4, true }, each(func(s *ServerConfig) { s.MaxConns, s.MaxFails = limit, -1 }))
		var wait sync.WaitGroup
		for worker := range 16 {
			wait.Go(func() { load(t, g, uint64(worker), limit) })
		}
		wait.Wait()
		s := g.Snapshot(0)
		if s.Queued != 0 {
			t.Errorf("%s: %d requests are still queued", m, s.Queued)
		}
		for _, p := range s.Peers {
			if p.Active != 0 || p.Peer.timing.unanswered != 0 {
				t.Errorf("%s: %s: %d active, %d unanswered", m, p.Peer.Name(), p.Active, p.Peer.timing.unanswered)
			}
		}
	}
}

func load(t *testing.T, g *Group, seed uint64, limit int) {
	random := rand.New(rand.NewPCG(seed, 1))
	granted := make(channel, 1)
	var r Request
	for i := range 300 {
		r.Reset()
		r.Waiter, r.Key = granted, []byte{byte(random.Uint32())}
		now := int64(i)
		p, v := g.Pick(&r, now)
		if v == Queued {
			if random.IntN(4) == 0 && g.Leave(&r) {
				continue
			}
			select {
			case p = <-granted:
			case <-time.After(time.Minute):
				t.Error("a request was forgotten in the queue")
				return
			}
		}
		if p == nil {
			continue
		}
		g.lock.Lock()
		if p.conns < 1 || p.conns > limit {
			t.Errorf("%s has %d active requests", p.Name(), p.conns)
		}
		g.lock.Unlock()
		took := time.Duration(random.IntN(50)) * time.Millisecond
		if random.IntN(2) == 0 {
			g.Header(&r, p, took, nil, now)
		}
		g.Done(&r, p, Outcome{Failed: random.IntN(10) == 0, Status: 200, Header: took, Total: took}, now)
	}
}

func TestQueueTimeoutDefault(t *testing.T) {
	if g := group(t, RoundRobin, "a", queued(1)); g.QueueTimeout() != time.Minute {
		t.Errorf("got %s", g.QueueTimeout())
	}
}

// Changes of all kinds, status pages and reloads meanwhile disturb no request.
func TestChangesUnderLoad(t *testing.T) {
	for _, m := range stickyMethods {
		g := group(t, m, "a*3,b,c", learning(true), func(c *Config) { c.Queue = 4 }, each(func(s *ServerConfig) { s.MaxConns, s.MaxFails = 3, -1 }))
		var wait sync.WaitGroup
		for worker := range 4 {
			wait.Go(func() { load(t, g, uint64(worker), 3) })
		}
		for i := range 60 {
			id, err := g.Add(ServerConfig{Address: "127.0.0.1:8009", MaxConns: 3, MaxFails: -1}, 0)
			if err != nil {
				t.Fatal(err)
			}
			g.SetHealthy(g.Snapshot(0).Peers[i%3].Peer, i%4 > 0, 0)
			if err := errors.Join(g.SetWeight(0, 1+i%5, 0), g.Drain(1, i%2 == 0, 0), g.Remove(id, 0)); err != nil {
				t.Fatal(err)
			}
			group(t, m, "c,b,a*2", learning(true), each(func(s *ServerConfig) { s.MaxConns, s.MaxFails = 3, -1 })).Adopt(g, 0)
		}
		for _, p := range g.Snapshot(0).Peers {
			g.SetHealthy(p.Peer, true, 0)
		}
		wait.Wait()
		for _, p := range g.Snapshot(0).Peers {
			if p.Active != 0 {
				t.Errorf("%s: %s has %d active requests", m, p.Peer.Name(), p.Active)
			}
		}
	}
}
