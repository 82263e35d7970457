package access

// Hot: runs for every request; no allocation, no map, no defer; refusals allocate.

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Check is one module of the access phase.
type Check interface {
	// Access allows a request, or refuses it with an error that knows its status, or has no opinion: false and nil.
	Access(c *pipeline.Ctx) (allowed bool, err error)
}

// PhaseConfig is how checks are combined in one location.
type PhaseConfig struct {
	// Checks are asked in order; NGINX's is Rules, auth_basic, auth_request.
	Checks []Check
	// Any lets a request pass that at least one check allows (satisfy any), or that none refuses. Without it a request passes
	// that none refuses (satisfy all).
	Any bool
	// AuthDelay holds answers of status 401 and 407 back, against guessing of passwords (auth_delay); 0 answers at once.
	AuthDelay time.Duration
	// Log is that of Options.
	Log func(c *pipeline.Ctx, level slog.Level, message string)
}

// Phase is a pipeline.RequestHook that asks several checks.
type Phase struct {
	PhaseConfig
	worker bool
}

// NewPhase combines checks. It runs on a worker when one of them does, or when it may have to wait. With satisfy all and no
// delay, checks that are hooks of their own do the same, and rules then refuse without a worker.
func NewPhase(c PhaseConfig) (*Phase, error) {
	if slices.Contains(c.Checks, nil) {
		return nil, errors.New("access: nil check")
	}
	if c.AuthDelay < 0 {
		return nil, fmt.Errorf("access: delay of %v", c.AuthDelay)
	}
	return newPhase(c), nil
}

func newPhase(c PhaseConfig) *Phase {
	p := &Phase{PhaseConfig: c, worker: c.AuthDelay > 0}
	for _, ch := range c.Checks {
		if w, ok := ch.(pipeline.WorkerHook); ok && w.NeedsWorker() {
			p.worker = true
		}
	}
	return p
}

// Any is a phase with satisfy any and without a delay; log is that of Options. Checks must not be nil.
func Any(log func(c *pipeline.Ctx, level slog.Level, message string), checks ...Check) *Phase {
	return newPhase(PhaseConfig{Checks: checks, Any: true, Log: log})
}

// NeedsWorker tells whether a check may block, or the phase wait.
func (p *Phase) NeedsWorker() bool { return p.worker }

// ProcessRequest asks the checks (ngx_http_core_access_phase).
func (p *Phase) ProcessRequest(c *pipeline.Ctx) error {
	if c.IsSubrequest() {
		return nil
	}
	refusal := p.ask(c)
	if refusal == nil {
		return nil
	}
	switch statusOf(refusal) {
	case 401, 407:
		if p.AuthDelay > 0 {
			if err := c.Wait(p.AuthDelay); err != nil {
				return err
			}
		}
	case 403:
		if p.Log != nil && (p.Any || refusal == errForbidden) {
			p.Log(c, slog.LevelError, "access forbidden by rule")
		}
	}
	return c.Refuse(refusal)
}

// ask returns the refusal that the checks come to together. With Any, one of status 401 or 407 outweighs one of 403, because
// a client can do something about it; an error of any other status ends the search.
func (p *Phase) ask(c *pipeline.Ctx) (refusal error) {
	status := 0
	for _, ch := range p.Checks {
		allowed, err := ch.Access(c)
		switch {
		case allowed && p.Any:
			return nil
		case err == nil:
			continue
		case !p.Any:
			return err
		}
		s := statusOf(err)
		if s != 401 && s != 403 && s != 407 {
			return err
		}
		if status != 401 && status != 407 {
			refusal, status = err, s
		}
	}
	return refusal
}

func statusOf(err error) int {
	if e, ok := errors.AsType[*pipeline.Error](err); ok {
		return e.Status
	}
	return 500
}
