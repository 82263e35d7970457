package upstream

import "slices"

// Adopt makes g go on where old stands, after a reload: peers of the same server and address keep their failures, weights,
// health, counters and active requests; sessions that were learned stay when their zone has the same name and size;
// names that have not been resolved yet have the addresses they had. Settings are those of g. It must be called before g is used, and
// before old is changed again; requests of old may go on. Groups of different names are left alone.
func (g *Group) Adopt(old *Group, now int64) {
	if old == nil || old == g || old.name != g.name {
		return
	}
	g.takeNames(g.adopt(old), now) // those whose port is another one now
}

// adopt is Adopt without the names that have another port; it returns what the names of old mean.
func (g *Group) adopt(old *Group) []SavedName {
	old.editing.Lock()
	defer old.editing.Unlock()
	fresh, had, names := g.set.all(), old.set.all(), old.saveNames()
	g.shared = old.shared
	if a, b := g.sticky, old.sticky; g.sessions != nil && old.sessions != nil && a.Zone == b.Zone && a.ZoneSize == b.ZoneSize {
		g.sessions = old.sessions
	}
	g.lastID = old.lastID
	g.lock.Lock()
	x := exchange{g: g, had: had}
	peers := append(x.peers(fresh), x.resolved(old.names)...)
	g.lock.Unlock()
	for _, p := range x.had {
		if p != nil {
			p.removed.Store(true)
		}
	}
	s := compile(peers, g.method)
	g.lock.Lock()
	balance(s.primary.peers)
	balance(s.backup.peers)
	g.set = s
	g.lock.Unlock()
	return names
}

// exchange puts peers of an old group in the place of equal ones of a new group.
type exchange struct {
	g   *Group
	had []*Peer
}

// peers returns those of fresh, or what they are exchanged for.
func (x *exchange) peers(fresh []*Peer) []*Peer {
	peers := make([]*Peer, len(fresh))
	for i, p := range fresh {
		q := x.take(func(q *Peer) bool {
			return q.server == p.server && q.name == p.name && q.backup == p.backup && q.sid == p.sid
		})
		if q == nil {
			p.id = x.g.newID()
			q = p
		} else {
			x.keep(q, &p.conf)
			q.from = p.from
		}
		peers[i] = q
	}
	return peers
}

// resolved numbers the names of the new group as those of the old, and returns the peers of those without addresses.
func (x *exchange) resolved(names []*name) []*Peer {
	var peers []*Peer
	for _, n := range x.g.names {
		i := slices.IndexFunc(names, func(o *name) bool {
			return o.conf.Address == n.conf.Address && o.conf.Service == n.conf.Service && o.conf.Backup == n.conf.Backup
		})
		if i < 0 {
			n.id = x.g.newID()
			continue
		}
		o := names[i]
		n.id = o.id
		for len(n.conf.Addrs) == 0 {
			p := x.take(func(q *Peer) bool { return q.from == o })
			if p == nil {
				break
			}
			x.keep(p, &n.conf)
			p.from = n
			peers = append(peers, p)
		}
	}
	return peers
}

// keep gives a peer of the old group its new settings.
func (x *exchange) keep(p *Peer, conf *ServerConfig) {
	p.configure(conf, p.srvWeight)
	switch x.g.health {
	case NoHealthCheck:
		p.health = healthy
	case HealthyAtFirst:
		if p.health == checking {
			p.health = healthy
		}
	case Mandatory:
		p.health = checking
	}
}

// take returns a peer of the old group, once.
func (x *exchange) take(is func(*Peer) bool) *Peer {
	for i, p := range x.had {
		if p != nil && is(p) {
			x.had[i] = nil
			return p
		}
	}
	return nil
}

// balance forgets the current weights of a level when they do not cancel each other out, because its peers have changed.
func balance(peers []*Peer) {
	sum := 0
	for _, p := range peers {
		sum += p.current
	}
	if sum == 0 {
		return
	}
	for _, p := range peers {
		p.current = 0
	}
}
