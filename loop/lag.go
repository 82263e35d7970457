package loop

import "time"

// Lag returns how late the reactor is: how long ago it should have come back to its timer. It is 0 for one that is on time, and
// grows while a callback holds it. Any goroutine may call it.
func (r *Reactor) Lag() time.Duration {
	if r.dozes.Load() {
		return 0
	}
	due := time.Duration(r.ticks.Load()+1) * Tick
	return max(time.Since(r.loop.started)-due, 0)
}

// Age returns how long ago a tick of the reactor was. It reads the clock, and is right while the reactor sleeps. Any goroutine may
// call it.
func (r *Reactor) Age(tick uint32) time.Duration {
	return time.Since(r.loop.started) - time.Duration(tick)*Tick
}
