package access

import (
	"fmt"
	"log/slog"
	"net/netip"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Rule is one allow or deny directive.
type Rule struct {
	// Allow tells which of the two it is.
	Allow bool
	// From is an address, a prefix ("192.0.2.0/24", "2001:db8::/32"; bits behind the prefix are ignored), "unix:" for all
	// who come by a unix socket, or "all".
	From string
}

// Options are what a set of rules needs beside its rules.
type Options struct {
	// Log is told of refusals, with slog.LevelError as NGINX's "error". It may be nil, and must not block.
	Log func(c *pipeline.Ctx, level slog.Level, message string)
}

// Rules is a compiled list of rules: a pipeline.RequestHook, and a [Check] of a [Phase]. It is immutable and may be shared.
type Rules struct {
	v4, v6 []rule
	unix   verdict // of the first rule for unix sockets
	log    func(c *pipeline.Ctx, level slog.Level, message string)
}

type rule struct {
	prefix netip.Prefix
	allow  bool
}

type verdict uint8

const (
	none verdict = iota
	allow
	deny
)

// New compiles rules in their order.
func New(rules []Rule, o Options) (*Rules, error) {
	r := &Rules{log: o.Log}
	for _, one := range rules {
		if err := r.add(one); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *Rules) add(one Rule) error {
	all := one.From == "all"
	if (all || one.From == "unix:") && r.unix == none {
		if r.unix = deny; one.Allow {
			r.unix = allow
		}
	}
	switch {
	case one.From == "unix:":
		return nil
	case all:
		r.v4 = append(r.v4, rule{netip.PrefixFrom(netip.IPv4Unspecified(), 0), one.Allow})
		r.v6 = append(r.v6, rule{netip.PrefixFrom(netip.IPv6Unspecified(), 0), one.Allow})
		return nil
	}
	p, err := parsePrefix(one.From)
	if err != nil {
		return err
	}
	if p.Addr().Is4() {
		r.v4 = append(r.v4, rule{p, one.Allow})
	} else {
		r.v6 = append(r.v6, rule{p, one.Allow})
	}
	return nil
}

// parsePrefix reads an address or a prefix; an address is the prefix of all its bits.
func parsePrefix(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("access: invalid parameter %q", s)
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}
