package loop

import "time"

// A reactor that has nothing to do and nothing to time stops its timer, and its process sleeps. It does when no event has come for
// sleepAfter ticks, and the first time-out is further away than that, for which the timer is set then:
//
//	ticks ──no event for sleepAfter, nobody has a loan, nobody drains──▶ asleep until the wheel's next slot, if any
//	  ▲                                                                     │
//	  └── rouse: the clocks, then the events ◀──────── the first event ─────┘
//
// Nothing is timed meanwhile, so nobody misses the ticks; what an event finds are clocks that were set right before it. A turn of a
// reactor that is awake pays one comparison for this.

// fallAsleep stops the timer, or sets it for the next time-out, unless there is something that only ticks bring.
func (r *Reactor) fallAsleep() {
	if !timerStops || r.draining || r.stopped || r.lentOut.Load() > 0 || r.poller.owesTurn() {
		return // of those who get a turn behind the tick, one may set a time-out
	}
	for _, a := range r.listeners {
		if a.rests {
			return
		}
	}
	away := r.wheel.nextSlot()
	if away > 0 && away <= sleepAfter {
		return
	}
	r.dueIn = away
	r.asleep = true
	r.dozes.Store(true)
	if away == 0 {
		_ = r.setTimer(0, 0) // if it cannot be, the ticks go on
		return
	}
	due := time.Duration(r.wheel.now+away) * Tick
	_ = r.setTimer(max(due-time.Since(r.loop.started), Tick), 0)
}

// rouse is called before the first event behind a sleep. What is due is left to the tick that follows.
func (r *Reactor) rouse() {
	slept := uint32(time.Since(r.loop.started)/Tick) - r.wheel.now
	if r.dueIn > 0 {
		slept = min(slept, r.dueIn-1)
	}
	r.asleep, r.idle = false, 0
	r.wheel.now += slept
	r.ticks.Store(r.wheel.now)
	r.loop.clock.refresh(time.Now())
	r.poller.slept(slept)
	_ = r.setTimer(Tick, Tick)
	r.dozes.Store(false)
	select {
	case r.loop.roused <- struct{}{}:
	default:
	}
}

// AwaitWork returns when a reactor is awake, or done is closed: who looks at the reactors now and then has no need to while all
// sleep. It reports whether it has waited. One goroutine at a time may call it.
func (l *Loop) AwaitWork(done <-chan struct{}) (waited bool) {
	for ; l.sleeps(); waited = true {
		select {
		case <-l.roused:
		case <-done:
			return waited
		}
	}
	return waited
}

// sleeps tells whether all reactors sleep.
func (l *Loop) sleeps() bool {
	for _, r := range l.reactors {
		if !r.dozes.Load() {
			return false
		}
	}
	return true
}
