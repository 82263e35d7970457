package loop

// Hot: a time-out is set for every request; it is one store unless the deadline moved forward.

// wheel is a reactor's timers. A connection has at most one time-out. Slot s holds the connections to look at when the
// tick counter reaches s (modulo wheelSlots); the true deadline is in the connection. Moving a deadline later does not
// touch the wheel: the slot comes round, sees the later deadline and puts the connection where it belongs. That makes the
// usual case, a keep-alive time-out pushed on by every request, one store, where a list per duration (the obvious way)
// unlinks and relinks three cold neighbours.
type wheel struct {
	now  uint32 // ticks since the reactor started
	slot [wheelSlots]*Conn
	size int // connections in the wheel
}

// arm sets c's deadline to ticks from now, at least one whole tick away.
func (w *wheel) arm(c *Conn, kind uint8, ticks uint32) {
	c.timerKind = kind
	c.deadline = w.now + max(ticks, 1) + 1 // the current tick is partly over
	switch {
	case !c.inWheel:
		w.link(c)
	case c.deadline-w.now < c.due-w.now:
		w.unlink(c)
		w.link(c)
	}
}

// disarm drops the time-out; the connection stays linked until its slot comes round.
func (w *wheel) disarm(c *Conn) { c.timerKind = 0 }

func (w *wheel) link(c *Conn) {
	away := min(max(c.deadline-w.now, 1), wheelSlots-1)
	c.due = w.now + away
	head := &w.slot[c.due%wheelSlots]
	c.timerPrev, c.timerNext = nil, *head
	if *head != nil {
		(*head).timerPrev = c
	}
	*head = c
	c.inWheel = true
	w.size++
}

func (w *wheel) unlink(c *Conn) {
	if !c.inWheel {
		return
	}
	if c.timerPrev != nil {
		c.timerPrev.timerNext = c.timerNext
	} else {
		w.slot[c.due%wheelSlots] = c.timerNext
	}
	if c.timerNext != nil {
		c.timerNext.timerPrev = c.timerPrev
	}
	c.timerPrev, c.timerNext, c.inWheel = nil, nil, false
	w.size--
}

// advance moves the wheel on by one tick and hands every connection whose deadline has come to expire, which may arm
// it again, close it, or leave it without a time-out. A connection it closes is unlinked by the close.
func (w *wheel) advance(expire func(*Conn)) {
	w.now++
	head := &w.slot[w.now%wheelSlots]
	for *head != nil {
		c := *head
		w.unlink(c)
		switch {
		case c.timerKind == 0:
		case int32(c.deadline-w.now) <= 0:
			expire(c)
		default:
			w.link(c)
		}
	}
}
