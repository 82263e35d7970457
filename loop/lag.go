package loop

import "time"

// Lag returns how late the reactor is: how long ago it should have come back to its timer. It is 0 for one that is on time, and
// grows while a callback holds it. Any goroutine may call it.
func (r *Reactor) Lag() time.Duration {
	due := time.Duration(r.ticks.Load()+1) * Tick
	return max(time.Since(r.loop.started)-due, 0)
}
