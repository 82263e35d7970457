package pipeline

import "errors"

// Challenger is an error that has something to say in the fields of the response it becomes, whoever makes its page: a 401
// with its WWW-Authenticate.
type Challenger interface {
	error
	// Challenge adds the fields to the response of c.
	Challenge(c *Ctx)
}

// Refuse answers with the error page of err, as AnswerError does, and adds the fields of err when it is a Challenger. It is
// for hooks that admit requests: the challenge must reach the client even when an error handler made the page.
func (c *Ctx) Refuse(err error) error {
	if failed := c.AnswerError(err); failed != nil {
		return failed
	}
	if ch, ok := errors.AsType[Challenger](err); ok {
		ch.Challenge(c)
	}
	return nil
}
