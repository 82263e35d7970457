package upstream

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"unique"
)

// name is a server whose addresses a resolver finds, and may find anew.
type name struct {
	id   int
	conf ServerConfig
}

// New makes a group. Its errors are worded as NGINX's.
func New(c Config) (*Group, error) {
	if int(c.Method) >= len(choosers) {
		return nil, fmt.Errorf("upstream: unknown method %d", c.Method)
	}
	g := &Group{name: c.Name, zone: c.Zone, method: c.Method, choose: choosers[c.Method], lastID: -1, health: c.Health,
		inflight: c.Inflight && (c.Method == LeastTimeHeader || c.Method == LeastTimeLastByte),
		queueMax: c.Queue, queueWait: c.QueueTimeout, shared: new(shared), random: random(rand.Uint64())}
	if g.queueWait == 0 {
		g.queueWait = defaultQueueTimeout
	}
	if err := g.setSticky(c.Sticky); err != nil {
		return nil, g.error(err)
	}
	var peers []*Peer
	primaries := 0
	for _, s := range c.Servers {
		added, err := g.addServer(s)
		if err != nil {
			return nil, g.error(err)
		}
		peers = append(peers, added...)
		if !s.Backup {
			primaries++
		}
	}
	if primaries == 0 {
		return nil, g.error(errNoServers)
	}
	g.set = compile(peers, g.method)
	return g, nil
}

func (g *Group) error(err error) error { return fmt.Errorf("upstream: %w in upstream %q", err, g.name) }

// addServer returns the peers of a server, or registers its name to be resolved.
func (g *Group) addServer(s ServerConfig) ([]*Peer, error) {
	s, err := s.withDefaults(g.method)
	if err != nil {
		return nil, err
	}
	text, isAddress := literal(s.Address)
	switch {
	case s.Service != "" && !s.Resolve:
		return nil, errors.New(`a service requires "resolve" parameter`)
	case len(s.Addrs) == 0 && isAddress:
		s.Addrs, s.Resolve = Addrs(text), false
	case len(s.Addrs) == 0 && !s.Resolve:
		return nil, fmt.Errorf("host not found in server %q", s.Address)
	}
	var from *name
	if s.Resolve {
		from = &name{g.newID(), s}
		g.names = append(g.names, from)
	}
	peers := make([]*Peer, len(s.Addrs))
	for i, a := range s.Addrs {
		if peers[i], err = g.newPeer(&s, a, from); err != nil {
			return nil, err
		}
	}
	return peers, nil
}

func (g *Group) newID() int {
	g.lastID++
	return g.lastID
}

// newPeer makes a peer of one address of s.
func (g *Group) newPeer(s *ServerConfig, a Addr, from *name) (*Peer, error) {
	p := &Peer{server: s.Address, sid: s.Route, backup: s.Backup || a.Backup, state: state{from: from}}
	var err error
	if p.address, err = parseAddr(a.Text); err != nil {
		return nil, err
	}
	if a.Host != "" {
		p.server = a.Host
	}
	if p.sid == "" {
		sum := md5.Sum([]byte(p.name))
		p.sid = hex.EncodeToString(sum[:])
	}
	p.host = unique.Make(p.server)
	p.id = g.newID()
	p.configure(s, a.Weight)
	p.effective = p.weight
	if g.health >= Mandatory {
		p.health = checking
	}
	return p, nil
}

// configure gives p the settings of s; srvWeight is that of an SRV record, which counts when s has none.
func (p *Peer) configure(s *ServerConfig, srvWeight int) {
	p.conf = *s
	p.conf.Addrs = nil
	p.weight = s.Weight
	if s.Weight == 1 && srvWeight > 0 {
		p.weight = min(srvWeight, maxWeight)
	}
	p.srvWeight = srvWeight
	p.effective = min(p.effective, p.weight)
	p.maxConns, p.maxFails = s.MaxConns, s.MaxFails
	p.failTimeout, p.slowStart = s.FailTimeout.Milliseconds(), s.SlowStart.Milliseconds()
	switch {
	case s.Down:
		p.down = down
	case s.Drain:
		p.down = draining
	default:
		p.down = up
	}
}
