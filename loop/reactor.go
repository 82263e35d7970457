package loop

// Hot: event runs for every readiness event.

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wheelpit/wheelpit/pool"
)

// Reactor is one event loop: a goroutine with a poller, its connections and everything they share. All of its state is
// touched by that goroutine only, except where a field says otherwise.
type Reactor struct {
	// Local is the protocol's own per-reactor state. It is set in Config.Setup and never touched by the loop.
	Local any

	index  int
	loop   *Loop
	poller *poller
	timer  int // the timerfd, -1 where ticks are posted
	mem    *pool.Local
	shared *pool.Pool
	queues queueList

	sharedQueues *sharedQueueList // any goroutine

	input       []byte // the read buffer: valid during one Data call
	scratch     []byte // the output buffer of the event
	scratchUsed bool

	table   []*Conn // by file descriptor
	conns   int     // open connections
	free    []*Conn // records to reuse
	current *Conn   // whose event this is
	buried  []*Conn // closed outside their own event, see Conn.close
	dirty   []*Conn // output waits for the end of the event
	ready   []*Conn // connections with something left to do without a new edge
	spare   []*Conn // the other half of ready

	wheel     wheel
	ticks     atomic.Uint32 // equals wheel.now; workers read it
	now       time.Time     // see Now
	stale     bool          // now is of events before
	listeners []*acceptor
	watches   []watch
	late      bool // see Late
	draining  bool
	drainFrom uint32 // tick
	stopped   bool
	failed    bool // its poller

	full             bool   // makeRoom found nothing to close
	fullAt, fullTold uint32 // the tick of that, and the one behind that of the last line about it; 0 for none

	lentOut atomic.Int32 // connections that workers hold
	slow    atomic.Int32 // connections whose output outlasts an event

	mailMu sync.Mutex // guards the three below; any goroutine
	mail   []*Conn
	calls  []func()
	over   bool // the reactor has ended; all of its state is guarded by overMu then
	overMu sync.Mutex
	wasSet atomic.Bool // a wake-up is on its way

	stats Stats
}

// Index returns the reactor's number, 0 ≤ Index < Loop.Reactors().
func (r *Reactor) Index() int { return r.index }

// Mem returns the reactor's private buffers. Only the reactor's goroutine may use it.
func (r *Reactor) Mem() *pool.Local { return r.mem }

// Shared returns the buffers that workers use. Any goroutine may use it.
func (r *Reactor) Shared() *pool.Pool { return r.shared }

// Clock returns the coarse wall clock. Any goroutine may use it.
func (r *Reactor) Clock() *Clock { return &r.loop.clock }

// Now returns the time at which it was first asked for while the events at hand are dealt with: events that were found together
// have one time, as in NGINX, and the clock is read once for all of them, or not at all. Only the reactor's goroutine may call it.
func (r *Reactor) Now() time.Time {
	if r.stale {
		r.stale, r.now = false, time.Now()
		r.loop.clock.refresh(r.now)
	}
	return r.now
}

// Ticks returns the reactor's monotonic time in ticks since its start. Any goroutine may call it.
func (r *Reactor) Ticks() uint32 { return r.ticks.Load() }

// Draining tells whether the server is shutting down, so that answers should end their connections. Only the reactor's
// goroutine may call it.
func (r *Reactor) Draining() bool { return r.draining }

// Stats returns the reactor's counters. Any goroutine may load them.
func (r *Reactor) Stats() *Stats { return &r.stats }

// Connections returns the number of open connections. Only the reactor's goroutine may call it.
func (r *Reactor) Connections() int { return r.conns }

// event is called by the poller for each readiness event.
func (r *Reactor) event(fd int, ev readiness) {
	if fd < len(r.table) {
		if c := r.table[fd]; c != nil {
			r.serve(c, ev)
			return
		}
	}
	if fd == r.timer {
		r.tick()
		return
	}
	for i := range r.watches {
		if r.watches[i].fd == fd {
			r.watches[i].ready()
			return
		}
	}
	for _, a := range r.listeners {
		if a.fd == fd {
			r.accept(a)
			return
		}
	}
}

// serve runs one event of c and sends what it queued. A panic costs the connection, not the process.
func (r *Reactor) serve(c *Conn, ev readiness) {
	defer r.leave(c)
	if c.lent() && c.lentEvent(ev) {
		return
	}
	r.current = c
	r.late, c.burst = c.outOfOrder(ev), false
	c.onEvent(ev)
	r.flushDirty()
}

// leave ends c's event: deferred, because it also recovers a panic.
func (r *Reactor) leave(c *Conn) {
	if v := recover(); v != nil {
		r.panicked(c, v)
	}
	if c == r.current {
		r.current = nil
		if c.closed {
			r.free = append(r.free, c)
		}
	}
}

// flushDirty sends what an event queued, on any connection.
func (r *Reactor) flushDirty() {
	for i := 0; i < len(r.dirty); i++ {
		if c := r.dirty[i]; c.dirty {
			c.flush()
		}
	}
	r.dirty = r.dirty[:0]
}

// panicked closes c, whose callback panicked, and lets the others go on. Closed, and what the others do when their output
// is sent, may panic as well.
func (r *Reactor) panicked(c *Conn, v any) {
	r.stats.Panics.Add(1)
	r.loop.log.Error("panic in a connection's callback", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	shielded := func(f func()) {
		defer func() { _ = recover() }()
		f()
	}
	if !c.closed {
		shielded(func() { c.close(ErrPanic) })
	}
	for _, d := range r.dirty {
		if d.dirty && d != c {
			shielded(d.flush)
		}
	}
	r.dirty = r.dirty[:0]
}

// again gives c another turn when the connections that have events had theirs.
func (r *Reactor) again(c *Conn) {
	if !c.queued {
		c.queued = true
		r.ready = append(r.ready, c)
		r.poller.soon()
	}
}

// afterWake runs what cannot wait for an event of the poller: messages, turns, burials.
func (r *Reactor) afterWake() {
	r.wasSet.Store(false)
	r.readMail()
	turns := r.ready
	r.ready = r.spare[:0]
	for _, c := range turns {
		r.turn(c)
	}
	clear(turns)
	r.spare = turns[:0]
	r.bury()
}

// bury closes the descriptors that could be meant by events of the batch.
func (r *Reactor) bury() {
	for _, c := range r.buried {
		closeFd(int(c.fd))
		r.free = append(r.free, c)
	}
	clear(r.buried)
	r.buried = r.buried[:0]
}

func (r *Reactor) turn(c *Conn) {
	if c.queued && !c.closed {
		defer r.leave(c)
		r.current, r.late = c, true
		c.turn()
		r.flushDirty()
	}
}

// The loop's own kinds of time-outs.
const (
	timeoutLinger = 255
	timeoutSend   = 254
	timeoutPace   = 253
	timeoutReset  = 252
)

// expire is called by the wheel.
func (r *Reactor) expire(c *Conn) {
	defer r.leave(c)
	r.late = true
	switch {
	case c.timerKind == timeoutLinger:
		c.close(nil)
		return
	case c.timerKind == timeoutReset:
		c.finishReset()
		return
	case c.timerKind == timeoutSend && !c.lent():
		if c.lst != nil && c.lst.spec.ResetTimedOut {
			c.Reset(ErrTimeout)
			return
		}
		c.close(ErrTimeout)
		return
	case c.timerKind == timeoutPace:
		c.flush()
		r.flushDirty()
		return
	}
	c.proto.Timeout(c, c.timerKind)
	r.flushDirty()
}
