package front

import (
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/emptygif"
	"github.com/wheelpit/wheelpit/server/metrics"
	"github.com/wheelpit/wheelpit/server/script"
	"github.com/wheelpit/wheelpit/server/stubstatus"
)

// content compiles the handler that a block names; nil when it names none.
func (b *builder) content(s *scope) func(r *request) error {
	if d := first(s.own["app"]); d != nil {
		return b.app(d)
	}
	if d := first(s.own["wheelpit_status"]); d != nil {
		return b.status(d)
	}
	if d := first(s.own["upstream_api"]); d != nil {
		return b.upstreamAPI(s, d)
	}
	switch {
	case len(s.own["empty_gif"]) > 0:
		return func(r *request) error { return emptygif.Handler(r.c) }
	case len(s.own["flv"]) > 0:
		return (*request).flv
	case len(s.own["mp4"]) > 0:
		return b.mp4(s)
	case len(s.own["stub_status"]) > 0:
		b.meterOf() // for totals of all worker processes
		return (*request).stubStatus
	}
	return nil
}

// stubStatus answers with NGINX's counters.
func (r *request) stubStatus() error {
	status, err := stubstatus.New(r.counts)
	if err != nil {
		return err
	}
	return status.Handle(r.c)
}

// counts are the counters of the server. The request that asks is the one that is known to be in progress.
func (r *request) counts() stubstatus.Counts {
	own, now := r.carrier.Stats(), r.carrier.States()
	if !r.c.OnWorker() {
		now.Writing++
	}
	n := metrics.Gauges{Accepted: own.Opened, Closed: own.Closed, Requests: own.Requests}
	if m := r.rt.meter; m != nil {
		n = m.registry.Total(n)
	}
	active := n.Accepted - min(n.Closed, n.Accepted)
	return stubstatus.Counts{
		Accepted: n.Accepted, Handled: n.Accepted, Requests: n.Requests,
		Active: active, Reading: now.Reading, Writing: now.Writing, Waiting: active - min(active, now.Reading+now.Writing),
	}
}

// connectionVariable is one of the variables of stub_status.
func connectionVariable(name string) script.Getter {
	return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
		status, err := stubstatus.New(requestOf(c).counts)
		if err != nil {
			return dst, false
		}
		return status.AppendVariable(name, dst)
	}
}

// app compiles app: a Go application that was registered under a name.
func (b *builder) app(d *conf.Directive) func(r *request) error {
	app := RegisteredApp(d.Args[0])
	if app == nil {
		b.fail(d, `unknown application "%s"`, d.Args[0])
		return nil
	}
	chain, err := app.Compile()
	if err != nil {
		b.fail(d, "%v", err)
		return nil
	}
	return func(r *request) error { return r.runApp(chain) }
}

// runApp has an application answer.
func (r *request) runApp(chain *pipeline.Chain) error {
	r.yield()
	switch chain.Run(r.c) {
	case pipeline.NeedWorker:
		return pipeline.ErrOffload
	case pipeline.NeedBody:
		return errNeedBody
	case pipeline.Aborted:
		return errAborted
	}
	return nil
}
