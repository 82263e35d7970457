package pipeline

// What an adapter needs to pass the response of one handler on through another writer.

import "context"

// BodyWriter takes the pieces of a streamed body: the part of a Transport that a Stream writes to.
type BodyWriter interface {
	WriteBody(c *Ctx, p []byte) error
	FlushBody(c *Ctx) error
}

// StreamTo makes a Stream of c that writes to w instead of the client.
func (c *Ctx) StreamTo(w BodyWriter) *Stream { return &Stream{c, w} }

// TakeResponse returns the response and leaves c unanswered. A deferred response is rendered first. The response is the
// caller's, who calls Release when its parts are sent.
func (c *Ctx) TakeResponse() (Response, error) {
	if err := c.RenderNow(); err != nil {
		return Response{}, err
	}
	res := c.res
	c.res = Response{}
	return res, nil
}

// SwapContext makes ctx what Context returns, and returns what it returned before, of which ctx should be derived: for what
// runs a part of a request under a context of its own, and puts the old one back.
func (c *Ctx) SwapContext(ctx context.Context) (was context.Context) {
	was = c.Context()
	c.life.ctx = ctx
	return was
}

// Release gives back what a taken response holds.
func (r *Response) Release() { r.dropBody() }

// RecoveredPanic makes an error of what a deferred function recovered, with the stack of the panic: for who runs a part of a
// request on a goroutine of its own. That function must call it itself.
func RecoveredPanic(v any) *PanicError { return &PanicError{Value: v, Stack: panicked()} }
