package health

import (
	"context"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/wheelpit/wheelpit/server/upstream"
)

// Checker probes the peers of one group.
type Checker struct {
	group  *upstream.Group
	conf   Config
	prober Prober

	// Changed, when it is set before Run, is told of every peer that has become healthy or unhealthy, with the error of the
	// probe, for the log. It is called on the goroutine of the probe.
	Changed func(p *upstream.Peer, healthy bool, err error)
}

// New makes a checker. A nil prober is Dialer.
func New(g *upstream.Group, c Config, p Prober) (*Checker, error) {
	c, err := c.withDefaults(g.Name())
	if err != nil {
		return nil, err
	}
	if p == nil {
		p = Dialer{}
	}
	return &Checker{group: g, conf: c, prober: p}, nil
}

// look is how often the peers of the group are listed, to find new ones.
const look = time.Second

// Run probes until ctx ends, and returns when no probe is left.
func (c *Checker) Run(ctx context.Context) {
	var probes sync.WaitGroup
	defer probes.Wait()
	stops := map[*upstream.Peer]context.CancelFunc{}
	ticker := time.NewTicker(min(look, c.conf.Interval))
	defer ticker.Stop()
	for {
		present := map[*upstream.Peer]bool{}
		for _, p := range c.group.Snapshot(now()).Peers {
			if p.Conf.Down {
				continue
			}
			present[p.Peer] = true
			if stops[p.Peer] == nil {
				own, stop := context.WithCancel(ctx)
				stops[p.Peer] = stop
				start := state{known: p.State != "checking", healthy: p.State != "checking" && p.State != "unhealthy"}
				probes.Go(func() { c.watch(own, p.Peer, start) })
			}
		}
		for p, stop := range stops {
			if !present[p] {
				stop()
				delete(stops, p)
			}
		}
		select {
		case <-ctx.Done():
			for _, stop := range stops {
				stop()
			}
			return
		case <-ticker.C:
		}
	}
}

func now() int64 { return time.Now().UnixMilli() }

// watch probes one peer until ctx ends.
func (c *Checker) watch(ctx context.Context, p *upstream.Peer, s state) {
	for {
		passed, err := c.probe(ctx, p)
		if ctx.Err() != nil {
			return
		}
		c.group.Checked(p, passed)
		if s.result(passed, &c.conf) {
			c.group.SetHealthy(p, s.healthy, now())
			if c.Changed != nil {
				c.Changed(p, s.healthy, err)
			}
		}
		if !sleep(ctx, c.conf.Interval+jitter(c.conf.Jitter)) {
			return
		}
	}
}

func (c *Checker) probe(ctx context.Context, p *upstream.Peer) (passed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.conf.Timeout)
	defer cancel()
	r, err := c.prober.Probe(ctx, c.target(p))
	return err == nil && c.conf.Match.Passes(&r), err
}

func (c *Checker) target(p *upstream.Peer) Target {
	t := Target{Network: p.Network(), Addr: p.Addr(), Host: c.conf.Host, URI: c.conf.URI}
	if host, _, err := net.SplitHostPort(t.Addr); err == nil && c.conf.Port != 0 && t.Network == "tcp" {
		t.Addr = net.JoinHostPort(host, strconv.Itoa(c.conf.Port))
	}
	return t
}

func jitter(most time.Duration) time.Duration {
	if most == 0 {
		return 0
	}
	return rand.N(most)
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// state is what the probes of a peer have come to.
type state struct {
	known, healthy bool
	passes, fails  int // in a row
}

// result counts a probe and tells whether it has changed what is thought of the peer.
func (s *state) result(passed bool, c *Config) (changed bool) {
	if passed {
		s.passes, s.fails = s.passes+1, 0
	} else {
		s.passes, s.fails = 0, s.fails+1
	}
	switch {
	case passed && s.passes >= c.Passes && (!s.known || !s.healthy):
		s.known, s.healthy = true, true
		return true
	case !passed && s.fails >= c.Fails && (!s.known || s.healthy):
		s.known, s.healthy = true, false
		return true
	}
	return false
}
