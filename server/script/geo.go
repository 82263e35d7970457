package script

// Hot: geo runs once for a request that reads its variable; no allocation, no map, no defer.

import (
	"bytes"
	"net/netip"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// geo is a geo block: the addresses cut into segments, each from its start to the next one's.
type geo struct {
	source    *Variable // holds the address; nil for the client's
	segments  []segment // by address, IPv4 first
	proxies   []netip.Prefix
	recursive bool
	ranges    bool // of IPv4 only
}

type segment struct {
	start netip.Addr
	value string
}

// noAddr is what an address that cannot be read is looked up as (NGINX: INADDR_NONE).
var noAddr = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// append is the getter of the variable.
func (g *geo) append(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	addr := c.Client().Addr()
	if g.source != nil {
		at := len(dst)
		text, found := g.source.Append(c, dst)
		if addr = noAddr; found {
			addr = parseAddr(text[at:])
		}
		dst = text[:at]
	}
	if len(g.proxies) > 0 && addr != noAddr {
		addr = g.forwarded(c, addr)
	}
	if addr = addr.WithZone("").Unmap(); !addr.IsValid() || g.ranges && !addr.Is4() {
		addr = noAddr
	}
	return append(dst, g.find(addr)...), true
}

// find returns the value of the segment that an address lies in.
func (g *geo) find(addr netip.Addr) string {
	low, high := 0, len(g.segments) // segments[low] begins at or before addr, and segments[high] behind it
	for high-low > 1 {
		if mid := (low + high) / 2; addr.Less(g.segments[mid].start) {
			high = mid
		} else {
			low = mid
		}
	}
	return g.segments[low].value
}

// parseAddr reads an address; noAddr when it is none.
func parseAddr(b []byte) netip.Addr {
	addr, err := netip.ParseAddr(viewString(b))
	if err != nil || addr.Zone() != "" {
		return noAddr
	}
	return addr
}

// forwarded takes the address from X-Forwarded-For as long as the one at hand is a proxy's, from the last element on.
func (g *geo) forwarded(c *pipeline.Ctx, addr netip.Addr) netip.Addr {
	fields, head := c.Head.Fields, c.HeadBytes()
	for i := len(fields) - 1; i >= 0; i-- {
		if fields[i].ID != http1.XForwardedFor {
			continue
		}
		for list, more := fields[i].Value.Of(head), true; more; more = len(list) > 0 {
			var elem []byte
			elem, list = lastElement(list)
			next, ok := parseForwarded(elem)
			if !ok || !g.isProxy(addr) {
				return addr
			}
			if addr = next; !g.recursive {
				return addr
			}
		}
	}
	return addr
}

func (g *geo) isProxy(addr netip.Addr) bool {
	addr = addr.Unmap()
	for _, p := range g.proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// lastElement cuts the last element off a list of commas or spaces. One that stands first separates nothing, as in NGINX.
func lastElement(list []byte) (elem, rest []byte) {
	list = bytes.TrimRight(list, " ,")
	at := bytes.LastIndexAny(list, " ,")
	if at <= 0 {
		return list, nil
	}
	return list[at+1:], list[:at]
}

// parseForwarded reads an address that may have a port.
func parseForwarded(b []byte) (netip.Addr, bool) {
	if addr := parseAddr(b); addr != noAddr {
		return addr, true
	}
	ap, err := netip.ParseAddrPort(viewString(b))
	return ap.Addr(), err == nil
}
