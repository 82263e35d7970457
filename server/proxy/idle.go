package proxy

// Hot: a connection is taken and given back for every request; no allocation, no map, no defer.

import (
	"sync/atomic"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// KeepAlive says how connections to the servers of an upstream are kept (NGINX keepalive and its companions).
type KeepAlive struct {
	// Max is how many idle ones a reactor keeps (keepalive: 32), 0 for none.
	Max int
	// Local keeps connections for the location that made them (parameter local, and the default without the directive).
	Local bool
	// Requests and Time bound the use of one (keepalive_requests: 1000, keepalive_time: 1h), Timeout its rest
	// (keepalive_timeout: 60s).
	Requests      int
	Time, Timeout time.Duration
}

// Upstream is a group of servers with the connections to them. It is shared by all locations that name it.
type Upstream struct {
	// Name is what the configuration calls it, and Host what the Host field of requests to it is by default.
	Name, Host string
	// KeyOf appends what the method hashes, StickyOf what a client sticks by; nil when the group needs none.
	KeyOf, StickyOf Value
	// Answered is told of each answer, for what sticky adds to it or learns of it. It may be nil.
	Answered  func(a *Answer)
	group     *upstream.Group
	keep      KeepAlive
	idleTicks uint32
	maxTicks  uint32
	patience  time.Duration // see steal.go
	retired   atomic.Bool   // nothing is kept any more
	shards    []shard
}

// maxReactors bounds the reactors that keep idle connections of their own.
const maxReactors = 256

// NewUpstream makes an Upstream of a group.
func NewUpstream(name, host string, g *upstream.Group, keep KeepAlive) *Upstream {
	u := &Upstream{Name: name, Host: host, group: g, keep: keep, shards: make([]shard, maxReactors+1)}
	u.idleTicks, u.maxTicks, u.patience = loop.Ticks(keep.Timeout), loop.Ticks(keep.Time), stealPatience
	return u
}

// Group returns the servers.
func (u *Upstream) Group() *upstream.Group { return u.group }

// shard is the idle connections of one reactor, the one used last at the end.
type shard struct {
	up    *Upstream
	index int
	r     atomic.Pointer[loop.Reactor] // whose it is; nil before its first request
	list  []*link
	seen  uint64 // removals that the list has been cleaned up after
	asked uint32 // the tick of the last question for another's surplus, see steal.go
	hot   *hot   // of a cache; nil before its first use
	_     [64]byte
}

func (u *Upstream) shard(r *loop.Reactor) *shard {
	i := r.Index() % maxReactors
	if r == own.r.Load() { // whose number another one has, too
		i = maxReactors
	}
	s := &u.shards[i]
	if s.r.Load() != r {
		s.up, s.index = u, i
		s.r.Store(r)
	}
	return s
}

// Retire closes the connections that are kept and has none kept any more: another configuration has taken the place of the one that u
// is of, and its last requests are answered. Any goroutine may call it.
func (u *Upstream) Retire() {
	u.retired.Store(true)
	for i := range u.shards {
		s := &u.shards[i]
		if r := s.r.Load(); r != nil {
			r.Post(s.clear)
		}
	}
}

// clear closes what is kept.
func (s *shard) clear() {
	list := s.list
	s.list = nil
	for _, l := range list {
		l.home = nil
		l.peer.Kept(s.index, -1)
		l.shut()
	}
}

// suits tells whether a handler may use a connection that another one made: a server that is asked in one protocol and then in
// another takes the second request for anything.
func (u *Upstream) suits(l *link, h *Handler) bool {
	return l.by == h || !u.keep.Local && l.by.cfg.Protocol == h.cfg.Protocol
}

// take returns an idle connection to a peer that a handler may use, nil when there is none.
func (s *shard) take(p *upstream.Peer, h *Handler) *link {
	if n := s.up.group.Removals(); n != s.seen {
		s.seen = n
		s.dropRemoved()
	}
	for i := len(s.list) - 1; i >= 0; i-- {
		if l := s.list[i]; l.peer == p && s.up.suits(l, h) {
			s.list = append(s.list[:i], s.list[i+1:]...)
			s.list[:len(s.list)+1][len(s.list)] = nil
			l.home = nil
			p.Kept(s.index, -1)
			return l
		}
	}
	return nil
}

// dropRemoved closes the connections to peers that have been removed.
func (s *shard) dropRemoved() {
	kept := s.list[:0]
	for _, l := range s.list {
		if !l.peer.Removed() {
			kept = append(kept, l)
			continue
		}
		l.home = nil
		l.peer.Kept(s.index, -1)
		l.shut()
	}
	clear(s.list[len(kept):])
	s.list = kept
}

// put keeps a connection that may be used again. When there are too many, the one that rested longest is closed.
func (s *shard) put(l *link, now uint32) bool {
	k := &s.up.keep
	if k.Max == 0 || s.up.retired.Load() || l.requests >= k.Requests || now-l.began >= s.up.maxTicks {
		return false
	}
	if len(s.list) >= k.Max {
		old := s.list[0]
		s.remove(old)
		old.shut()
	}
	l.call, l.home, l.rests = nil, s, now
	l.conn.Resume() // the end of the last body may have come while its client did not keep up
	s.list = append(s.list, l)
	l.peer.Kept(s.index, 1)
	l.conn.SetTimeout(timeIdle, s.up.idleTicks)
	return true
}

// remove takes a connection out.
func (s *shard) remove(l *link) {
	for i := range s.list {
		if s.list[i] == l {
			s.list = append(s.list[:i], s.list[i+1:]...)
			l.peer.Kept(s.index, -1)
			break
		}
	}
	l.home = nil
}
