package front

import (
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// upstreams makes the groups of the upstream blocks.
func (b *builder) makeUpstreams(s *scope) {
	b.upstreams = map[string]*proxy.Upstream{}
	b.implicit = map[string]*proxy.Upstream{}
	for _, d := range s.own["upstream"] {
		b.upstream(newScope(s, d), d)
	}
}

// upstream makes the group of one block.
func (b *builder) upstream(s *scope, block *conf.Directive) {
	name := block.Args[0]
	cfg := upstream.Config{Name: name, Zone: s.text("zone", "")}
	for _, d := range s.own["server"] {
		cfg.Servers = append(cfg.Servers, b.upstreamServer(d))
	}
	key := b.method(s, &cfg)
	sticky := b.sticky(s, &cfg)
	if d := s.own["queue"]; len(d) > 0 {
		n, _ := conf.ParseNumber(d[0].Args[0])
		cfg.Queue = int(n)
	}
	g, err := upstream.New(cfg)
	if err != nil {
		b.fail(block, "%v", err)
		return
	}
	keep := proxy.KeepAlive{
		Max: int(s.number("keepalive", 32)), Requests: int(s.number("keepalive_requests", 1000)),
		Time: milliseconds(s.number("keepalive_time", 3600000)), Timeout: milliseconds(s.number("keepalive_timeout", 60000)),
	}
	u := proxy.NewUpstream(name, name, g, keep)
	if key.run != nil || key.text != "" {
		u.KeyOf = key.append
	}
	u.StickyOf, u.Answered = sticky.of, sticky.answered
	b.upstreams[name] = u
	b.rt.groups = append(b.rt.groups, g)
}

// upstreamServer is one line of a block.
func (b *builder) upstreamServer(d *conf.Directive) upstream.ServerConfig {
	v, ok := d.Value.(*conf.UpstreamServer)
	if !ok {
		return upstream.ServerConfig{}
	}
	sc := upstream.ServerConfig{
		Address: d.Args[0], Resolve: v.Resolve, Service: v.Service, Weight: int(v.Weight), MaxConns: int(v.MaxConns), MaxFails: int(v.MaxFails),
		FailTimeout: time.Duration(v.FailTimeout) * time.Second, Route: v.Route, Backup: v.Backup, Down: v.Down, Drain: v.Drain,
	}
	if sc.MaxFails == 0 {
		sc.MaxFails = -1
	}
	if sc.FailTimeout == 0 {
		sc.FailTimeout = time.Millisecond
	}
	for _, a := range d.Args[1:] {
		if text, ok := strings.CutPrefix(a, "slow_start="); ok {
			ms, _ := conf.ParseMsec(text)
			sc.SlowStart = milliseconds(ms)
		}
	}
	if !v.Resolve {
		sc.Addrs = b.lookUp(d, v.Address)
	}
	return sc
}

// lookUp resolves "host:port" by the system's means, once, as NGINX does.
func (b *builder) lookUp(d *conf.Directive, address string) []upstream.Addr {
	if strings.HasPrefix(address, "unix:") {
		return upstream.Addrs(address)
	}
	if _, err := netip.ParseAddrPort(address); err == nil {
		return upstream.Addrs(address)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		b.fail(d, `invalid host in upstream "%s"`, address)
		return nil
	}
	ips, err := net.LookupIP(host)
	if err != nil || len(ips) == 0 {
		b.fail(d, `host not found in upstream "%s"`, strings.TrimSuffix(address, ":80"))
		return nil
	}
	var four, six []upstream.Addr
	for _, ip := range ips {
		a := upstream.Addr{Text: net.JoinHostPort(ip.String(), port)}
		if ip.To4() != nil {
			four = append(four, a)
		} else {
			six = append(six, a)
		}
	}
	return append(four, six...)
}

// method is how the group chooses; its key is the text that is hashed.
func (b *builder) method(s *scope, cfg *upstream.Config) (key value) {
	switch {
	case len(s.own["ip_hash"]) > 0:
		cfg.Method = upstream.IPHash
	case len(s.own["least_conn"]) > 0:
		cfg.Method = upstream.LeastConn
	case len(s.own["hash"]) > 0:
		d := s.own["hash"][0]
		cfg.Method = upstream.Hash
		if len(d.Args) > 1 {
			if d.Args[1] != "consistent" {
				b.fail(d, `invalid parameter "%s"`, d.Args[1])
			}
			cfg.Method = upstream.HashConsistent
		}
		return b.value(d, d.Args[0])
	case len(s.own["least_time"]) > 0:
		d := s.own["least_time"][0]
		cfg.Method = upstream.LeastTimeHeader
		if d.Args[0] == "last_byte" {
			cfg.Method = upstream.LeastTimeLastByte
		} else if d.Args[0] != "header" {
			b.fail(d, `invalid parameter "%s"`, d.Args[0])
		}
		cfg.Inflight = len(d.Args) > 1 && d.Args[1] == "inflight"
	case len(s.own["random"]) > 0:
		cfg.Method = b.randomMethod(s.own["random"][0])
	}
	return value{}
}

func (b *builder) randomMethod(d *conf.Directive) upstream.Method {
	if len(d.Args) == 0 {
		return upstream.Random
	}
	if d.Args[0] != "two" {
		b.fail(d, `invalid parameter "%s"`, d.Args[0])
	}
	if len(d.Args) == 1 {
		return upstream.RandomTwo
	}
	switch d.Args[1] {
	case "least_conn":
		return upstream.RandomTwo
	case "least_time=header":
		return upstream.RandomTwoHeader
	case "least_time=last_byte":
		return upstream.RandomTwoLastByte
	}
	b.fail(d, `invalid parameter "%s"`, d.Args[1])
	return upstream.RandomTwo
}

// upstreamOf finds the group that "host[:port]" or "unix:path" means: a block, or one of that address alone, without connections
// that are kept.
func (b *builder) upstreamOf(d *conf.Directive, address string, defaultPort string) *proxy.Upstream {
	if u := b.upstreams[address]; u != nil {
		return u
	}
	full := address
	if !strings.HasPrefix(address, "unix:") && !hasPort(address) {
		full = address + ":" + defaultPort
	}
	if u := b.implicit[full]; u != nil {
		return u
	}
	g, err := upstream.New(upstream.Config{Name: address, Servers: []upstream.ServerConfig{{Address: full, Addrs: b.lookUp(d, full)}}})
	if err != nil {
		if len(b.errs) == 0 {
			b.fail(d, "%v", err)
		}
		return nil
	}
	host := address
	if strings.HasPrefix(address, "unix:") {
		host = "localhost"
	} else if h, ok := strings.CutSuffix(address, ":"+defaultPort); ok {
		host = h
	}
	u := proxy.NewUpstream(address, host, g, proxy.KeepAlive{})
	b.implicit[full] = u
	return u
}

// hasPort tells whether an address ends with a port.
func hasPort(a string) bool {
	i := strings.LastIndexByte(a, ':')
	return i >= 0 && i > strings.LastIndexByte(a, ']')
}
