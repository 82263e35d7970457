package upstream

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// What the methods that change a group return besides NGINX's own words for wrong parameters.
var (
	ErrNoServer = errors.New("upstream: server not found")
	ErrExists   = errors.New("upstream: server exists")
	// ErrResolved: the address of the server came from a name; only the name can be removed.
	ErrResolved = errors.New("upstream: server was resolved from a name")
)

// Change is what is to be different about a server; nil stays as it is.
type Change struct {
	Weight, MaxConns       *int
	MaxFails               *int // 0 means failures are not counted
	FailTimeout, SlowStart *time.Duration
	Down, Drain            *bool
}

// apply returns s with the changes, or what is wrong with them.
func (c *Change) apply(s ServerConfig, m Method) (ServerConfig, error) {
	assign(&s.Weight, c.Weight)
	assign(&s.MaxConns, c.MaxConns)
	assign(&s.MaxFails, c.MaxFails)
	assign(&s.FailTimeout, c.FailTimeout)
	assign(&s.SlowStart, c.SlowStart)
	assign(&s.Down, c.Down)
	assign(&s.Drain, c.Drain)
	if c.Down != nil && *c.Down {
		s.Drain = false
	} else if c.Drain != nil && *c.Drain {
		s.Down = false
	}
	switch {
	case s.Weight == 0:
		return s, errors.New(`invalid parameter "weight=0"`)
	case s.MaxFails < 0:
		return s, fmt.Errorf("invalid parameter \"max_fails=%d\"", s.MaxFails)
	}
	return s, s.check(m)
}

func assign[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// Change changes a server: the peer of that ID, or the name and all of its peers.
func (g *Group) Change(id int, c Change, now int64) error {
	g.editing.Lock()
	defer g.editing.Unlock()
	peers := g.set.all()
	changed := 0
	for _, n := range g.names {
		if n.id == id {
			conf, err := c.apply(n.conf, g.method)
			if err != nil {
				return g.error(err)
			}
			n.conf = conf
			changed++
		}
	}
	for _, p := range peers {
		if p.id != id && p.parent() != id {
			continue
		}
		conf, err := c.apply(p.conf, g.method)
		if err != nil {
			return g.error(err)
		}
		g.reconfigure(p, &conf, now)
		changed++
	}
	if changed == 0 {
		return ErrNoServer
	}
	g.replace(peers, now)
	return nil
}

// reconfigure gives p new settings; a peer that comes back from down starts slowly.
func (g *Group) reconfigure(p *Peer, conf *ServerConfig, now int64) {
	g.lock.Lock()
	wasDown := p.down == down
	p.configure(conf, p.srvWeight)
	if wasDown && p.down == up {
		p.grow(now)
	}
	g.lock.Unlock()
}

// replace makes peers the peers of the group, and lets requests go on that waited for one of them.
func (g *Group) replace(peers []*Peer, now int64) {
	s := compile(peers, g.method)
	g.lock.Lock()
	g.set = s
	granted := g.queue.grant(now)
	g.lock.Unlock()
	tell(granted)
}

// SetWeight changes the weight of a server.
func (g *Group) SetWeight(id, weight int, now int64) error {
	return g.Change(id, Change{Weight: &weight}, now)
}

// SetDown takes a server out of the choice, or back in.
func (g *Group) SetDown(id int, down bool, now int64) error {
	return g.Change(id, Change{Down: &down}, now)
}

// Drain leaves a server only the requests that stick to it, or ends that.
func (g *Group) Drain(id int, drain bool, now int64) error {
	return g.Change(id, Change{Drain: &drain}, now)
}

// Add adds a server and returns its ID: that of the name when it is resolved, else that of its first peer; its other peers have
// the IDs that follow.
func (g *Group) Add(s ServerConfig, now int64) (id int, err error) {
	g.editing.Lock()
	defer g.editing.Unlock()
	peers := g.set.all()
	for _, p := range peers {
		if p.server == s.Address && p.backup == s.Backup {
			return 0, ErrExists
		}
	}
	for _, n := range g.names {
		if n.conf.Address == s.Address && n.conf.Service == s.Service && n.conf.Backup == s.Backup {
			return 0, ErrExists
		}
	}
	id = g.lastID + 1
	added, err := g.addServer(s)
	if err != nil {
		return 0, g.error(err)
	}
	for _, p := range added {
		p.grow(now)
	}
	g.replace(append(peers, added...), now)
	return id, nil
}

// Remove takes a server out of the group: a peer, or a name and all of its peers. Requests that are with a peer are not disturbed.
func (g *Group) Remove(id int, now int64) error {
	g.editing.Lock()
	defer g.editing.Unlock()
	peers := g.set.all()
	if i := slices.IndexFunc(peers, func(p *Peer) bool { return p.id == id }); i >= 0 && peers[i].from != nil {
		return ErrResolved
	}
	names := len(g.names)
	g.names = slices.DeleteFunc(g.names, func(n *name) bool { return n.id == id })
	kept := slices.DeleteFunc(slices.Clone(peers), func(p *Peer) bool { return p.id == id || p.parent() == id })
	if len(kept) == len(peers) && len(g.names) == names {
		return ErrNoServer
	}
	g.retire(peers, kept)
	g.replace(kept, now)
	return nil
}

// retire marks those peers as removed that are not kept.
func (g *Group) retire(peers, kept []*Peer) {
	for _, p := range peers {
		if !slices.Contains(kept, p) {
			p.removed.Store(true)
			g.removed.Add(1)
			g.retired = append(g.retired, p)
		}
	}
	g.lock.Lock()
	g.forgetIdle()
	g.lock.Unlock()
}

// forgetIdle keeps only those removed peers in mind that still have requests.
func (g *Group) forgetIdle() {
	g.retired = slices.DeleteFunc(g.retired, func(p *Peer) bool { return p.conns == 0 })
}

// SetAddrs says what the name of a server resolves to now. Peers of addresses that stay keep their state; new ones come behind
// the others, as in NGINX. It changes nothing when an address is wrong.
func (g *Group) SetAddrs(id int, addrs []Addr, now int64) error {
	g.editing.Lock()
	defer g.editing.Unlock()
	i := slices.IndexFunc(g.names, func(n *name) bool { return n.id == id })
	if i < 0 {
		return ErrNoServer
	}
	n := g.names[i]
	peers, wanted := g.set.all(), slices.Clone(addrs)
	kept := slices.DeleteFunc(slices.Clone(peers), func(p *Peer) bool {
		if p.from != n {
			return false
		}
		for i := range wanted {
			if p.is(n, &wanted[i]) {
				wanted = slices.Delete(wanted, i, i+1)
				return false
			}
		}
		return true
	})
	next := slices.Clone(kept)
	for _, a := range wanted {
		p, err := g.newPeer(&n.conf, a, n)
		if err != nil {
			return g.error(err)
		}
		p.grow(now)
		next = append(next, p)
	}
	if len(wanted) > 0 || len(kept) != len(peers) {
		g.retire(peers, kept)
		g.replace(next, now)
	}
	return nil
}

// is tells whether p, resolved from n, is what a says.
func (p *Peer) is(n *name, a *Addr) bool {
	at, err := parseAddr(a.Text)
	if err != nil || at.name != p.name || p.backup != (n.conf.Backup || a.Backup) {
		return false
	}
	return n.conf.Service == "" || p.server == a.Host && (n.conf.Weight != 1 || p.srvWeight == a.Weight)
}

// SetHealthy tells what an active check of p has found. An unhealthy peer gets no requests until it is healthy again.
func (g *Group) SetHealthy(p *Peer, ok bool, now int64) {
	g.lock.Lock()
	was := p.health
	if p.health = healthy; !ok {
		p.health = unhealthy
	}
	switch {
	case ok && was != healthy:
		p.fails = 0
		p.recovered(now)
	case !ok && was != unhealthy:
		p.counters.turnedUnhealthy++
		if p.downSince == 0 {
			p.downSince = now
		}
	}
	granted := g.queue.grant(now)
	g.lock.Unlock()
	tell(granted)
}

// Checked counts an active check of p, for status pages.
func (g *Group) Checked(p *Peer, passed bool) {
	g.lock.Lock()
	p.counters.checks++
	if !passed {
		p.counters.checkFails++
	}
	p.counters.lastPassed = passed
	g.lock.Unlock()
}
