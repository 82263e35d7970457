package loop

import "time"

// tick runs every Tick: it moves the wheel, refreshes the clock, and looks after listeners and draining.
func (r *Reactor) tick() {
	r.readTimer()
	r.poller.tick()
	now := uint32(time.Since(r.loop.started) / Tick)
	for r.wheel.now != now && !r.stopped {
		if int32(now-r.wheel.now) < 0 {
			break
		}
		r.wheel.advance(r.expire)
		r.ticks.Store(r.wheel.now)
	}
	r.loop.clock.refresh(time.Now())
	for _, a := range r.listeners {
		a.resume(r)
	}
	if r.draining {
		r.drainTick()
	}
}

// drain begins the graceful end of this reactor.
func (r *Reactor) drain() {
	r.draining = true
	r.drainFrom = r.wheel.now
	for _, a := range r.listeners {
		for a.open && !a.rests && r.accept(a) > 0 { // whoever has connected is served
		}
		a.close(r)
	}
}

// drainTick closes what has nothing to do any more, and stops the reactor with the last connection. An idle connection
// gets a grace: a request may already be on its way, and closing under it would reset it.
func (r *Reactor) drainTick() {
	if r.wheel.now-r.drainFrom >= Ticks(drainGrace) {
		for _, c := range r.table {
			if c != nil {
				r.drainConn(c)
			}
		}
	}
	if r.conns == 0 {
		r.stopped = true
	}
}

func (r *Reactor) drainConn(c *Conn) {
	defer r.leave(c)
	if r.rests(c) {
		c.close(ErrDraining)
	}
}

// rests tells whether nothing is going on on c, and nothing has come for it.
func (r *Reactor) rests(c *Conn) bool {
	return !c.closed && !c.lent() && c.q == nil && !c.closing && c.proto != nil && c.proto.Idle(c) && c.unheard()
}

// unheard tells whether the socket of c holds nothing that an event is going to tell of. A reactor that was late has its tick before
// what came meanwhile: without the look a request that has arrived would be cut.
func (c *Conn) unheard() bool { return c.paused || c.peerShut || quiet(int(c.fd)) }

// cut ends every connection and the reactor. Who would make others meanwhile is told that it is over.
func (r *Reactor) cut() { r.endAll(ErrDraining) }

func (r *Reactor) endAll(why error) {
	r.stopped = true
	for _, a := range r.listeners {
		a.close(r)
	}
	for _, c := range r.table {
		if c != nil {
			func() {
				defer r.leave(c)
				c.close(why)
			}()
		}
	}
}

// fail ends everything of a reactor whose poller has failed: nobody would hear of its clients. Those who connect from now on get to
// the others.
func (r *Reactor) fail(err error) {
	r.failed = true
	for _, a := range r.listeners {
		a.lst.desert(a.fd)
	}
	r.endAll(err)
}
