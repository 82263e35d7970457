package upstream

// Hot: runs for every request; no allocation, no map, no defer.

// random is a generator of its own for each group (splitmix64): the lock guards it.
type random uint64

func (s *random) next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// draw returns a peer at random, by weights.
func (g *Group) draw(l *level) *Peer { return l.at(uint32(g.random.next() % uint64(l.total))) }

// randomOne is method random of ngx_http_upstream_random_module.c.
func randomOne(g *Group, r *Request, l *level, now int64) *Peer {
	if len(l.peers) < 2 || r.misses > maxMisses {
		return roundRobin(g, r, l, now)
	}
	p := l.bySID(r, now)
	for p == nil {
		if q := g.draw(l); q.eligible(r, now) {
			p = q
		} else if r.misses++; r.misses > maxMisses {
			return roundRobin(g, r, l, now)
		}
	}
	p.take(r, now)
	return p
}

// randomTwo draws two peers and takes the one that has fewer requests, or less to do, for its weight.
func randomTwo(g *Group, r *Request, l *level, now int64) *Peer {
	if len(l.peers) < 2 || r.misses > maxMisses {
		return roundRobin(g, r, l, now)
	}
	p, first := l.bySID(r, now), (*Peer)(nil)
	for p == nil {
		switch q := g.draw(l); {
		case q == first || !q.eligible(r, now):
			if r.misses++; r.misses > maxMisses {
				return roundRobin(g, r, l, now)
			}
		case first == nil:
			first = q
		default:
			p = g.better(first, q, now)
		}
	}
	p.take(r, now)
	return p
}

// better returns the peer of less cost for its weight, the second when they are equal.
func (g *Group) better(first, second *Peer, now int64) *Peer {
	of := connections
	if g.method != RandomTwo {
		of = estimate
	}
	if of(g, first, now)*second.scale(now) < of(g, second, now)*first.scale(now) {
		return first
	}
	return second
}
