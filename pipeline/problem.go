package pipeline

import "errors"

// Answerer is an error that makes its own response, instead of the error page of its status: a problem detail (RFC 9457),
// the page of a form with its errors. It should wrap an [Error] as well, which gives the status under which it is logged
// and under which an error handler of the application may take it over.
type Answerer interface {
	error
	// Answer sets the response of c.
	Answer(c *Ctx) error
}

// AnswererOf returns the Answerer in err, or nil.
func AnswererOf(err error) Answerer {
	a, _ := errors.AsType[Answerer](err)
	return a
}
