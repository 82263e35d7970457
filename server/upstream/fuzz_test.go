package upstream

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// script plays a life of a group that bytes describe, and checks after every step what must always hold.
type script struct {
	t     *testing.T
	g     *Group
	now   int64
	bytes []byte
	out   []*held // requests that are under way, or wait
}

// held is one request of a script.
type held struct {
	waiting
	g      *Group // that it began with
	tried  []*Peer
	queued bool
}

func (s *script) next() int {
	if len(s.bytes) == 0 {
		return 0
	}
	b := s.bytes[0]
	s.bytes = s.bytes[1:]
	return int(b)
}

func (s *script) peer() *Peer {
	all := s.g.set.all()
	if len(all) == 0 {
		return nil
	}
	return all[s.next()%len(all)]
}

func FuzzLifeOfAGroup(f *testing.F) {
	for m := range stickyMethods {
		f.Add(append([]byte{byte(m), 3}, "\x00\x01\x00\x02\x00\x03\x01\x10\x02\x01\x04\x05\x06\x07\x08\x09\x0a\x0b\x00\x00\x00\x01\x01\x02\x03"...))
	}
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &script{t: t, bytes: b}
		m, limit := stickyMethods[s.next()%len(stickyMethods)], s.next()%4
		s.g = group(t, m, "a*3,b,c", learning(false), func(c *Config) { c.Queue, c.Inflight = 3, true },
			each(func(c *ServerConfig) { c.MaxConns = limit }))
		for range min(len(b), 200) {
			s.step()
			s.check()
		}
		for len(s.out) > 0 {
			s.finish(0)
			s.check()
		}
	})
}

func (s *script) step() {
	s.now += int64(s.next()%8) * 3000
	switch s.next() % 12 {
	case 0, 1, 2:
		s.request()
	case 3, 4:
		if len(s.out) > 0 {
			s.finish(s.next() % len(s.out))
		}
	case 5:
		_, _ = s.g.Add(ServerConfig{Address: fmt.Sprintf("127.0.0.1:%d", 8001+s.next()%6), MaxConns: s.next() % 3}, s.now)
	case 6:
		if p := s.peer(); p != nil {
			_ = s.g.Remove(p.ID(), s.now)
		}
	case 7:
		if p := s.peer(); p != nil {
			_ = s.g.SetWeight(p.ID(), s.next()%5, s.now)
		}
	case 8:
		if p := s.peer(); p != nil {
			_ = s.g.SetDown(p.ID(), s.next()%2 == 0, s.now)
		}
	case 9:
		if p := s.peer(); p != nil {
			_ = s.g.Drain(p.ID(), s.next()%2 == 0, s.now)
		}
	case 10:
		if p := s.peer(); p != nil {
			s.g.SetHealthy(p, s.next()%2 == 0, s.now)
		}
	case 11:
		next := group(s.t, s.g.method, "b,c*2,d", learning(false), func(c *Config) { c.Queue = s.next() % 4 })
		next.Adopt(s.g, s.now)
		s.g = next
	}
	s.collect()
}

// request begins a request.
func (s *script) request() {
	h := &held{g: s.g}
	h.Waiter, h.Key, h.Sticky = &h.waiter, []byte{byte(s.next())}, []byte{byte(s.next() % 3)}
	h.Client = netip.AddrFrom4([4]byte{1, 2, byte(s.next()), 4})
	s.pick(h)
}

func (s *script) pick(h *held) {
	p, v := h.g.Pick(&h.Request, s.now)
	h.queued = v == Queued
	if v == NoLive {
		return
	}
	s.out = append(s.out, h)
	if v == Picked {
		h.peer = nil
		s.picked(h, p)
	}
}

func (s *script) picked(h *held, p *Peer) {
	h.peer = p
	if p.maxConns > 0 && p.conns > p.maxConns {
		s.t.Fatalf("%s has %d active requests of %d", p.Name(), p.conns, p.maxConns)
	}
	if slices.Contains(h.tried, p) && !h.level.single {
		s.t.Fatalf("%s was tried before", p.Name())
	}
	h.tried = append(h.tried, p)
}

// collect finds the requests that were granted a peer.
func (s *script) collect() {
	for _, h := range s.out {
		if h.queued && h.peer != nil {
			h.queued = false
			s.picked(h, h.peer)
		}
	}
}

// finish ends a try, or a wait.
func (s *script) finish(i int) {
	h := s.out[i]
	s.out = slices.Delete(s.out, i, i+1)
	if h.queued {
		if !h.g.Leave(&h.Request) {
			s.t.Fatal("who waits is not in the queue")
		}
		return
	}
	failed := s.next()%3 == 0
	p := h.peer
	h.peer = nil
	h.g.Done(&h.Request, p, Outcome{Failed: failed, Status: 200, Header: time.Second, Session: h.Sticky}, s.now)
	s.collect()
	if failed && h.Tries() > 0 && len(h.tried) < 6 {
		s.pick(h)
	}
}

// check compares the group with the requests that the script knows of.
func (s *script) check() {
	active, waiting := map[*Peer]int{}, 0
	for _, h := range s.out {
		if h.queued {
			waiting++
		} else {
			active[h.peer]++
		}
	}
	for _, p := range s.g.set.all() {
		if p.conns != active[p] {
			s.t.Fatalf("%s counts %d active requests, there are %d", p.Name(), p.conns, active[p])
		}
		if p.effective < 0 || p.effective > p.weight || p.fails < 0 || p.timing.unanswered < 0 {
			s.t.Fatalf("%s: %+v", p.Name(), p.state)
		}
	}
	length := 0
	for r := s.g.queue.first; r != nil; r = r.link.next {
		length++
	}
	if length != waiting || length != s.g.queue.length {
		s.t.Fatalf("%d requests wait, the queue says %d and has %d", waiting, s.g.queue.length, length)
	}
}
