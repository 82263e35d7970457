package upstream

import (
	"net"
	"slices"
	"strings"
)

// Saved is what a group hands over to the group of the same name in another process, which takes its place: what NGINX keeps over a
// reload. It can be encoded by encoding/gob.
type Saved struct {
	Name  string
	Names []SavedName
	// Zone and ZoneSize are those of sticky learn; only a group with the same takes the sessions.
	Zone     string
	ZoneSize int
	Sessions []SavedSession
}

// SavedName is what a server that is resolved at run time means.
type SavedName struct {
	Address, Service string
	Backup           bool
	Addrs            []Addr
}

// SavedSession is a session that was learned.
type SavedSession struct {
	Key  [2]uint64
	SID  string
	Last int64 // when it was used, in milliseconds since 1970
}

// Save returns what another process needs to go on. It takes a time proportional to the number of sessions, during which none can
// be learned.
func (g *Group) Save() Saved {
	g.editing.Lock()
	defer g.editing.Unlock()
	s := Saved{Name: g.name, Names: g.saveNames()}
	if g.sessions != nil {
		s.Zone, s.ZoneSize = g.sticky.Zone, g.sticky.ZoneSize
		s.Sessions = g.sessions.save()
	}
	return s
}

// saveNames returns what the names of the group mean. The caller holds g.editing.
func (g *Group) saveNames() (names []SavedName) {
	for _, n := range g.names {
		saved := SavedName{Address: n.conf.Address, Service: n.conf.Service, Backup: n.conf.Backup}
		for _, p := range g.set.all() {
			if p.from == n {
				a := Addr{Text: p.name, Weight: p.srvWeight, Backup: p.backup && !n.conf.Backup}
				if n.conf.Service != "" {
					a.Host = p.server
				}
				saved.Addrs = append(saved.Addrs, a)
			}
		}
		names = append(names, saved)
	}
	return names
}

// Merge takes over what another process has saved: sessions that g does not know yet, and the addresses of names that have none. g
// may be in use.
func (g *Group) Merge(s *Saved, now int64) {
	if s.Name != g.name {
		return
	}
	g.takeNames(s.Names, now)
	if g.sessions != nil && g.sticky.Zone == s.Zone && g.sticky.ZoneSize == s.ZoneSize {
		g.sessions.merge(s.Sessions)
	}
}

// takeNames gives the names that have no addresses those that the same names had before. As in NGINX the port is that of the new
// configuration, unless the addresses brought their own.
func (g *Group) takeNames(names []SavedName, now int64) {
	for i := range names {
		saved := &names[i]
		for _, n := range g.unresolved(saved) {
			_ = g.SetAddrs(n.id, saved.at(n.conf.Address), now) // the server may have been removed meanwhile
		}
	}
}

// unresolved finds the names that are the saved one and have no addresses.
func (g *Group) unresolved(saved *SavedName) (list []*name) {
	g.editing.Lock()
	defer g.editing.Unlock()
	host, _ := hostPort(saved.Address)
	for _, n := range g.names {
		if h, _ := hostPort(n.conf.Address); h != host || n.conf.Service != saved.Service || n.conf.Backup != saved.Backup {
			continue
		}
		if !slices.ContainsFunc(g.set.all(), func(p *Peer) bool { return p.from == n }) {
			list = append(list, n)
		}
	}
	return list
}

// at returns the addresses at the port of another server directive.
func (s *SavedName) at(address string) []Addr {
	_, port := hostPort(address)
	if _, old := hostPort(s.Address); s.Service != "" || old == port {
		return s.Addrs
	}
	moved := slices.Clone(s.Addrs)
	for i := range moved {
		if ip, _, err := net.SplitHostPort(moved[i].Text); err == nil {
			moved[i].Text = net.JoinHostPort(ip, port)
		}
	}
	return moved
}

// hostPort splits a name that is resolved; the port is 80 when none is given.
func hostPort(address string) (host, port string) {
	if host, port, ok := strings.Cut(address, ":"); ok {
		return host, port
	}
	return address, "80"
}

// save returns all sessions, the one that was used last at the end.
func (s *sessions) save() []SavedSession {
	s.lock.Lock()
	defer s.lock.Unlock()
	list := make([]SavedSession, 0, len(s.entries)-1)
	for i := s.entries[0].previous; i != 0; i = s.entries[i].previous {
		e := &s.entries[i]
		list = append(list, SavedSession{e.key, string(e.sid.b[:e.sid.n]), e.last})
	}
	return list
}

// merge adds the sessions that are not known. They count as newer than those that are, which are few.
func (s *sessions) merge(list []SavedSession) {
	for i := range list {
		key := sessionKey(list[i].Key)
		s.lock.Lock()
		if s.find(&key) == 0 {
			at := s.place(&key)
			e := &s.entries[at]
			e.sid.set([]byte(list[i].SID))
			e.last = list[i].Last
			s.link(at)
		}
		s.lock.Unlock()
	}
}
