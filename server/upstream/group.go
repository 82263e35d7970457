package upstream

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"sync"
	"sync/atomic"
	"time"
)

// Verdict is what Pick came to.
type Verdict uint8

const (
	// NoLive: no peer can be asked; NGINX answers 502 and logs "no live upstreams".
	NoLive Verdict = iota
	// Picked: the peer is the request's until Done.
	Picked
	// Queued: all peers that could answer have MaxConns; the Waiter of the request is told when there is room.
	Queued
)

// Group is the peers of one upstream block. All methods may be called from any goroutine, and never block for longer than
// choosing takes.
type Group struct {
	name, zone string
	method     Method
	choose     chooser
	inflight   bool
	health     HealthStart
	sticky     *StickyConfig
	sessions   *sessions
	queueMax   int
	queueWait  time.Duration

	names   []*name // servers whose addresses come from a resolver; editing guards them
	lastID  int     // editing guards it
	retired []*Peer // removed, with requests that are not done; editing guards it
	removed atomic.Uint64

	*shared
	set    *set
	random random
}

// shared is what the generations of a group have in common over reloads.
type shared struct {
	editing sync.Mutex // held, before lock, by who changes the peers
	lock    sync.Mutex // of the queue, of the state of the peers, and of what the groups do not say otherwise
	queue   queue
}

// chooser is a method: it returns a peer of the level, counted in, or nil.
type chooser func(g *Group, r *Request, l *level, now int64) *Peer

var choosers = [...]chooser{RoundRobin: roundRobin, LeastConn: leastConn, LeastTimeHeader: leastTime,
	LeastTimeLastByte: leastTime, IPHash: ipHash, Hash: hashKey, HashConsistent: hashConsistent, Random: randomOne,
	RandomTwo: randomTwo, RandomTwoHeader: randomTwo, RandomTwoLastByte: randomTwo}

// Name returns the name of the group.
func (g *Group) Name() string { return g.name }

// ByClient tells whether the group chooses by the client's address, and has to be told it.
func (g *Group) ByClient() bool { return g.method == IPHash }

// Removals counts the peers that were removed, for who keeps connections to peers: a change means that some may not be needed any more.
func (g *Group) Removals() uint64 { return g.removed.Load() }

// Pick chooses a peer for a try of r, not one that r has tried before, and counts it in as active. When it is Picked, Done must
// follow. now is in milliseconds since 1970. A request stays with the group it began with, over reloads, too.
func (g *Group) Pick(r *Request, now int64) (*Peer, Verdict) {
	if !r.begun {
		g.begin(r, now)
	}
	g.lock.Lock()
	if r.set != g.set {
		g.enter(r)
	}
	var granted *Request
	if g.queue.first != nil { // who waits comes first
		granted = g.queue.grant(now)
	}
	p, v := g.pick(r, now)
	g.lock.Unlock()
	tell(granted)
	return p, v
}

func (g *Group) pick(r *Request, now int64) (*Peer, Verdict) {
	if p := g.walk(r, now); p != nil {
		return p, Picked
	}
	if r.full && r.Waiter != nil && g.queue.push(r, g.queueMax) {
		return nil, Queued
	}
	return nil, NoLive
}

// walk asks the method for a peer of the level that r is at, and then of the backup.
func (g *Group) walk(r *Request, now int64) *Peer {
	r.full = false
	for {
		if p := g.choose(g, r, r.level, now); p != nil {
			return p
		}
		backup := r.set.next(r.level)
		if backup == nil {
			return nil
		}
		r.level = backup
	}
}

// begin looks up what r sticks to, before the lock is taken.
func (g *Group) begin(r *Request, now int64) {
	r.begun, r.group = true, g
	switch {
	case g.sticky == nil || len(r.Sticky) == 0:
	case g.sessions != nil:
		g.sessions.lookup(r.Sticky, now, g.sticky.Timeout.Milliseconds(), &r.hint)
	default:
		r.hint.set(r.Sticky)
	}
}

// enter shows r the peers as they are now.
func (g *Group) enter(r *Request) {
	s := g.set
	level := &s.primary
	switch {
	case r.set == nil:
		r.tries = s.primary.tries + s.backup.tries
		switch g.method {
		case HashConsistent:
			r.hash = findPoint(level.ring, r.Key)
		case IPHash:
			r.hash = ipHashStart
		}
	case r.level == &r.set.backup && len(s.backup.peers) > 0:
		level = &s.backup
	}
	r.set, r.level = s, level
}

// Outcome is how a try ended.
type Outcome struct {
	// Failed: the peer gave no usable answer: an error, a time-out, or, when Tries is above 1, a status
	// of proxy_next_upstream but 403 and 404. (The answer of the last one is passed on, and is no failure to NGINX.) It counts
	// against MaxFails.
	Failed bool
	// Next: the answer was usable, but another peer is asked (403, 404 of proxy_next_upstream).
	Next bool
	// Cached: the try failed because a kept connection had been closed. That says nothing about the peer: it does not count
	// against MaxFails, nor as one of Tries, and the peer may be asked again. (NGINX counts it, and asks another one.)
	Cached bool
	// Status is that of the response, 0 when there was none.
	Status int
	// Connect, Header and Total are the times until the peer was connected, had sent its response head, and all of it.
	Connect, Header, Total time.Duration
	// Session is the first value of those that sticky learn creates sessions by (create=) that is not empty.
	Session []byte
	// Sent and Received are bytes, for status pages.
	Sent, Received int64
}

// Done gives p back that was picked for r, and tells how the try ended.
func (g *Group) Done(r *Request, p *Peer, o Outcome, now int64) {
	if g.sessions != nil && !g.sticky.Header && !r.LearnLater && !o.Failed && !o.Next {
		g.learn(r, p, o.Session, now)
	}
	g.lock.Lock()
	p.counters.done(&o)
	g.timed(r, p, &o, now)
	g.settle(r, p, &o, now)
	p.conns--
	var granted *Request
	if g.queue.first != nil {
		granted = g.queue.grant(now)
	}
	g.lock.Unlock()
	tell(granted)
}

// Limited tells whether p has MaxConns.
func (g *Group) Limited(p *Peer) bool {
	g.lock.Lock()
	defer g.lock.Unlock()
	return p.maxConns > 0
}

// Crowded tells whether more connections to p serve requests and rest, together, than MaxConns says.
func (g *Group) Crowded(p *Peer) bool {
	g.lock.Lock()
	defer g.lock.Unlock()
	return p.maxConns > 0 && p.conns+int(p.restingAll()) > p.maxConns
}

// settle counts the failure or success of p.
func (g *Group) settle(r *Request, p *Peer, o *Outcome, now int64) {
	switch {
	case o.Failed && o.Cached:
		r.untry(p)
		return
	case r.level.single:
		p.fails, r.tries = 0, 1
		if o.Failed {
			p.counters.fails++
		}
	case o.Failed:
		p.failed(now)
	default:
		p.succeeded(now)
	}
	r.tries = max(0, r.tries-1)
}
