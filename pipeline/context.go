package pipeline

import (
	"context"
	"time"
)

// lifetime is the context.Context of a request, made when it is first asked for.
type lifetime struct {
	started  bool
	ctx      context.Context
	cancel   context.CancelCauseFunc
	deadline time.Time
}

// Context returns a context that ends when the client leaves (its cause is ErrClientGone), when the deadline passes, when
// the server has waited long enough for its requests (ErrShutdown), or when the request is over. A request that does not
// ask for it does not pay for it. It may be passed to other goroutines.
func (c *Ctx) Context() context.Context {
	l := &c.life
	if l.started {
		return l.ctx
	}
	base := context.Background()
	if t, ok := c.transport.(Lifecycle); ok {
		base = t.BaseContext()
	}
	l.started = true
	l.ctx, l.cancel = context.WithCancelCause(base)
	cancel := l.cancel
	c.transport.OnGone(c, func() { cancel(ErrClientGone) })
	if !l.deadline.IsZero() {
		c.bringForward(l.deadline)
	}
	return l.ctx
}

// SetDeadline has the context of the request end at t with context.DeadlineExceeded. Nothing is interrupted: whoever waits
// has to wait with the context. Once Context was called, a deadline can be brought forward but not put off, and contexts
// that were handed out keep the older one. The zero time is no deadline.
func (c *Ctx) SetDeadline(t time.Time) {
	c.life.deadline = t
	if c.life.started && !t.IsZero() {
		c.bringForward(t)
	}
}

func (c *Ctx) bringForward(t time.Time) {
	ctx, cancel := context.WithDeadline(c.life.ctx, t)
	c.life.ctx = ctx
	c.OnClose(cancel)
}

// Deadline returns what SetDeadline was given, the zero time for none.
func (c *Ctx) Deadline() time.Time { return c.life.deadline }

// Draining returns a channel that is closed when the server begins to shut down, for responses that have no end of their
// own (events): they should come to one. It is nil where there is no such server.
func (c *Ctx) Draining() <-chan struct{} {
	if t, ok := c.transport.(Lifecycle); ok {
		return t.Draining()
	}
	return nil
}

// end ends the context with the request.
func (l *lifetime) end() {
	if l.started {
		l.cancel(context.Canceled)
	}
	*l = lifetime{}
}
