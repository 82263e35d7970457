package front

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/resolver"
)

// resolving is the directive resolver of a block, with resolver_timeout.
type resolving struct {
	res     *resolver.Resolver
	timeout time.Duration
}

// resolving compiles the resolver of the block around d, nil when there is none.
func (b *builder) resolving(s *scope) *resolving {
	d := s.one("resolver")
	if d == nil {
		return nil
	}
	return &resolving{res: b.resolver(d), timeout: milliseconds(s.number("resolver_timeout", 30000))}
}

// resolvers makes those of a block and what is in it, also of blocks that have no use for one: as in NGINX, a name server that is
// not found is an error.
func (b *builder) resolvers(block *conf.Directive) {
	for d := range block.Children() {
		switch d.Name {
		case "resolver":
			b.resolver(d)
		case "server", "location", "upstream":
			b.resolvers(d)
		}
	}
}

// resolver makes what a directive says; blocks that inherit it share it.
func (b *builder) resolver(d *conf.Directive) *resolver.Resolver {
	return shared(b, fmt.Sprintf("resolver %p", d), func() *resolver.Resolver {
		cfg := resolver.Config{Log: func(text string) { b.rt.back.printf(errlog.Error, "%s", text) }}
		faults := len(b.errs)
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
		if len(b.errs) > faults {
			return nil
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
	for _, addr := range b.lookUpFor(d, a, "resolver") {
		if ap, err := netip.ParseAddrPort(addr.Text); err == nil {
			list = append(list, ap)
		}
	}
	return list
}
