package proxy

import (
	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// A connection that rests occupies a peer that serves each of its connections by a thread or a process, as application servers do.
// With max_conns the peer has said how many those are. Were a reactor to rest the last of them, requests of the others would wait
// at the peer until it closes. They steal it (steal.go), and who dials all the same has the others close what is too much.
//
//	reactor A: no connection to p rests here ─▶ dial ─▶ post to all ─┐
//	reactor B:                         in use + at rest > max_conns ◀┘─▶ close the one that rested longest
//
// Posted messages are read between two events: a reactor that gives a peer back, which may be what A waited for, and then lets the
// connection rest, does both before it reads the message. Two that read theirs at once may close one too many.

// makeRoom has connections to p that rest closed, on any reactor, as far as they and those in use are more than p may have: a new
// one is made.
func (u *Upstream) makeRoom(p *upstream.Peer) {
	if u.keep.Max == 0 || !u.group.Limited(p) {
		return
	}
	for i := range u.shards {
		if r := u.shards[i].r.Load(); r != nil {
			u.shards[i].askFor(p, r)
		}
	}
}

// askFor has the reactor of s close what p has too much of.
func (s *shard) askFor(p *upstream.Peer, r *loop.Reactor) {
	r.Post(func() { s.closeOver(p) })
}

// closeOver closes connections to p that rest in s, those that have rested longest first, while p has too many.
func (s *shard) closeOver(p *upstream.Peer) {
	for s.up.group.Crowded(p) {
		l := s.longest(p)
		if l == nil {
			return
		}
		s.remove(l)
		l.shut()
	}
}

// longest returns the connection to p that has rested longest, or nil.
func (s *shard) longest(p *upstream.Peer) *link {
	for _, l := range s.list {
		if l.peer == p {
			return l
		}
	}
	return nil
}
