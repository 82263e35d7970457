package proxy

import (
	"time"

	"github.com/wheelpit/wheelpit/server/upstream"
)

// A call waits when all peers are at max_conns and the group has a queue:
//
//	connect ─▶ queue ─┬─ Granted (any goroutine) ─▶ freed ─▶ use the peer, or give it back when the client has left
//	                  └─ late ─▶ 502
//
// Two references are held meanwhile, one until freed and one until late: either may be on its way to the reactor when the
// other has happened.

// queue begins to wait.
func (x *call) queue() {
	x.stage = waiting
	x.waits++
	x.refs.Add(2)
	n := x.waits
	x.patience = time.AfterFunc(x.up.group.QueueTimeout(), func() {
		x.r.Post(func() { x.late(n) })
	})
}

// Granted tells that a peer became free for a request that waits; see upstream.Waiter. Any goroutine may call it.
func (x *call) Granted(p *upstream.Peer) {
	x.granted.Store(p)
	x.r.Post(x.onFree)
}

// freed goes on with the peer that Granted brought.
func (x *call) freed() {
	p := x.granted.Swap(nil)
	x.stopPatience()
	if x.stage == waiting {
		x.at = x.r.Now()
		x.use(p)
	} else {
		x.up.group.Done(&x.pick, p, upstream.Outcome{}, now())
	}
	x.release()
}

// late ends a call that has waited for as long as it may: n is which of its waits that was.
func (x *call) late(n int) {
	if x.waits == n && x.stage == waiting && x.leaveQueue() {
		x.note("error", "upstream queue timed out")
		x.fail(502, errNoLive)
	}
	x.release()
}

// leaveQueue tells whether nothing will be granted any more.
func (x *call) leaveQueue() bool {
	if !x.up.group.Leave(&x.pick) {
		return false
	}
	x.release()
	return true
}

// stopPatience ends the waiting for the time-out.
func (x *call) stopPatience() {
	if x.patience != nil && x.patience.Stop() {
		x.release()
	}
	x.patience = nil
}
