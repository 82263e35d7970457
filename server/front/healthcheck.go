package front

import (
	"context"
	"errors"
	"strings"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
	"github.com/wheelpit/wheelpit/server/upstream/health"
)

// healthStarts finds what the health_check directives of all locations make of the peers of an upstream before the first check, which
// its group must know when it is made.
func (b *builder) healthStarts(block *conf.Directive) {
	for d := range block.Children() {
		b.healthStarts(d)
		if d.Name != "health_check" {
			continue
		}
		h, err := health.ParseDirective(d.Args)
		if b.check(d, err); err != nil {
			continue
		}
		for pass := range block.Children() {
			if pass.Name == "proxy_pass" {
				host, _, _ := splitURL(pass.Args[0])
				b.firstHealth[host] = max(b.firstHealth[host], h.Start)
			}
		}
	}
}

// healthChecks compiles the health_check directives of a location that passes requests to u.
func (b *builder) healthChecks(s *scope, u *proxy.Upstream) {
	for _, d := range s.own["health_check"] {
		if u == nil || b.upstreams[strings.ToLower(u.Name)] != u || u.Group().Snapshot(0).Zone == "" {
			b.fail(d, `"health_check" requires a "proxy_pass" to an upstream in shared memory`)
			continue
		}
		h, err := health.ParseDirective(d.Args)
		if err != nil {
			continue // it was told before
		}
		h.Timeout = min(milliseconds(s.number("proxy_connect_timeout", 60000)), milliseconds(s.number("proxy_read_timeout", 60000)))
		h.Host = constantHost(s)
		if h.Match != "" {
			h.Config.Match = b.match(s, d, h.Match)
		}
		check, err := health.New(u.Group(), h.Config, nil)
		if b.check(d, err); err != nil {
			continue
		}
		check.Changed = b.rt.healthChanged(u, h.Match)
		b.rt.back.add(func(ctx context.Context) { check.Run(ctx) })
	}
}

// constantHost is the Host that proxy_set_header says, unless it holds variables; checks have no request to take them from.
func constantHost(s *scope) string {
	for _, d := range s.all("proxy_set_header") {
		if d.Args[0] != "Host" {
			continue
		}
		if parts, err := conf.Compile(d.Args[1]); err == nil {
			if text, ok := parts.Constant(); ok {
				return text
			}
		}
	}
	return ""
}

// match compiles the match block of a name.
func (b *builder) match(s *scope, d *conf.Directive, name string) *health.Match {
	for _, block := range s.all("match") {
		if block.Args[0] != name {
			continue
		}
		m := new(health.Match)
		for line := range block.Children() {
			b.check(line, m.Add(append([]string{line.Name}, line.Args...), nil))
		}
		return m
	}
	b.check(d, errors.New(`unknown match "`+name+`"`))
	return nil
}

// healthChanged returns what writes to the log that a peer has become healthy or unhealthy.
func (rt *Runtime) healthChanged(u *proxy.Upstream, match string) func(*upstream.Peer, bool, error) {
	return func(p *upstream.Peer, healthy bool, err error) {
		switch {
		case healthy:
			rt.back.printf(errlog.Warn, `peer is healthy while checking, health check "%s" of peer %s in upstream "%s"`, match, p.Name(), u.Name)
		case err != nil:
			rt.back.printf(errlog.Warn, `peer is unhealthy (%v) while checking, health check "%s" of peer %s in upstream "%s"`,
				err, match, p.Name(), u.Name)
		default:
			rt.back.printf(errlog.Warn, `peer is unhealthy (unexpected response) while checking, health check "%s" of peer %s in upstream "%s"`,
				match, p.Name(), u.Name)
		}
	}
}
