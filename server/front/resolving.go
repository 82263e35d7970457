package front

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/resolver"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// resolving is the directive resolver where names come with requests.
type resolving struct {
	res     *resolver.Resolver
	timeout time.Duration
}

// find resolves "host:port". A name that is not known yet is asked for on a worker, which waits.
func (v *resolving) find(c *pipeline.Ctx, y *dynamic, full string) (*proxy.Upstream, error) {
	host, port, err := net.SplitHostPort(full)
	if err != nil {
		return nil, &statusErrors[500]
	}
	if v == nil {
		requestOf(c).Log("error", "no resolver defined to resolve "+host)
		return nil, &statusErrors[502]
	}
	addrs, ok := v.res.Cached([]byte(host), time.Now())
	if !ok {
		if !c.OnWorker() {
			return nil, pipeline.ErrOffload
		}
		answer := make(chan resolver.Result, 1)
		v.res.Lookup(host, v.timeout, func(r resolver.Result) { answer <- r })
		r := <-answer
		if r.Err != nil {
			requestOf(c).Log("error", r.Err.Error())
			return nil, &statusErrors[502]
		}
		addrs = r.Addrs
	}
	return y.literal(nameOf(full, addrs), addrsOf(addrs, port))
}

// nameOf is a key that changes with the addresses.
func nameOf(full string, addrs []netip.Addr) string { return fmt.Sprint(full, addrs) }

func addrsOf(addrs []netip.Addr, port string) (list []upstream.Addr) {
	for _, a := range addrs {
		list = append(list, upstream.Addr{Text: net.JoinHostPort(a.String(), port)})
	}
	return list
}

// resolving compiles the resolver of the block around d, nil when there is none.
func (b *builder) resolving(s *scope) *resolving {
	d := s.one("resolver")
	if d == nil {
		return nil
	}
	return &resolving{res: b.resolver(d), timeout: milliseconds(s.number("resolver_timeout", 30000))}
}

// resolver makes what a directive says; blocks that inherit it share it.
func (b *builder) resolver(d *conf.Directive) *resolver.Resolver {
	return shared(b, fmt.Sprintf("resolver %p", d), func() *resolver.Resolver {
		cfg := resolver.Config{Log: func(text string) { b.rt.back.printf(errlog.Error, "%s", text) }}
		for _, a := range d.Args {
			key, text, _ := strings.Cut(a, "=")
			switch key {
			case "valid":
				n, _ := conf.ParseSec(text)
				cfg.Valid = time.Duration(n) * time.Second
			case "ipv4":
				cfg.NoIPv4 = text == "off"
			case "ipv6":
				cfg.NoIPv6 = text == "off"
			case "status_zone":
			default:
				cfg.Servers = append(cfg.Servers, b.nameServer(d, a)...)
			}
		}
		r, err := resolver.New(cfg)
		if b.check(d, err); err == nil {
			b.rt.resolvers = append(b.rt.resolvers, r)
		}
		return r
	})
}

// nameServer is the address of a name server: port 53 unless it has one.
func (b *builder) nameServer(d *conf.Directive, a string) (list []netip.AddrPort) {
	if !hasPort(a) {
		a += ":53"
	}
	for _, addr := range b.lookUp(d, a) {
		if ap, err := netip.ParseAddrPort(addr.Text); err == nil {
			list = append(list, ap)
		}
	}
	return list
}
