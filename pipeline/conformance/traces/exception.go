package traces

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/wheelpit/wheelpit/pipeline"
)

// exception is an error that a scenario raises: a Python class as the error that pipeline has for it.
type exception struct {
	class, message string
	kind           error
}

// Error returns the message.
func (e *exception) Error() string { return e.message }

// Unwrap returns what pipeline knows, nil for a class that Django's table does not have.
func (e *exception) Unwrap() error { return e.kind }

// kinds are the classes of Django's conversion table (rule H19).
var kinds = map[string]error{
	"Http404":              pipeline.ErrNotFound,
	"Resolver404":          pipeline.ErrNotFound,
	"PermissionDenied":     pipeline.ErrPermissionDenied,
	"MultiPartParserError": pipeline.ErrUnparsed,
	"BadRequest":           pipeline.ErrBadRequest,
	"SessionInterrupted":   pipeline.ErrBadRequest,
	"SuspiciousOperation":  pipeline.ErrSuspicious,
	"DisallowedHost":       pipeline.ErrDisallowedHost,
	"DisallowedRedirect":   pipeline.ErrDisallowedRedirect,
	"RequestDataTooBig":    pipeline.ErrTooMuchData,
	"TooManyFieldsSent":    pipeline.ErrTooManyFields,
	"TooManyFilesSent":     pipeline.ErrTooManyFiles,
}

// suspicious are further subclasses of SuspiciousOperation.
var suspicious = []string{"SuspiciousFileOperation", "SuspiciousMultipartForm", "SuspiciousSession", "InvalidSessionKey"}

// raise returns the error of a class, or leaves as SystemExit and KeyboardInterrupt do.
func raise(class, owner string) error {
	if class == "SystemExit" || class == "KeyboardInterrupt" {
		pipeline.Abort()
	}
	kind := kinds[class]
	for _, s := range suspicious {
		if s == class {
			kind = &pipeline.Error{Status: 400, Suspicious: class}
		}
	}
	return &exception{class, "from " + owner, kind}
}

// className returns the Python class of an error.
func className(err error) string {
	if e, ok := errors.AsType[*exception](err); ok {
		return e.class
	}
	if pipeline.IsNoRoute(err) {
		return "Resolver404"
	}
	return "ValueError" // what Django raises for a view that returns nothing
}

// UnmarshalJSON tells an urlconf of null from none.
func (a *action) UnmarshalJSON(b []byte) error {
	type plain action
	if err := json.Unmarshal(b, (*plain)(a)); err != nil {
		return fmt.Errorf("traces: %w", err)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(b, &keys); err != nil {
		return fmt.Errorf("traces: %w", err)
	}
	_, a.HasConf = keys["urlconf"]
	return nil
}
