package proxy

import (
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// A reactor that would have to dial asks another one for a connection that rests there, in two cases:
//
//	the peer has max_conns, and what is in use and at rest is as many     one that rests has to be closed anyway: any is asked for
//	otherwise, once in a tick                                             one that its reactor did without for surplusTicks
//
//	asker:  ask ──Post──▶ owner: yield ─┬─ link.conn.Move ─▶ asker: Moved ─▶ the request is sent, as on any kept connection
//	          └─ patience is over       └─ none ───────────▶ asker: refused ─▶ dialled
//
// The second case is for traffic so thin that each reactor alone would find its connections timed out. It is not for load: there
// a reactor dials when it has more requests at once than ever before, and keeps what it made; reactors that took from each other
// would do so again at each of their peaks.
//
// Measured with two reactors whose clients take turns, peer and clients in the same process, 2 cores: a request over a connection of
// the reactor's own 33 to 40 µs of processor time, over one that is stolen each time 43 to 50, over a new one each time, on the
// loopback, 103 to 119. So what is stolen costs a fifth of what is dialled, where connecting is as cheap as it can be.
//
// A reactor that stands is not waited for: stealPatience, and dialled. What it brings late rests with the asker, if the peer has room
// for it.

const (
	// surplusTicks is how long a connection has to rest before a reactor can do without it.
	surplusTicks = 2
	// stealPatience is how long an answer is waited for.
	stealPatience = 2 * time.Millisecond
)

// asking is the question of a call for a connection. It belongs to the asker's reactor; the owner's reads by, peer and rested.
type asking struct {
	x        *call // nil when it does not wait any more
	home     *shard
	by       *Handler
	peer     *upstream.Peer
	rested   uint32 // ticks, at least
	patience *time.Timer
}

// steal asks another reactor for a connection to p. It returns false when none has one to spare.
func (x *call) steal(p *upstream.Peer) bool {
	u := x.up
	if u.keep.Max == 0 {
		return false
	}
	s := u.shard(x.r)
	owner := u.owner(p, s)
	if owner == nil {
		return false
	}
	a := &asking{x: x, home: s, by: x.h, peer: p}
	if !u.group.Crowded(p) {
		if x.r.Ticks() == s.asked {
			return false
		}
		s.asked, a.rested = x.r.Ticks(), surplusTicks
	}
	x.asks = a
	x.refs.Add(1)
	x.r.Await(1)
	a.patience = time.AfterFunc(u.patience, func() { s.r.Load().Post(a.refused) })
	owner.r.Load().Post(func() { owner.yield(a) })
	return true
}

// owner returns the shard of another reactor in which the most connections to p rest, or nil.
func (u *Upstream) owner(p *upstream.Peer, asker *shard) (most *shard) {
	var n int32
	for i := range upstream.Slots {
		if k := p.Resting(i); k > n && &u.shards[i] != asker && u.shards[i].r.Load() != nil {
			most, n = &u.shards[i], k
		}
	}
	return most
}

// yield moves a connection to who asks. Of those that rested for long enough it is the one used last.
func (s *shard) yield(a *asking) {
	r, to := s.r.Load(), a.home.r.Load()
	for i := len(s.list) - 1; i >= 0; i-- {
		l := s.list[i]
		if l.peer != a.peer || r.Ticks()-l.rests < a.rested || !s.up.suits(l, a.by) {
			continue
		}
		s.remove(l)
		l.asked = a
		l.began = r.Ticks() - l.began // its age: each reactor counts ticks of its own
		if l.conn.Alive() && l.conn.Move(to) {
			return
		}
		l.asked = nil
		l.shut()
	}
	to.Post(a.refused)
}

// Moved brings the connection that was asked for; see loop.Mover.
func (l *link) Moved(c *loop.Conn) {
	a := l.asked
	l.asked, l.began = nil, c.Reactor().Ticks()-l.began
	x := a.end()
	switch {
	case x == nil:
		if !a.home.put(l, c.Reactor().Ticks()) {
			l.shut()
		}
		a.home.closeOver(a.peer) // while it was on its way, nobody could close it for the one that was dialled
		return
	case a.peer.Removed():
		l.shut()
		x.dialAnew(a.peer)
	default:
		x.at = time.Now()
		x.reuse(l)
	}
	x.release()
}

// refused goes on without a connection of another reactor: there is none, or it is late.
func (a *asking) refused() {
	if x := a.end(); x != nil {
		x.at = time.Now()
		x.dialAnew(a.peer)
		x.release()
	}
}

// end returns the call with the reference that was taken for it, nil when it has gone on.
func (a *asking) end() *call {
	x := a.x
	if x != nil {
		a.x, x.asks = nil, nil
		a.patience.Stop()
		x.r.Await(-1)
	}
	return x
}
