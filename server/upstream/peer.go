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
	id      int
	parent  int    // id of the server whose name was resolved to this address, or -1
	network string // "tcp" or "unix"
	dial    string
	name    string
	server  string                // as written, or the target of an SRV record
	sid     string                // what sticky clients name it by
	host    unique.Handle[string] // of server
	backup  bool
	removed atomic.Bool
	state
}

// state is what changes about a peer; the lock of the group guards it.
type state struct {
	conf                ServerConfig // with its defaults
	weight              int          // from conf, or of an SRV record
	srvWeight           int
	effective, current  int
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
	growth              int64 // what is left of the last share of a growing weight
	timing              timing
	counters            counters
	downSince, downTime int64 // ms
}

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
func (p *Peer) AddrPort() netip.AddrPort {
	ap, _ := netip.ParseAddrPort(p.dial)
	return ap
}

// SID is what sticky cookies and routes name the peer by: its Route, or the MD5 of its name in hexadecimal.
func (p *Peer) SID() string { return p.sid }

// Backup tells whether the peer is asked only when no primary peer can answer.
func (p *Peer) Backup() bool { return p.backup }

// Removed tells whether the peer left its group; connections to it are not worth keeping.
func (p *Peer) Removed() bool { return p.removed.Load() }

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
	if p.slowStart > 0 {
		p.start, p.growth = now, 0
	}
}

// share is the weight that p puts into this round of round robin. While its weight grows, the whole part of what has grown is
// put in and the rest kept for the next round, so that a weight of 1 takes its part of the rounds, too.
func (p *Peer) share(now int64) int {
	w := p.effective
	if p.effective < p.weight {
		p.effective++
	}
	if p.start == 0 {
		return w
	}
	elapsed := now - p.start
	if elapsed >= p.slowStart {
		p.start = 0
		return w
	}
	p.growth += int64(w) * max(elapsed, 0)
	w = int(p.growth / p.slowStart)
	p.growth %= p.slowStart
	return w
}

// scale is the weight of p for comparisons, in 1/1024 of a weight, at least 1 while it grows.
func (p *Peer) scale(now int64) int64 {
	w := int64(p.weight) << 10
	if p.start == 0 || now-p.start >= p.slowStart {
		return w
	}
	return max(1, w*max(now-p.start, 0)/p.slowStart)
}
