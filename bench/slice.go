package bench

import (
	"context"
	"time"

	"github.com/wheelpit/wheelpit/bench/load"
	"github.com/wheelpit/wheelpit/bench/procstat"
	"github.com/wheelpit/wheelpit/bench/report"
)

// When a slice does not count.
const (
	maxSteal = 0.01 // share of the time that the hypervisor took
	maxLate  = 0.01 // share of the open loop's requests that were late, then the generator measured itself
)

// maxWait is the share of the time that a server may wait for its CPU. It should have that for itself; when something
// else runs there, requests pile up and are served in larger batches, and the server never sleeps: both make them cheaper.
const maxWait = 0.05

// A slice is bound by the load when the generator used nearly all of its CPU while the server had some to spare.
const (
	loadBusy   = 0.95
	serverBusy = 0.90
)

// account is the state of a server and the machine at one moment.
type account struct {
	cpu    procstat.CPU
	system procstat.System
	err    error
}

func (p *player) account() (a account) {
	a.cpu, a.err = procstat.ReadCPU(p.instance.PIDs)
	if a.err == nil {
		a.system, a.err = procstat.ReadSystem()
	}
	return a
}

// slice makes the load of the scenario on one player for one slice.
func (r *runner) slice(ctx context.Context, sc *Scenario, p *player) report.Slice {
	var before, after account
	plan := load.Plan{
		Addr: p.instance.Addr, Requests: p.requests, Connections: sc.Connections, Close: sc.Close, Rate: sc.Rate,
		Warmup: r.opts.Warmup, Duration: r.opts.Slice, CPU: r.opts.LoadCPU,
		Started: func() { before = p.account() },
		Stopped: func() { after = p.account() },
	}
	result, err := r.drive(ctx, sc, p, plan)
	switch {
	case err != nil:
		return report.Slice{Discarded: err.Error()}
	case before.err != nil:
		return report.Slice{Discarded: before.err.Error()}
	case after.err != nil:
		return report.Slice{Discarded: after.err.Error()}
	}
	used := after.cpu.Sub(before.cpu)
	slice := report.Slice{
		Requests: result.Requests, Elapsed: result.Elapsed, ServerCPU: used.Run, WaitCPU: used.Wait, LoadCPU: result.CPU,
		Latency: result.Latency, Late: result.Late, Unsent: result.Unsent, Errors: result.Errors,
		Steal: after.system.Sub(before.system).StealShare(),
	}
	slice.Discarded = discard(&slice)
	slice.LoadBound = sc.Rate == 0 && share(slice.LoadCPU, slice.Elapsed) > loadBusy &&
		share(slice.ServerCPU+slice.WaitCPU, slice.Elapsed) < serverBusy
	slice.Disturbed = share(slice.WaitCPU, slice.Elapsed) > maxWait
	return slice
}

// drive runs the plan by the tool of the scenario. wrk has no warm-up, so the own generator makes one before the first
// slice.
func (r *runner) drive(ctx context.Context, sc *Scenario, p *player, plan load.Plan) (*load.Result, error) {
	if r.tool(sc) != toolWrk {
		return load.Run(plan)
	}
	if len(p.slices) == 0 {
		warmup := plan
		warmup.Duration, warmup.Warmup, warmup.Started, warmup.Stopped = max(plan.Warmup, time.Millisecond), 0, nil, nil
		if _, err := load.Run(warmup); err != nil {
			return nil, err
		}
	}
	return load.RunWrk(ctx, plan)
}

// discard tells why a slice does not count; empty when it does.
func discard(s *report.Slice) string {
	switch {
	case s.Errors.Total() > 0:
		return s.Errors.First
	case s.Requests == 0:
		return "no answer was complete"
	case s.Steal > maxSteal:
		return "the hypervisor took the CPU"
	case float64(s.Late+s.Unsent) > maxLate*float64(s.Requests):
		return "the time table was not kept"
	}
	return ""
}

func share(part, whole time.Duration) float64 { return part.Seconds() / whole.Seconds() }
