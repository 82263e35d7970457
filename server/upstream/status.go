package upstream

import "time"

// counters are for status pages only.
type counters struct {
	requests, fails, unavail int
	responses                [6]int // [0] all, [1] to [5] 1xx to 5xx
	sent, received           int64
	selected                 int64 // ms
	checks, checkFails       int
	turnedUnhealthy          int
	lastPassed               bool
}

func (c *counters) done(o *Outcome) {
	if class := o.Status / 100; class >= 1 && class <= 5 {
		c.responses[0]++
		c.responses[class]++
	}
	c.sent += o.Sent
	c.received += o.Received
}

// Status is a group at one time.
type Status struct {
	Name, Zone string
	Method     Method
	Peers      []PeerStatus
	// Names are the servers whose addresses a resolver finds.
	Names []NameStatus
	// Zombies are removed peers that still answer requests.
	Zombies int
	// Queued, QueueMax and Overflows are zero without a queue.
	Queued, QueueMax, Overflows int
}

// NameStatus is a server that is resolved at run time.
type NameStatus struct {
	ID   int
	Conf ServerConfig
}

// PeerStatus is a peer at one time, in the words of NGINX Plus.
type PeerStatus struct {
	Peer *Peer
	// ID is the peer's, Parent that of the name it was resolved from, or -1.
	ID, Parent int
	Conf       ServerConfig
	Weight     int
	// State is up, draining, down, unavail, checking or unhealthy.
	State                            string
	Active, Requests, Fails, Unavail int
	// Responses counts all responses at 0, and those of each class at 1 to 5.
	Responses                  [6]int
	Sent, Received             int64
	HeaderTime, ResponseTime   time.Duration
	Checks, CheckFails         int
	TurnedUnhealthy            int
	LastPassed                 bool
	Downtime                   time.Duration
	DownSince, Selected, Start time.Time // zero when there is none
}

// Snapshot returns the state of the group. It allocates; it is for status pages and tests.
func (g *Group) Snapshot(now int64) Status {
	g.editing.Lock()
	defer g.editing.Unlock()
	g.lock.Lock()
	defer g.lock.Unlock()
	s := Status{Name: g.name, Zone: g.zone, Method: g.method, QueueMax: g.queueMax}
	if g.queueMax > 0 {
		s.Queued, s.Overflows = g.queue.length, g.queue.overflows
	}
	g.forgetIdle()
	s.Zombies = len(g.retired)
	for _, n := range g.names {
		s.Names = append(s.Names, NameStatus{n.id, n.conf})
	}
	for _, p := range g.set.all() {
		s.Peers = append(s.Peers, p.status(now))
	}
	return s
}

func (p *Peer) status(now int64) PeerStatus {
	c := &p.counters
	s := PeerStatus{Peer: p, ID: p.id, Parent: p.parent(), Conf: p.conf, Weight: p.weight, State: p.stateName(now),
		Active: p.conns, Requests: c.requests, Fails: c.fails, Unavail: c.unavail, Responses: c.responses,
		Sent: c.sent, Received: c.received, HeaderTime: milliseconds(p.timing.header),
		ResponseTime: milliseconds(p.timing.response), Checks: c.checks, CheckFails: c.checkFails,
		TurnedUnhealthy: c.turnedUnhealthy, LastPassed: c.lastPassed, Downtime: milliseconds(p.downTime),
		DownSince: moment(p.downSince), Selected: moment(c.selected), Start: moment(p.start)}
	if p.downSince != 0 {
		s.Downtime += milliseconds(now - p.downSince)
	}
	return s
}

func (p *Peer) stateName(now int64) string {
	switch {
	case p.down == down:
		return "down"
	case p.health == checking:
		return "checking"
	case p.health == unhealthy:
		return "unhealthy"
	case p.failing(now):
		return "unavail"
	case p.down == draining:
		return "draining"
	}
	return "up"
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// ResetCounters begins the counts of status pages anew. What decides about peers (failures in a row, averages) stays.
func (g *Group) ResetCounters() {
	g.editing.Lock()
	defer g.editing.Unlock()
	g.lock.Lock()
	defer g.lock.Unlock()
	for _, p := range g.set.all() {
		p.counters = counters{lastPassed: p.counters.lastPassed}
		p.downTime = 0
	}
	g.queue.overflows = 0
}
