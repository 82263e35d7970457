package pipeline

import "slices"

// signals are the receivers of what happens to requests.
type signals struct {
	started, finished []func(*Ctx)
	failed            []func(*Ctx, error)
}

func (s *signals) clone() signals {
	return signals{slices.Clone(s.started), slices.Clone(s.finished), slices.Clone(s.failed)}
}

// OnStart has f called for every request before its first hook, where the request is: f must not block (Django: the signal
// request_started).
func (a *App) OnStart(f func(c *Ctx)) { a.signals.started = append(a.signals.started, f) }

// OnFinish has f called for every request that was answered when its response was sent, or has failed, after the functions
// of Ctx.OnClose (Django: request_finished). One that ends with Abort was not answered, wherever that was called. f must not block; a
// panic in it is dropped.
func (a *App) OnFinish(f func(c *Ctx)) { a.signals.finished = append(a.signals.finished, f) }

// OnError has f called for every error and panic that becomes a page of status 500, before the error handler, and for one
// in an error handler of another status (Django: got_request_exception). It may be called from any goroutine. A middleware
// connects such functions in its Load.
func (a *App) OnError(f func(c *Ctx, err error)) { a.signals.failed = append(a.signals.failed, f) }

// started tells the receivers that a request begins.
func (ch *Chain) started(c *Ctx) {
	for _, f := range ch.signals.started {
		f(c)
	}
}

// finished tells the receivers that a request is over.
func (ch *Chain) finished(c *Ctx) {
	for _, f := range ch.signals.finished {
		c.drop(func() { f(c) })
	}
}

func (ch *Chain) failure(c *Ctx, err error) {
	for _, f := range ch.signals.failed {
		f(c, err)
	}
}

// finish runs what OnClose gathered, in order, and tells the receivers that the request is over (rules H27, H28). What was
// added meanwhile comes last.
func (c *Ctx) finish() {
	c.Leave()
	gathered := len(c.closers)
	for i := range gathered {
		c.drop(c.closers[i])
	}
	if c.begun && !c.aborted && c.chain != nil && c.Answered() && c.escaped == nil { // no chain: see Restart
		for i := len(c.entered) - 1; i >= 0; i-- {
			c.entered[i].finished(c)
		}
		c.chain.finished(c)
	}
	for i := gathered; i < len(c.closers); i++ {
		c.drop(c.closers[i])
	}
	clear(c.closers)
	c.closers = c.closers[:0]
	c.life.end()
}

// drop calls f and drops its panic: a response that was sent cannot fail any more.
func (c *Ctx) drop(f func()) {
	defer func() { _ = recover() }()
	f()
}
