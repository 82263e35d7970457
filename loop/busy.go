package loop

// Busy returns the number of connections that something is sent on, or that are with a worker, for longer than an event.
// Any goroutine may call it.
func (r *Reactor) Busy() int { return int(r.lentOut.Load() + r.slow.Load()) }

// markSlow counts c among the connections whose output did not leave within its event, or not any more.
func (c *Conn) markSlow(slow bool) {
	if slow == c.slow {
		return
	}
	if c.slow = slow; slow {
		c.r.slow.Add(1)
	} else {
		c.r.slow.Add(-1)
	}
}
