package upstream

import "slices"

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
	s := Saved{Name: g.name}
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
		s.Names = append(s.Names, saved)
	}
	if g.sessions != nil {
		s.Zone, s.ZoneSize = g.sticky.Zone, g.sticky.ZoneSize
		s.Sessions = g.sessions.save()
	}
	return s
}

// Merge takes over what another process has saved: sessions that g does not know yet, and the addresses of names that have none. g
// may be in use.
func (g *Group) Merge(s *Saved, now int64) {
	if s.Name != g.name {
		return
	}
	for i := range s.Names {
		if id, none := g.unresolved(&s.Names[i]); none {
			_ = g.SetAddrs(id, s.Names[i].Addrs, now) // the server may have been removed meanwhile
		}
	}
	if g.sessions != nil && g.sticky.Zone == s.Zone && g.sticky.ZoneSize == s.ZoneSize {
		g.sessions.merge(s.Sessions)
	}
}

// unresolved finds a name and tells whether it has no addresses.
func (g *Group) unresolved(saved *SavedName) (id int, none bool) {
	g.editing.Lock()
	defer g.editing.Unlock()
	for _, n := range g.names {
		if n.conf.Address == saved.Address && n.conf.Service == saved.Service && n.conf.Backup == saved.Backup {
			has := slices.ContainsFunc(g.set.all(), func(p *Peer) bool { return p.from == n })
			return n.id, !has
		}
	}
	return 0, false
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
