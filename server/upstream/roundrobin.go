package upstream

// Hot: runs for every request; no allocation, no map, no defer.

// roundRobin is the smooth weighted round robin of ngx_http_upstream_round_robin.c: in each round every peer gains its weight,
// the one that has most is chosen and pays what all have gained.
func roundRobin(_ *Group, r *Request, l *level, now int64) *Peer {
	if l.single {
		return onlyPeer(r, l, now)
	}
	stuck := l.bySID(r, now)
	if stuck != nil && stuck.current <= -(l.total-stuck.weight)*fraction {
		stuck.take(r, now) // its credit is used up; the others' order is left as it is
		return stuck
	}
	best, total := (*Peer)(nil), 0
	for _, p := range l.peers {
		if !p.eligible(r, now) {
			continue
		}
		share := p.share(now)
		p.current += share
		total += share
		if best == nil || p.current > best.current {
			best = p
		}
	}
	if stuck != nil {
		best = stuck
	}
	if best == nil {
		return nil
	}
	best.current -= total
	best.take(r, now)
	return best
}

// onlyPeer returns the peer of a group of one, which failures do not take away and which may be tried again.
func onlyPeer(r *Request, l *level, now int64) *Peer {
	p := l.peers[0]
	sticks := r.hint.n > 0 && p.sid == string(r.hint.b[:r.hint.n])
	switch {
	case p.down == down || p.health != healthy || p.down == draining && !sticks:
		return nil
	case p.full():
		r.full = true
		return nil
	}
	p.take(r, now)
	return p
}
