package pipeline

import (
	"fmt"
	"net/http"
)

// Error is an error that knows its status (Django: Http404, PermissionDenied, BadRequest, SuspiciousOperation).
type Error struct {
	// Status is the status that the error becomes when no Exception hook answers.
	Status int
	// Message is for the log and the debug page; the client sees the error page of Status.
	Message string
	// Suspicious names the kind of a request that no honest client makes ("DisallowedHost"): it is logged as an error of
	// the logger security.DisallowedHost (Django: the classes of SuspiciousOperation).
	Suspicious string
	// Allow is the value of the Allow field of a 405.
	Allow string
	// ContentRange is the value of the Content-Range field of a 416.
	ContentRange string
	// Err is the cause.
	Err error

	unparsed bool // ErrUnparsed
}

// Error returns the message, or the cause's.
func (e *Error) Error() string {
	switch {
	case e.Message != "" && e.Err != nil:
		return e.Message + ": " + e.Err.Error()
	case e.Message != "":
		return e.Message
	case e.Err != nil:
		return e.Err.Error()
	}
	return fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrNotFound) true for every error of the same status, and errors.Is(err, ErrDisallowedHost) for
// every suspicious one of that kind.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Message == "" && t.Err == nil && t.Status == e.Status &&
		(t.Suspicious == "" || t.Suspicious == e.Suspicious) && (!t.unparsed || e.unparsed)
}

// The errors of Django's conversion table, to return or to compare with errors.Is.
var (
	ErrBadRequest       error = &Error{Status: 400}
	ErrPermissionDenied error = &Error{Status: 403}
	ErrNotFound         error = &Error{Status: 404}

	ErrSuspicious         error = &Error{Status: 400, Suspicious: "SuspiciousOperation"}
	ErrDisallowedHost     error = &Error{Status: 400, Suspicious: "DisallowedHost"}
	ErrDisallowedRedirect error = &Error{Status: 400, Suspicious: "DisallowedRedirect"}
	ErrTooMuchData        error = &Error{Status: 400, Suspicious: "RequestDataTooBig"}
	ErrTooManyFields      error = &Error{Status: 400, Suspicious: "TooManyFieldsSent"}
	ErrTooManyFiles       error = &Error{Status: 400, Suspicious: "TooManyFilesSent"}

	// ErrUnparsed is the cause to wrap when the body of a request cannot be parsed (Django: MultiPartParserError).
	ErrUnparsed error = &Error{Status: 400, unparsed: true}
)

// errNoRoute is the ErrNotFound of a path that no route has (Django: Resolver404).
var errNoRoute error = &Error{Status: 404, Message: "no route"}

// IsNoRoute tells whether err says that no route has the path of the request, and not a handler that found nothing.
func IsNoRoute(err error) bool { return err == errNoRoute }

// PanicError is a panic of a hook or handler, as an error.
type PanicError struct {
	Value any
	// Stack holds the program counters of the goroutine from the function that panicked on; FormatStack prints them.
	Stack []uintptr
}

// StackTrace returns Stack.
func (e *PanicError) StackTrace() []uintptr { return e.Stack }

// Error returns the panic's value as text.
func (e *PanicError) Error() string { return fmt.Sprint("panic: ", e.Value) }

// Unwrap returns the value of the panic when it was an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// abort is the value of Abort's panic.
type abort struct{}

// Abort ends the request by closing its connection, without a response and without any hook (http.ErrAbortHandler).
func Abort() { panic(abort{}) }

func panicError(v any) *PanicError { return &PanicError{Value: v, Stack: panicked()} }
