package front

import (
	"context"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/metrics"
)

// Status says what the page of wheelpit_status shows besides the counters.
type Status struct {
	// Registry returns the counters, which it may keep from one configuration to the next; nil for new ones. It is called when
	// the configuration shows them.
	Registry func() *metrics.Registry
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
		m := &meter{about: metrics.About{Version: st.Version, Generation: st.Generation, Loaded: time.Now()}}
		if st.Registry == nil {
			st.Registry = metrics.NewRegistry
		}
		m.registry = st.Registry()
		if st.Several {
			m.about.Worker = strconv.Itoa(os.Getpid())
		}
		b.rt.meter = m
	}
	return b.rt.meter
}

// statusZone compiles status_zone of a server, nil when it has none.
func (b *builder) statusZone(s *scope) *metrics.Zone {
	d := first(s.own["status_zone"])
	if d == nil {
		return nil
	}
	z, err := b.meterOf().registry.Zone(d.Args[0])
	b.check(d, err)
	return z
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
	reactor, received, sent, took := r.carrier.Shard(), r.RequestLength(), r.BytesSent(), e.Took()
	m.registry.All.Count(reactor, e.Status, received, sent, took)
	if z := r.srv.zone; z != nil {
		z.Count(reactor, e.Status, received, sent, took)
	}
}

// processCounters are the counters of a process, which go on when it serves another configuration.
var processCounters struct {
	once     sync.Once
	registry *metrics.Registry
}

// countersIn returns a function that returns the counters of the process, each time for another server in it. They are made
// once, in the memory that the process shares with others if there is some.
func countersIn(shared *os.File) func() *metrics.Registry {
	return func() *metrics.Registry {
		processCounters.once.Do(func() {
			var err error
			if shared != nil {
				processCounters.registry, err = metrics.OpenRegistry(shared)
			}
			if shared == nil || err != nil { // /dev/null, where the system shares no memory
				processCounters.registry = metrics.NewRegistry()
			}
		})
		return processCounters.registry.Join()
	}
}

// publishEvery is how often a worker process tells the others of its connections.
const publishEvery = time.Second

// beginPublishing starts the goroutine that publishes the worker's numbers.
func (w *worker) beginPublishing() {
	ctx, cancel := context.WithCancel(context.Background())
	w.unpublish, w.published = cancel, make(chan struct{})
	go func() {
		defer close(w.published)
		w.publish(ctx)
	}()
}

// publish tells the totals of the worker's numbers until ctx ends, and then the last ones.
func (w *worker) publish(ctx context.Context) {
	own := func() metrics.Gauges {
		n, l := w.server.Stats(), w.server.Load()
		return metrics.Gauges{Accepted: n.Opened, Closed: n.Closed, Requests: n.Requests, Busy: l.Busy}
	}
	registry := w.plan.Runtime.meter.registry
	every := time.NewTicker(publishEvery)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			registry.Publish(own())
		case <-ctx.Done():
			registry.Leave(own())
			return
		}
	}
}
