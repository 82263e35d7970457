package loop

// A connection at rest may go over to another reactor, which has use for it:
//
//	owned by A ──Move──▶ on its way, nobody's ──A's mail to B──▶ owned by B: Mover.Moved, or Protocol.Closed
//
// The descriptor is the same all the time. It leaves one poller before it enters the other, which tells of what the socket
// holds when it is registered: an end of file that came on the way is not lost.

// Mover is a Protocol whose connections go over to other reactors.
type Mover interface {
	Protocol
	// Moved tells, on the new reactor's goroutine, that c is there. No time-out is set.
	Moved(c *Conn)
}

// Move hands c, which speaks a Mover, over to another reactor. It returns false, and nothing has changed, when c is not at rest:
// there is output, input, or an event at hand. Only a function that was posted to the reactor of c may call it, because no event of
// a batch is left then, and must not touch c after it returned true. When the other reactor has ended, or has no room, Closed is
// told there, with ErrDraining or the error.
func (c *Conn) Move(to *Reactor) bool {
	r := c.r
	if c == r.current || c.closed || c.closing || c.connecting || c.lent() || c.q != nil || len(c.in) > 0 ||
		c.readable || c.queued || c.dirty || c.peerShut || c.paused {
		return false
	}
	c.markSlow(false)
	r.wheel.unlink(c)
	r.poller.remove(int(c.fd))
	r.table[c.fd] = nil
	r.conns--
	c.r, c.timerKind = to, 0
	c.state.Store(isMoving)
	to.post(c)
	return true
}

// arrive makes the reactor that c was moved to its owner.
func (c *Conn) arrive() {
	r := c.r
	c.state.Store(0)
	r.enter(c)
	if r.over {
		c.fail(ErrDraining)
	} else if err := r.poller.addConn(int(c.fd), c.outEdges); err != nil {
		c.fail(err)
	} else {
		c.proto.(Mover).Moved(c)
	}
}

// Await tells the reactor that something it asked another goroutine for is on its way (1), or has come (-1): meanwhile the
// processor is left to others between two events, who may need it to bring that. Only the reactor's goroutine may call it.
func (r *Reactor) Await(n int32) { r.lentOut.Add(n) }
