package access

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"errors"
	"log/slog"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Check is one module of the access phase.
type Check interface {
	// Access allows a request, or refuses it with an error that knows its status, or has no opinion: false and nil.
	Access(c *pipeline.Ctx) (allowed bool, err error)
}

// AnyOf lets a request pass that at least one check allows, or that none refuses: satisfy any.
type AnyOf struct {
	checks []Check
	worker bool
	log    func(c *pipeline.Ctx, level slog.Level, message string)
}

// Any combines checks in NGINX's order: Rules, auth_basic, auth_request. It runs on a worker when one of them does. log is
// that of Options.
func Any(log func(c *pipeline.Ctx, level slog.Level, message string), checks ...Check) *AnyOf {
	a := &AnyOf{checks: checks, log: log}
	for _, ch := range checks {
		if w, ok := ch.(pipeline.WorkerHook); ok && w.NeedsWorker() {
			a.worker = true
		}
	}
	return a
}

// NeedsWorker tells whether a check may block.
func (a *AnyOf) NeedsWorker() bool { return a.worker }

// ProcessRequest asks the checks in order (ngx_http_core_access_phase). A refusal with 401 or 407 outweighs one with 403,
// because a client can do something about it; any other error ends the search at once.
func (a *AnyOf) ProcessRequest(c *pipeline.Ctx) error {
	if c.IsSubrequest() {
		return nil
	}
	var refusal error
	status := 0
	for _, ch := range a.checks {
		allowed, err := ch.Access(c)
		if allowed {
			return nil
		}
		if err == nil {
			continue
		}
		s := statusOf(err)
		if s != 401 && s != 403 && s != 407 {
			return c.Refuse(err)
		}
		if status != 401 && status != 407 {
			refusal, status = err, s
		}
	}
	if refusal == nil {
		return nil
	}
	if status == 403 && a.log != nil {
		a.log(c, slog.LevelError, "access forbidden by rule")
	}
	return c.Refuse(refusal)
}

func statusOf(err error) int {
	if e, ok := errors.AsType[*pipeline.Error](err); ok {
		return e.Status
	}
	return 500
}
