package front

import (
	"net"
	"net/netip"
	"strings"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// upstreams makes the groups of the upstream blocks.
func (b *builder) makeUpstreams(s *scope) {
	b.upstreams = map[string]*proxy.Upstream{}
	b.implicit = map[string]*proxy.Upstream{}
	b.firstHealth = map[string]upstream.HealthStart{}
	for _, d := range s.own["server"] {
		b.healthStarts(d)
	}
	for _, d := range s.own["upstream"] {
		b.upstream(newScope(s, d), d)
	}
}

// upstream makes the group of one block.
func (b *builder) upstream(s *scope, block *conf.Directive) {
	cfg := upstream.Config{Name: block.Args[0]}
	for _, name := range []string{"zone", "least_conn", "ip_hash", "hash", "least_time", "random", "sticky", "queue"} {
		if d := first(s.own[name]); d != nil {
			b.check(d, cfg.Directive(name, d.Args))
		}
	}
	faults := len(b.errs)
	for _, d := range s.own["server"] {
		cfg.Servers = append(cfg.Servers, b.upstreamServer(d))
	}
	if len(b.errs) > faults {
		b.upstreams[strings.ToLower(cfg.Name)] = nil // what is wrong was said; who passes on to it has no fault of its own
		return
	}
	cfg.Health = b.firstHealth[cfg.Name]
	g, err := upstream.New(cfg)
	if err != nil {
		b.check(block, err)
		return
	}
	u := proxy.NewUpstream(cfg.Name, cfg.Name, g, keepAlive(s))
	if d := first(s.own["hash"]); d != nil {
		key := b.value(d, cfg.Key)
		u.KeyOf = key.append
	}
	if cfg.Sticky != nil {
		b.sticky(s.own["sticky"][0], cfg.Sticky, u)
	}
	b.upstreams[strings.ToLower(cfg.Name)] = u
	b.rt.groups = append(b.rt.groups, g)
	b.rt.upstreams = append(b.rt.upstreams, u)
	b.resolveNames(s, block, g)
}

// keepAlive is how connections to the servers of a block are kept.
func keepAlive(s *scope) proxy.KeepAlive {
	k := proxy.KeepAlive{
		Max: int(s.number("keepalive", 32)), Requests: int(s.number("keepalive_requests", 1000)), Local: true,
		Time: milliseconds(s.number("keepalive_time", 3600000)), Timeout: milliseconds(s.number("keepalive_timeout", 60000)),
	}
	if d := first(s.own["keepalive"]); d != nil {
		k.Local = len(d.Args) > 1
	}
	return k
}

// upstreamServer is one line of a block.
func (b *builder) upstreamServer(d *conf.Directive) upstream.ServerConfig {
	sc, err := upstream.ParseServer(d.Args)
	v, ok := d.Value.(*conf.UpstreamServer)
	if b.check(d, err); !ok || sc.Resolve {
		return sc
	}
	sc.Addrs = b.lookUp(d, v.Address)
	return sc
}

// lookUp resolves "host:port" by the system's means, once, as NGINX does.
func (b *builder) lookUp(d *conf.Directive, address string) []upstream.Addr {
	return b.lookUpFor(d, address, "upstream")
}

// lookUpFor is lookUp for what an error is to name.
func (b *builder) lookUpFor(d *conf.Directive, address, what string) []upstream.Addr {
	if strings.HasPrefix(address, "unix:") {
		return upstream.Addrs(address)
	}
	if _, err := netip.ParseAddrPort(address); err == nil {
		return upstream.Addrs(address)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		b.fail(d, `invalid host in %s "%s"`, what, address)
		return nil
	}
	ips := addressesOf(host)
	if len(ips) == 0 {
		b.fail(d, `host not found in %s "%s"`, what, strings.TrimSuffix(strings.TrimSuffix(address, ":80"), ":53"))
		return nil
	}
	list := make([]upstream.Addr, len(ips))
	for i, ip := range ips {
		list[i].Text = net.JoinHostPort(ip, port)
	}
	return list
}

// addressesOf asks the system for the addresses of a name, those of IPv4 first; there are none when it does not know the name.
func addressesOf(host string) []string {
	ips, err := net.LookupIP(host)
	if err != nil {
		return nil
	}
	var four, six []string
	for _, ip := range ips {
		if ip.To4() != nil {
			four = append(four, ip.String())
		} else {
			six = append(six, ip.String())
		}
	}
	return append(four, six...)
}

// upstreamOf finds the group that "host[:port]" or "unix:path" means: a block, or one of that address alone, without connections
// that are kept.
func (b *builder) upstreamOf(d *conf.Directive, address string, defaultPort string) *proxy.Upstream {
	if u, ok := b.upstreams[strings.ToLower(address)]; ok {
		return u
	}
	full := address
	if !strings.HasPrefix(address, "unix:") && !strings.Contains(address, "/") && !hasPort(address) {
		full = address + ":" + defaultPort
	}
	if u := b.implicit[full]; u != nil {
		return u
	}
	if _, fault := conf.UpstreamAddress(full); fault != "" {
		b.fail(d, `%s in upstream "%s"`, fault, address)
		return nil
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
