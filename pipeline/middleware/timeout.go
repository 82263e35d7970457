package middleware

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Timeout gives requests a deadline: the context of the request (Ctx.Context) ends then, with context.DeadlineExceeded.
// When the handler, or a hook within, returns that error, or any other after the deadline, the answer is 503 (as of
// net/http's TimeoutHandler) with Retry-After. A panic stays a panic, and an answer that comes late is sent all the same.
//
// A handler that does not look at its context is not interrupted, and is not left behind in a goroutine of its own either,
// as TimeoutHandler does: it uses the Ctx, which serves the next request. The time counts from the Request hook of this
// middleware, or of an AccessLog outside, so that waiting for a worker is part of it. A streamed body has the same
// deadline; give routes that stream for long their own with [RouteTimeout].
type Timeout struct {
	// After is the time for a request.
	After time.Duration
	// Status is the answer; the default is 503.
	Status int
	// RetryAfter is what Retry-After tells, in whole seconds, rounded up; the default is one second. A negative value sends
	// none.
	RetryAfter time.Duration

	retry string
}

// ErrTimedOut is in the errors of requests that Timeout answered: errors.Is(c.Err(), ErrTimedOut).
var ErrTimedOut = errors.New("middleware: deadline exceeded")

// timeoutKey is the name of the route's own time in Route.Meta.
const timeoutKey = "middleware.Timeout"

// RouteTimeout gives a route its own time under a Timeout middleware, longer or shorter; 0 means no deadline. A context that
// a Request hook has asked for keeps the earlier end.
func RouteTimeout(d time.Duration) pipeline.RouteOption { return pipeline.Meta(timeoutKey, d) }

// Load checks the values.
func (m *Timeout) Load(*pipeline.App) error {
	setDefault(&m.Status, 503)
	setDefault(&m.RetryAfter, time.Second)
	if m.After <= 0 || m.Status < 400 || m.Status > 599 {
		return fmt.Errorf("middleware: Timeout: status %d after %v", m.Status, m.After)
	}
	if m.retry = ""; m.RetryAfter > 0 {
		m.retry = strconv.FormatInt(ceilDiv(int64(m.RetryAfter), int64(time.Second)), 10)
	}
	return nil
}

// ProcessRequest sets the deadline.
func (m *Timeout) ProcessRequest(c *pipeline.Ctx) error {
	m.set(c, m.After)
	return nil
}

// ProcessView sets the deadline of a route that has its own.
func (m *Timeout) ProcessView(c *pipeline.Ctx, r *pipeline.Route) error {
	if r.Meta != nil {
		if own, ok := r.Meta[timeoutKey].(time.Duration); ok {
			m.set(c, own)
		}
	}
	return nil
}

func (m *Timeout) set(c *pipeline.Ctx, d time.Duration) {
	n := notesOf(c)
	if n.deadline = n.start().Add(d); d > 0 {
		c.SetDeadline(n.deadline)
		return
	}
	n.deadline = time.Time{}
	c.SetDeadline(n.began.AddDate(100, 0, 0))
}

// ProcessException makes the error of Status of a handler's error.
func (m *Timeout) ProcessException(c *pipeline.Ctx, err error) error {
	if m.late(c, err) {
		return m.timedOut(err)
	}
	return nil
}

// ProcessResponse adds Retry-After, and answers for the hooks within whose errors became another page.
func (m *Timeout) ProcessResponse(c *pipeline.Ctx) error {
	err := c.Err()
	if err == nil {
		return nil
	}
	if !errors.Is(err, ErrTimedOut) {
		if !m.late(c, err) {
			return nil
		}
		if err := c.AnswerError(m.timedOut(err)); err != nil {
			return err
		}
	}
	if m.retry == "" {
		return nil
	}
	return c.SetHeader("Retry-After", m.retry)
}

func (m *Timeout) timedOut(err error) *pipeline.Error {
	return &pipeline.Error{Status: m.Status, Err: fmt.Errorf("%w: %w", ErrTimedOut, err)}
}

// late tells whether err is one of the deadline.
func (m *Timeout) late(c *pipeline.Ctx, err error) bool {
	n := peek(c)
	if n == nil || n.deadline.IsZero() {
		return false
	}
	var p *pipeline.PanicError
	if errors.As(err, &p) || errors.Is(err, ErrTimedOut) {
		return false
	}
	return errors.Is(err, context.DeadlineExceeded) || !time.Now().Before(n.deadline)
}
