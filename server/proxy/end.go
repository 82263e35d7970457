package proxy

// Hot: every call ends here; no allocation, no map, no defer.

import (
	"github.com/wheelpit/wheelpit/pipeline"
)

// close is called when the request ends, whatever became of it.
func (x *call) close() {
	x.stop()
	x.release()
}

// Drop ends a live body; see pipeline.LiveBody.
func (x *call) Drop() { x.close() }

// stop tells that nobody wants the answer any more.
func (x *call) stop() {
	if x.done.Load() {
		return
	}
	x.pipe.drop()
	x.refs.Add(1)
	x.r.Post(x.onDrop)
}

// dropHere is stop's part on the reactor.
func (x *call) dropHere() {
	if x.keepsFilling() {
		x.leaveClient()
	} else {
		x.abandon()
	}
	x.release()
}

// leaveClient goes on for the cache alone.
func (x *call) leaveClient() {
	x.out, x.live, x.carrier = dropped, nil, nil
	x.Drained()
}

// abandon ends the call where it is. Its link cannot be used again.
func (x *call) abandon() {
	switch x.stage {
	case finished:
		return
	case waiting:
		x.leaveQueue()
		x.stopPatience()
	}
	if x.asks != nil {
		x.asks.end()
		x.release()
	}
	if x.stage != idle { // it was begun
		x.out, x.at = dropped, x.r.Now()
		x.noteEnd()
		x.fill.abort()
		x.saved.abort()
		x.letGo(false, false)
	}
	told := x.told || x.carrier != nil
	x.told = true
	x.finish()
	if !told { // a worker waits, or will
		x.ready <- struct{}{}
	}
}

// busy tells whether the reactor is not done with the call, or with one before it. Any goroutine may ask.
func (x *call) busy() bool { return !x.done.Load() || x.older != nil && x.older.busy() }

// finish is the end of the reactor's part.
func (x *call) finish() {
	if x.stage == finished {
		return
	}
	x.stage = finished
	x.done.Store(true)
	x.body.stop() // a worker may wait for room
	x.release()
}

// Gone tells that the client has left; see server.Waiter.
func (x *call) Gone(lost bool) bool {
	if !lost && (x.h.cfg.IgnoreClientAbort || x.h.cfg.StoreTo != nil || x.fill.w != nil) {
		return false
	}
	if x.fill.waits {
		x.stopWaiting()
		x.fill.waits = false
	}
	if x.keepsFilling() {
		x.leaveClient()
		return true
	}
	x.abandon()
	return true
}

// Drained tells that the client has taken what was queued; see server.Waiter.
func (x *call) Drained() {
	if x.held {
		x.held = false
		if x.link != nil {
			x.link.conn.SetTimeout(timeRead, x.h.read) // which did not run against the peer meanwhile
			x.link.conn.Resume()
		}
	}
}

// Attach begins a live body; see pipeline.LiveBody.
func (x *call) Attach(w pipeline.LiveWriter) {
	x.out = live
	x.live = w.(liveWriter)
	x.settled = true
	x.beginLive()
}

// Pipe returns the function of a stream; see pipeline.LiveBody.
func (x *call) Pipe() func(*pipeline.Stream) error { return x.pipeTo }

// wakeUp has the request run on: there is an answer, or none will come.
func (x *call) wakeUp() {
	if x.starting {
		return
	}
	if x.carrier == nil {
		if x.out == undecided {
			x.out = piped
		}
		x.told = true
		x.ready <- struct{}{}
		return
	}
	if x.out == dropped {
		return
	}
	x.carrier.Resume()
	if x.out == undecided && x.stage != finished {
		x.out = piped // the request went to a worker
	}
}
