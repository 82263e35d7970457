package upstream

// Hot: runs for every request; no allocation, no map, no defer.

// cost is what a method wants least of, of a peer; peers of more weight may have more of it.
type cost func(g *Group, p *Peer, now int64) int64

// leastConn is ngx_http_upstream_least_conn_module.c.
func leastConn(g *Group, r *Request, l *level, now int64) *Peer {
	if l.single {
		return onlyPeer(r, l, now)
	}
	p := least(g, r, l, now, connections)
	if p != nil {
		p.take(r, now)
	}
	return p
}

func connections(_ *Group, p *Peer, _ int64) int64 { return int64(p.conns) }

// least returns the peer of the least cost for its weight, the one that r sticks to before any other. Among equals round robin
// decides.
func least(g *Group, r *Request, l *level, now int64, of cost) *Peer {
	if p := l.bySID(r, now); p != nil {
		return p
	}
	best, at, many := (*Peer)(nil), 0, false
	var bestCost, bestScale int64
	for i, p := range l.peers {
		if !p.eligible(r, now) {
			continue
		}
		c, scale := of(g, p, now), p.scale(now)
		switch mine, its := c*bestScale, bestCost*scale; {
		case best == nil || mine < its:
			best, bestCost, bestScale, at, many = p, c, scale, i, false
		case mine == its:
			many = true
		}
	}
	if !many {
		return best
	}
	return fairest(g, r, l.peers[at:], now, of)
}

// fairest chooses by round robin among those peers that are as good as the first.
func fairest(g *Group, r *Request, peers []*Peer, now int64, of cost) *Peer {
	best, total := peers[0], 0
	bestCost, bestScale := of(g, best, now), best.scale(now)
	for _, p := range peers {
		if !p.eligible(r, now) || of(g, p, now)*bestScale != bestCost*p.scale(now) {
			continue
		}
		share := p.share(now)
		p.current += share
		total += share
		if p.current > best.current {
			best = p
		}
	}
	best.current -= total
	return best
}
