package front

import (
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/metrics"
)

// Status says what the page of wheelpit_status shows besides the counters.
type Status struct {
	// Registry keeps the counters from one configuration to the next; nil for new ones.
	Registry *metrics.Registry
	// Version is the program's, Generation the number of the configuration.
	Version    string
	Generation int
	// Several says that there may be more worker processes than one, so that each has to say which it is.
	Several bool
}

// meter counts requests; a Runtime without a directive that shows the numbers has none.
type meter struct {
	registry *metrics.Registry
	about    metrics.About
}

// meterOf returns the meter of the configuration, which the first directive that asks for it brings about.
func (b *builder) meterOf() *meter {
	if b.rt.meter == nil {
		st := b.opt.Status
		m := &meter{registry: st.Registry, about: metrics.About{Version: st.Version, Generation: st.Generation, Loaded: time.Now()}}
		if m.registry == nil {
			m.registry = new(metrics.Registry)
		}
		if st.Several {
			m.about.Worker = strconv.Itoa(os.Getpid())
		}
		b.rt.meter = m
	}
	return b.rt.meter
}

// zone compiles status_zone of a server, nil when it has none.
func (b *builder) statusZone(s *scope) *metrics.Zone {
	if d := first(s.own["status_zone"]); d != nil {
		return b.meterOf().registry.Zone(d.Args[0])
	}
	return nil
}

// status compiles wheelpit_status.
func (b *builder) status(d *conf.Directive) func(r *request) error {
	m := b.meterOf()
	cfg := metrics.Config{Registry: m.registry, About: func() metrics.About { return m.about }, Gauges: gauges}
	if len(d.Args) > 0 {
		cfg.Format = metrics.Format(strings.ToLower(d.Args[0]))
	}
	page, err := metrics.New(cfg)
	if b.check(d, err); err != nil {
		return nil
	}
	return func(r *request) error { return page.Handle(r.c) }
}

// gauges asks the server of a request.
func gauges(c *pipeline.Ctx) metrics.Gauges {
	n := requestOf(c).carrier.Stats()
	g := metrics.Gauges{Accepted: n.Opened, Closed: n.Closed, Requests: n.Requests}
	if t, ok := c.Transport().(interface{ Load() server.Load }); ok {
		l := t.Load()
		g.Busy, g.Lags = l.Busy, l.Lags
	}
	return g
}

// count notes a request that has ended.
func (m *meter) count(r *request, e *server.Entry) {
	reactor, received, sent := r.carrier.Shard(), r.RequestLength(), r.BytesSent()
	m.registry.All.Count(reactor, e.Status, received, sent, e.Took)
	if z := r.srv.zone; z != nil {
		z.Count(reactor, e.Status, received, sent, e.Took)
	}
}
