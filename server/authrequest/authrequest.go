// Package authrequest admits requests by asking another location: NGINX's auth_request and auth_request_set.
//
//	auth, err := authrequest.New(authrequest.Config{URI: "/auth"})
//	app.Use(auth)
//
// For each request a subrequest goes to the URI, with GET, the same fields and no body. Its status decides: 2xx lets the
// request pass, 401 and 403 refuse it with the same status (401 with the subrequest's WWW-Authenticate), and anything else
// is an error, answered 500. The body of the answer is never made use of.
//
// It is a pipeline.RequestHook, and a check of the access phase for access.Phase. Subrequests themselves are not checked, so
// the location that is asked may lie within what it guards.
package authrequest

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Config is what the directives say in one location.
type Config struct {
	// URI is the path to ask (auth_request). It is taken as it is: a "?" in it begins no query.
	URI string
	// Set are values of the subrequest to be kept for the request (auth_request_set), in their order.
	Set []Set
	// Send makes the subrequest; the default is Ctx.Subrequest, within the application of the hook.
	Send func(c *pipeline.Ctx, s pipeline.Subrequest, done func(sub *pipeline.Ctx) error) error
	// Log is told of statuses that decide nothing, with slog.LevelError. It may be nil, and must not block.
	Log func(c *pipeline.Ctx, level slog.Level, message string)
}

// Set is one auth_request_set. It is done whatever the status.
type Set struct {
	// Value is asked with the Ctx of the subrequest.
	Value pipeline.Value
	// Assign keeps a copy of what Value appended, for the request c itself.
	Assign func(c *pipeline.Ctx, value []byte)
}

// Auth is a pipeline.RequestHook. It is immutable and may be shared.
type Auth struct{ Config }

var (
	errForbidden error = &pipeline.Error{Status: 403, Message: "authrequest: forbidden"}
	err401             = &pipeline.Error{Status: 401, Message: "authrequest: unauthorized"}
)

// unauthorized is a refusal with the challenges of the subrequest.
type unauthorized struct{ challenges []string }

// Error tells what is wrong.
func (*unauthorized) Error() string { return err401.Message }

// Unwrap gives the refusal its status.
func (*unauthorized) Unwrap() error { return err401 }

// Challenge adds WWW-Authenticate, as often as the subrequest has it.
func (u *unauthorized) Challenge(c *pipeline.Ctx) {
	for _, v := range u.challenges {
		_ = c.AddHeader("WWW-Authenticate", v) // it was a field value before
	}
}

// New compiles c.
func New(c Config) (*Auth, error) {
	if !strings.HasPrefix(c.URI, "/") {
		return nil, fmt.Errorf("authrequest: %q is no path", c.URI)
	}
	for _, s := range c.Set {
		if s.Value == nil || s.Assign == nil {
			return nil, fmt.Errorf("authrequest: auth_request_set without a value or a variable")
		}
	}
	if c.Send == nil {
		c.Send = (*pipeline.Ctx).Subrequest
	}
	return &Auth{c}, nil
}

// NeedsWorker is true: whoever is asked may block.
func (a *Auth) NeedsWorker() bool { return true }

// ProcessRequest asks, and refuses the request or lets it pass.
func (a *Auth) ProcessRequest(c *pipeline.Ctx) error {
	if _, err := a.Access(c); err != nil {
		return c.Refuse(err)
	}
	return nil
}

// Access asks; see access.Check.
func (a *Auth) Access(c *pipeline.Ctx) (allowed bool, err error) {
	if c.IsSubrequest() {
		return false, nil
	}
	status := 0
	var challenges []string
	err = a.Send(c, pipeline.Subrequest{Path: a.URI, Method: http1.MethodGet}, func(sub *pipeline.Ctx) error {
		for i := range a.Set {
			s := &a.Set[i]
			s.Assign(c, s.Value(sub, nil))
		}
		if status = sub.Res().Status; status == 401 {
			challenges = challengesOf(sub)
		}
		return nil
	})
	switch {
	case err != nil:
		return false, fmt.Errorf("authrequest: %w", err)
	case status == 403:
		return false, errForbidden
	case status == 401:
		return false, &unauthorized{challenges}
	case status >= 200 && status < 300:
		return true, nil
	}
	message := "auth request unexpected status: " + strconv.Itoa(status)
	if a.Log != nil {
		a.Log(c, slog.LevelError, message)
	}
	return false, &pipeline.Error{Status: 500, Message: message}
}

// challengesOf copies the WWW-Authenticate fields of a subrequest, which ends with its done function.
func challengesOf(sub *pipeline.Ctx) (list []string) {
	for _, f := range sub.Res().Fields() {
		if strings.EqualFold(f.Name, "WWW-Authenticate") {
			list = append(list, strings.Clone(f.Value))
		}
	}
	return list
}
