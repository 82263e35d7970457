package limit

// Hot: runs for every request; no allocation, no map, no defer; delayed and refused requests allocate.

import (
	"fmt"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// ReqLimit is one limit_req directive.
type ReqLimit struct {
	Zone *ReqZone
	// Burst is how many requests above the rate are taken; Delay how many of them at once, the others wait. NoDelay takes all
	// of them at once.
	Burst, Delay int64
	NoDelay      bool
}

// ReqConfig is what limit_req and its companions say in one location.
type ReqConfig struct {
	// Limits hold all together, in their order.
	Limits []ReqLimit
	// Status is the answer to a request too many (limit_req_status); the default is 503.
	Status int
	// Level is of the message about a refusal (limit_req_log_level); that about a delay is one lower.
	Level Level
	// DryRun counts and tells but neither delays nor refuses (limit_req_dry_run).
	DryRun bool
	// Offload tells that whoever runs the hook takes pipeline.ErrOffload for the wish to be called again on a worker. Then
	// only requests that have to wait go there; otherwise all do when any may have to.
	Offload bool
	// Log may be nil.
	Log LogFunc
}

// Req is a pipeline.RequestHook that limits the rate of requests. A request is counted once, however often it is directed
// elsewhere, and subrequests are not counted.
type Req struct {
	limits []ReqLimit // burst and delay in thousandths of a request
	refuse error
	level  Level
	delay  Level
	dryRun bool
	waits  bool // and cannot ask for a worker
	log    LogFunc
}

// NewReq compiles the limits of a location.
func NewReq(c ReqConfig) (*Req, error) {
	if c.Status == 0 {
		c.Status = 503
	}
	if c.Status < 400 || c.Status > 599 {
		return nil, fmt.Errorf("limit: status %d is not from 400 to 599", c.Status)
	}
	r := &Req{level: c.Level, delay: min(c.Level+1, LevelInfo), dryRun: c.DryRun, log: c.Log,
		refuse: &pipeline.Error{Status: c.Status, Message: "limiting requests"}}
	for _, l := range c.Limits {
		if l.Zone == nil || l.Zone.Key == nil || l.Burst < 0 || l.Delay < 0 {
			return nil, fmt.Errorf("limit: limit_req without a zone, or with a burst below 0")
		}
		if l.NoDelay {
			l.Delay = MaxBurst
		}
		l.Burst, l.Delay = min(l.Burst, MaxBurst)*1000, min(l.Delay, MaxBurst)*1000
		r.waits = r.waits || l.Burst > l.Delay && !c.DryRun && !c.Offload
		r.limits = append(r.limits, l)
	}
	return r, nil
}

// NeedsWorker tells whether requests may have to wait, and have to be on a worker before that.
func (r *Req) NeedsWorker() bool { return r.waits }

// scratch is the memory of one request while it is counted.
type scratch struct {
	key  []byte
	pins []pin // one for each limit that was looked up; without a shard when its key was empty
}

var reqSlot = pipeline.NewSlot() // of a *scratch

// ProcessRequest counts the request, and refuses it or holds it back.
func (r *Req) ProcessRequest(c *pipeline.Ctx) error {
	main := c.Main()
	if s, done := main.Get(reqKey{}).(*Status); done || c.IsSubrequest() {
		if done && *s == Delayed {
			return goOn(c, main)
		}
		return nil
	}
	s, _ := (*c.Attached(reqSlot)).(*scratch)
	if s == nil {
		s = new(scratch)
		*c.Attached(reqSlot) = s
	}
	v := r.count(c, s)
	s.pins, s.key = s.pins[:0], kept(s.key)
	if v.zone == nil {
		return nil
	}
	main.Set(reqKey{}, &statuses[v.status])
	if v.status == Passed {
		return nil
	}
	r.tell(c, &v)
	switch v.status {
	case Delayed:
		return wait(c, main, time.Duration(v.delay)*time.Millisecond)
	case Rejected:
		return c.Refuse(r.refuse)
	}
	return nil
}

// verdict is what the limits say together.
type verdict struct {
	zone   *ReqZone // the one that decided; nil when no limit has a key for the request
	status Status
	full   bool  // the zone has no room
	excess int64 // in thousandths of a request
	delay  int64 // in milliseconds
}

// count looks the request up in every zone and counts it in all of them, or in none when one refuses it
// (ngx_http_limit_req_handler).
func (r *Req) count(c *pipeline.Ctx, s *scratch) (v verdict) {
	for i := range r.limits {
		l := &r.limits[i]
		s.pins = append(s.pins, pin{})
		s.key = l.Zone.Key(c, s.key[:0])
		if len(s.key) == 0 {
			continue
		}
		if len(s.key) > MaxReqKey {
			r.log.say(c, LevelError, `the value of the "`+l.Zone.KeyText+`" key is more than 65535 bytes`)
			continue
		}
		o, excess, p := l.Zone.take(s.key, l.Burst, l.Zone.now(), i == len(r.limits)-1)
		v.zone = l.Zone
		switch o {
		case noted:
			s.pins[i] = p
		case counted:
			v.hold(l, excess)
		default:
			v.status, v.excess, v.full = r.dry(Rejected), excess, o == full
			return v
		}
	}
	r.account(s.pins, &v)
	if v.delay > 0 {
		v.status = r.dry(Delayed)
	}
	return v
}

// account counts the request where it is noted, the last first, and finds the longest delay.
func (r *Req) account(pins []pin, v *verdict) {
	for i := len(pins) - 1; i >= 0; i-- {
		if pins[i].shard != nil {
			l := &r.limits[i]
			v.hold(l, l.Zone.account(pins[i], l.Zone.now()))
		}
	}
}

// hold notes how long a limit wants the request to wait, when no other wants more.
func (v *verdict) hold(l *ReqLimit, excess int64) {
	if excess <= l.Delay {
		return
	}
	if delay := (excess - l.Delay) * 1000 / l.Zone.Rate; delay > v.delay {
		v.zone, v.delay, v.excess = l.Zone, delay, excess
	}
}

// dry is the status of a dry run when this is one.
func (r *Req) dry(s Status) Status {
	switch {
	case r.dryRun && s == Delayed:
		return DelayedDryRun
	case r.dryRun:
		return RejectedDryRun
	}
	return s
}
