package proxy

import (
	"time"

	"github.com/wheelpit/wheelpit/server/upstream"
)

// A call waits for a peer when all that could answer have max_conns requests and the upstream has a queue. Two may call it out of
// there: the peer that has room again, and the clock. Each of them holds a reference to the call until it has spoken, because the call
// may have ended meanwhile.
//
//	Queued ──▶ waiting ──┬─ Granted ─▶ freed ─▶ the peer is used, or given back
//	                     └─ clock ───▶ late ──▶ 502

// waitForPeer begins to wait.
func (x *call) waitForPeer() {
	x.stage = waiting
	x.refs.Add(2)
	x.clock = time.AfterFunc(x.up.group.QueueTimeout(), func() { x.r.Post(x.late) })
}

// Granted tells that a peer has room for a call that waits; see upstream.Waiter. Any goroutine may call it.
func (x *call) Granted(p *upstream.Peer) {
	x.granted = p
	x.r.Post(x.onFree)
}

// freed goes on with the peer that Granted brought.
func (x *call) freed() {
	p := x.granted
	x.granted = nil
	if x.stage != waiting {
		x.up.group.Done(&x.pick, p, upstream.Outcome{}, now())
	} else {
		x.stopClock()
		x.use(p)
	}
	x.release()
}

// late ends the wait of a call that no peer was found for in time.
func (x *call) late() {
	if x.stage == waiting && x.leaveQueue() {
		x.clock = nil
		x.note("error", "upstream queue timed out")
		x.states = append(x.states, state{peer: x.up.Name, status: 502, connect: -1, header: -1})
		x.fail(502, errNoLive)
	}
	x.release()
}

// leaveQueue takes the call out of the queue. It is false when a peer has been granted just now, and freed is about to be called.
func (x *call) leaveQueue() bool {
	if !x.up.group.Leave(&x.pick) {
		return false
	}
	x.release()
	return true
}

// stopClock ends the time-out of the wait. One that has struck already comes to late, which finds nothing to do.
func (x *call) stopClock() {
	if c := x.clock; c != nil && c.Stop() {
		x.release()
	}
	x.clock = nil
}
