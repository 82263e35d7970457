package realip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Config is what the directives say in one location.
type Config struct {
	// From are the trusted proxies (set_real_ip_from): addresses, prefixes, "unix:" for whoever comes by a unix socket, or
	// host names, which are resolved by New. Without one the hook finds nothing.
	From []string
	// Header is the field to believe (real_ip_header): "X-Real-IP", the default, "X-Forwarded-For", any other name, or
	// "proxy_protocol" for the address that the PROXY protocol tells.
	Header string
	// Recursive goes on to the left while addresses are in From (real_ip_recursive).
	Recursive bool
	// ProxyProtocol returns the source address of the PROXY protocol; false when the connection has none.
	ProxyProtocol func(c *pipeline.Ctx) (netip.AddrPort, bool)
}

// resolveTimeout bounds the resolving of one host name of From.
const resolveTimeout = 30 * time.Second

// Hook is a pipeline.RequestHook that tells who the client is. It is immutable and may be shared.
type Hook struct {
	from      []netip.Prefix
	unix      bool
	id        http1.FieldID
	name      []byte
	lines     bool // all lines of the field are one list
	recursive bool
	proxy     func(c *pipeline.Ctx) (netip.AddrPort, bool)
}

// New compiles c.
func New(c Config) (*Hook, error) {
	h := &Hook{recursive: c.Recursive}
	for _, s := range c.From {
		if err := h.trust(s); err != nil {
			return nil, err
		}
	}
	name := c.Header
	switch {
	case name == "":
		name = "X-Real-IP"
	case name == "proxy_protocol":
		h.proxy = c.ProxyProtocol
		if h.proxy == nil {
			h.proxy = func(*pipeline.Ctx) (netip.AddrPort, bool) { return netip.AddrPort{}, false }
		}
		return h, nil
	case !http1.ValidFieldName(name):
		return nil, fmt.Errorf("realip: %q is no field name", name)
	}
	h.name = []byte(name)
	h.id = http1.LookupField(h.name)
	h.lines = strings.EqualFold(name, "X-Forwarded-For")
	return h, nil
}

// trust adds a proxy.
func (h *Hook) trust(s string) error {
	if s == "unix:" {
		h.unix = true
		return nil
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		h.from = append(h.from, p.Masked())
		return nil
	}
	if strings.ContainsAny(s, "/%") {
		return fmt.Errorf("realip: %q is neither an address nor a prefix", s)
	}
	if a, err := netip.ParseAddr(s); err == nil {
		h.from = append(h.from, netip.PrefixFrom(a, a.BitLen()))
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), resolveTimeout)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", s)
	if err != nil || len(addrs) == 0 {
		return fmt.Errorf("realip: host not found in set_real_ip_from %q", s)
	}
	for _, a := range addrs {
		a = a.Unmap()
		h.from = append(h.from, netip.PrefixFrom(a, a.BitLen()))
	}
	return nil
}
