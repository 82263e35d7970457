package loop

// What other goroutines give to a reactor: functions, and the connections that they were lent.

import (
	"fmt"
	"runtime/debug"
)

// Post has f run on the reactor's goroutine, soon. Any goroutine may call it. It allocates; requests do not use it. When the reactor
// has ended, f runs all the same, so that who waits for it hears of it and what it holds is given back: on the goroutine that calls
// Post, or on another one that does so. The caller must hold no lock that f takes.
func (r *Reactor) Post(f func()) {
	r.mailMu.Lock()
	r.calls = append(r.calls, f)
	over := r.over
	r.mailMu.Unlock()
	if over {
		r.readLateMail()
		return
	}
	r.wake()
}

// post hands a lent connection back. When the reactor has ended, it ends on the goroutine that had it.
func (r *Reactor) post(c *Conn) {
	r.mailMu.Lock()
	over := r.over
	if !over {
		r.mail = append(r.mail, c)
	}
	r.mailMu.Unlock()
	if !over {
		r.wake()
		return
	}
	r.overMu.Lock()
	r.reclaim(c)
	r.bury()
	r.overMu.Unlock()
	r.readLateMail()
}

// wake makes the poller return, once for any number of messages.
func (r *Reactor) wake() {
	if !r.wasSet.Swap(true) {
		r.poller.wake()
	}
}

// readMail takes back what workers return and runs what was posted.
func (r *Reactor) readMail() {
	r.mailMu.Lock()
	mail, calls := r.mail, r.calls
	r.mail, r.calls = nil, nil
	r.mailMu.Unlock()
	for _, c := range mail {
		r.reclaim(c)
	}
	for _, f := range calls {
		r.call(f)
	}
	clear(mail)
	r.mailMu.Lock()
	if r.mail == nil {
		r.mail = mail[:0]
	}
	r.mailMu.Unlock()
}

func (r *Reactor) reclaim(c *Conn) {
	defer r.leave(c)
	r.current, r.late = c, true
	c.reclaim()
	r.flushDirty()
}

func (r *Reactor) call(f func()) {
	defer func() {
		if v := recover(); v != nil {
			r.stats.Panics.Add(1)
			r.loop.log.Error("panic in a posted function", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		}
	}()
	r.late = true
	f()
	r.flushDirty()
}

// end takes back what was returned before the reactor ended; from now on others do that themselves.
func (r *Reactor) end() {
	r.overMu.Lock()
	r.stopped = true
	r.mailMu.Lock()
	r.over = true
	r.mailMu.Unlock()
	r.readMail()
	r.bury()
	r.overMu.Unlock()
	r.readLateMail()
}

// readLateMail runs what was posted to a reactor that has ended. While another goroutine has the reactor's state, which may be the
// caller's own further out, it is left to that one, who looks again when it is done.
func (r *Reactor) readLateMail() {
	for r.hasCalls() && r.overMu.TryLock() {
		r.stale = true
		r.readMail()
		r.bury()
		r.overMu.Unlock()
	}
}

func (r *Reactor) hasCalls() bool {
	r.mailMu.Lock()
	defer r.mailMu.Unlock()
	return len(r.calls) > 0
}
