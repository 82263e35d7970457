package pipeline

import "log/slog"

// AnswerError answers with the error page of err: the error handler of its status, or the plain page. It is for a handler
// whose answer is an error response and no failure (Django's HttpResponseNotAllowed is returned, not raised): unlike an
// error that is returned, the Exception hooks do not see err. What comes back is the error of an error handler that failed.
func (c *Ctx) AnswerError(err error) error {
	ch := c.chain
	if ch == nil { // without an application, whoever calls has a log of its own
		ch = &Chain{root: new(urlconf), logger: slog.New(slog.DiscardHandler)}
	}
	return ch.page(c, err)
}
