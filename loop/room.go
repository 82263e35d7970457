package loop

import "strconv"

// makeRoom closes connections on which nothing is going on, so that whoever comes is served and not turned away for the sake of
// clients that only keep their connections open: those whose time-out comes first, as a rule the ones that have rested longest. It
// tells whether there is room now. When there is none it does not look again before the next tick, for looking costs a walk over all
// connections (NGINX: ngx_drain_connections).
func (r *Reactor) makeRoom() bool {
	if r.full && r.fullAt == r.wheel.now {
		return false
	}
	var found [roomAtOnce]*Conn
	list := r.resting(found[:0:max(1, min(roomAtOnce, r.conns/8))])
	before := r.conns
	for _, c := range list {
		r.drainConn(c)
	}
	some := r.conns < before
	r.full, r.fullAt = !some, r.wheel.now
	if now := r.wheel.now + 1; r.fullTold == 0 || now-r.fullTold >= Ticks(logEvery) {
		r.fullTold = now
		text := strconv.Itoa(r.loop.cfg.MaxConns) + " worker_connections are not enough"
		if some {
			r.loop.log.Warn(text + ", reusing connections")
		} else {
			r.loop.log.Error(text)
		}
	}
	return some
}

// resting appends connections on which nothing is going on, in the order of the wheel, until the list is full.
func (r *Reactor) resting(list []*Conn) []*Conn {
	for away := uint32(1); away < wheelSlots && len(list) < cap(list); away++ {
		for c := r.wheel.slot[(r.wheel.now+away)%wheelSlots]; c != nil && len(list) < cap(list); c = c.timerNext {
			if r.rests(c) {
				list = append(list, c)
			}
		}
	}
	return list
}
