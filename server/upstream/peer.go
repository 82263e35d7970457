package upstream

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"net/netip"
	"sync/atomic"
	"unique"
)

// Peer is one address of a server. What its methods return never changes; its state belongs to the group and is read by
// [Group.Snapshot].
type Peer struct {
	id int
	address
	server  string                // as written, or the target of an SRV record
	sid     string                // what sticky clients name it by
	host    unique.Handle[string] // of server
	backup  bool
	removed atomic.Bool
	resting [Slots]atomic.Int32
	state
}

// state is what changes about a peer; the lock of the group guards it.
type state struct {
	from                *name        // that was resolved to this address, or nil
	conf                ServerConfig // with its defaults
	weight              int          // from conf, or of an SRV record
	srvWeight           int          // of the SRV record, or 0
	effective           int          // the weight after failures
	current             int          // what round robin owes to the peer, in 1/1024 of a weight
	maxFails            int
	failTimeout         int64 // ms
	slowStart           int64 // ms
	maxConns            int
	down                downState
	health              health
	conns               int
	fails               int
	accessed, checked   int64 // ms; the last failure, the last try that counts as one
	start               int64 // ms; when the weight began to grow, 0 when it is whole
	timing              timing
	counters            counters
	downSince, downTime int64 // ms
}

// fraction is how finely weights are counted, so that they can grow.
const fraction = 1024

// downState is what the configuration, or an operator, wants of a peer.
type downState uint8

const (
	up downState = iota
	down
	draining
)

// health is what active checks have found of a peer.
type health uint8

const (
	healthy   health = iota // or not checked
	checking                // not known yet, and no request before it is (mandatory)
	unhealthy               // the last checks failed
)

// ID is the number of the peer within its group, never used again for another.
func (p *Peer) ID() int { return p.id }

// Name is how logs and $upstream_addr name the peer: "10.0.0.1:8080", "unix:/path".
func (p *Peer) Name() string { return p.name }

// Server is the server's address as it was configured.
func (p *Peer) Server() string { return p.server }

// Network is "tcp" or "unix".
func (p *Peer) Network() string { return p.network }

// Addr is what to dial: "10.0.0.1:8080", "[::1]:8080", "/path".
func (p *Peer) Addr() string { return p.dial }

// AddrPort is Addr parsed; the zero value for a unix socket.
func (p *Peer) AddrPort() netip.AddrPort { return p.ip }

// SID is what sticky cookies and routes name the peer by: its Route, or the MD5 of its name in hexadecimal.
func (p *Peer) SID() string { return p.sid }

// Backup tells whether the peer is asked only when no primary peer can answer.
func (p *Peer) Backup() bool { return p.backup }

// Removed tells whether the peer left its group; connections to it are not worth keeping.
func (p *Peer) Removed() bool { return p.removed.Load() }

// Slots is how many of those who keep connections are told apart; more of them share.
const Slots = 64

// Kept counts connections to the peer that rest with who, a number not less than 0, and wait for their next request: n more of
// them, or less. Any goroutine may call it.
func (p *Peer) Kept(who int, n int32) { p.resting[who%Slots].Add(n) }

// Resting returns how many connections to the peer rest with who, 0 ≤ who < Slots, and those who share its number. Any goroutine
// may call it.
func (p *Peer) Resting(who int) int32 { return p.resting[who].Load() }

// restingAll returns how many connections to the peer rest.
func (p *Peer) restingAll() (n int32) {
	for i := range p.resting {
		n += p.resting[i].Load()
	}
	return n
}

// failing tells whether p has failed too often lately (NGINX: max_fails, fail_timeout).
func (p *Peer) failing(now int64) bool {
	return p.maxFails != 0 && p.fails >= p.maxFails && now-p.checked <= p.failTimeout
}

// full tells whether p has as many active requests as it may have.
func (p *Peer) full() bool { return p.maxConns != 0 && p.conns >= p.maxConns }

// eligible tells whether any request may go to p. r learns of peers that only lack room, so that it may wait for them.
func (p *Peer) eligible(r *Request, now int64) bool {
	if p.down != up || p.health != healthy || r.hasTried(p) || p.failing(now) {
		return false
	}
	if p.full() {
		r.full = true
		return false
	}
	return true
}

// stickable is eligible for a request that sticks to p: draining does not keep it away.
func (p *Peer) stickable(r *Request, now int64) bool {
	return p.down != down && p.health == healthy && !r.hasTried(p) && !p.failing(now) && !p.full()
}

// take counts a request in that was given to p, whichever method chose it.
func (p *Peer) take(r *Request, now int64) {
	r.try(p)
	p.conns++
	p.counters.requests++
	p.counters.selected = now
	if now-p.checked > p.failTimeout {
		p.checked = now
	}
}

// failed counts a failed try.
func (p *Peer) failed(now int64) {
	p.counters.fails++
	p.fails++
	p.accessed, p.checked = now, now
	if p.maxFails == 0 {
		return
	}
	p.effective = max(0, p.effective-p.weight/p.maxFails)
	if p.fails >= p.maxFails && p.downSince == 0 {
		p.counters.unavail++
		p.downSince = now
	}
}

// succeeded marks p as live if this was the check of a peer that had failed.
func (p *Peer) succeeded(now int64) {
	if p.accessed < p.checked && p.fails > 0 {
		back := p.maxFails != 0 && p.fails >= p.maxFails
		p.fails = 0
		if back {
			p.recovered(now)
		}
	}
}

// recovered ends a time of which p could not be asked.
func (p *Peer) recovered(now int64) {
	if p.downSince != 0 {
		p.downTime += now - p.downSince
		p.downSince = 0
	}
	p.grow(now)
}

// grow has the weight of p begin at nothing, when it has slow_start.
func (p *Peer) grow(now int64) {
	if p.slowStart > 0 {
		p.start = now
	}
}

// parent is the ID of the name that was resolved to p, or -1.
func (p *Peer) parent() int {
	if p.from == nil {
		return -1
	}
	return p.from.id
}

// share is the weight that p puts into this round of round robin, in 1/1024. (To multiply all weights by the same changes
// nothing about the order.)
func (p *Peer) share(now int64) int {
	w := p.grown(p.effective, now)
	if p.effective < p.weight {
		p.effective++
	}
	return w
}

// scale is the weight of p for comparisons, in 1/1024, at least 1 while it grows.
func (p *Peer) scale(now int64) int64 { return int64(max(1, p.grown(p.weight, now))) }

// grown is what a weight has become after a slow start, in 1/1024.
func (p *Peer) grown(weight int, now int64) int {
	weight *= fraction
	switch elapsed := now - p.start; {
	case p.start == 0:
		return weight
	case elapsed >= p.slowStart:
		p.start = 0
		return weight
	default:
		return int(int64(weight) * max(elapsed, 0) / p.slowStart)
	}
}
