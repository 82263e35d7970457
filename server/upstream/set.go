package upstream

import "slices"

// set is the peers of a group at one time; it is never changed.
type set struct {
	primary, backup level
}

// level is the primary or the backup peers, in the order NGINX has them.
type level struct {
	peers []*Peer
	// until holds, for each peer, the sum of the weights up to and with it.
	until []uint32
	ring  []point // for consistent hashing
	total int     // weight
	tries int     // peers that are not down
	// single: this is the only peer, and it is asked whatever happened.
	single bool
}

// compile makes a set of peers. Their weights must not change meanwhile: the caller holds editing.
func compile(peers []*Peer, m Method) *set {
	s := new(set)
	for _, p := range peers {
		l := &s.primary
		if p.backup {
			l = &s.backup
		}
		l.add(p)
	}
	s.primary.single = len(s.primary.peers) == 1 && len(s.backup.peers) == 0
	if m == HashConsistent {
		s.primary.ring = newRing(s.primary.peers)
	}
	return s
}

func (l *level) add(p *Peer) {
	l.peers = append(l.peers, p)
	l.total += p.weight
	l.until = append(l.until, uint32(l.total))
	if p.down == up {
		l.tries++
	}
}

// at returns the peer that has the w-th unit of the weights, for w below total.
func (l *level) at(w uint32) *Peer {
	i, _ := slices.BinarySearch(l.until, w+1)
	return l.peers[i]
}

// all returns the peers of both levels, in a slice of its own.
func (s *set) all() []*Peer {
	return append(append([]*Peer(nil), s.primary.peers...), s.backup.peers...)
}

// next returns the level behind l, or nil.
func (s *set) next(l *level) *level {
	if l == &s.primary && len(s.backup.peers) > 0 {
		return &s.backup
	}
	return nil
}

// bySID returns the peer that r sticks to, if it may have it.
func (l *level) bySID(r *Request, now int64) *Peer {
	if r.hint.n == 0 {
		return nil
	}
	for _, p := range l.peers {
		if p.sid == string(r.hint.b[:r.hint.n]) {
			if p.stickable(r, now) {
				return p
			}
			return nil
		}
	}
	return nil
}
