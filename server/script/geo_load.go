package script

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/server/conf"
)

// geoBuilder gathers the lines of a geo block.
type geoBuilder struct {
	geo      *geo
	fallback string
	networks map[netip.Prefix]string
	chunks   map[uint16][]geoRange // by the upper half of the address, as NGINX keeps them
}

// geoRange is a part of a range within a chunk: the lower halves of its ends.
type geoRange struct {
	first, last uint16
	value       string
}

// AddGeo makes the variable of a geo block, which package conf has checked.
func (t *Table) AddGeo(d *conf.Directive) error {
	if n := len(d.Args); n < 1 || n > 2 {
		return fmt.Errorf("script: geo in %s:%d was not checked", d.File(), d.Line())
	}
	b := &geoBuilder{geo: new(geo), networks: map[netip.Prefix]string{}, chunks: map[uint16][]geoRange{}}
	if len(d.Args) == 2 {
		b.geo.source = t.Lookup(strings.TrimPrefix(d.Args[0], "$"))
	}
	flags := Changeable | Cached
	for e := range d.Children() {
		switch {
		case len(e.Args) == 0 && e.Name == "ranges":
			b.geo.ranges = true
		case len(e.Args) == 0 && e.Name == "proxy_recursive":
			b.geo.recursive = true
		case len(e.Args) == 0 && e.Name == "volatile":
			flags = Changeable
		default:
			if err := b.add(e.Name, e.Args[0]); err != nil {
				return fmt.Errorf("%w in %s:%d", err, e.File(), e.Line())
			}
		}
	}
	if b.geo.ranges {
		b.cutRanges()
	} else {
		b.cutNetworks()
	}
	return t.Add(strings.TrimPrefix(d.Args[len(d.Args)-1], "$"), b.geo.append, flags)
}

// add takes a line of two words.
func (b *geoBuilder) add(name, value string) error {
	text, remove := name, name == "delete"
	if remove {
		text = value
	}
	switch {
	case name == "default":
		b.fallback = value
		return nil
	case name == "proxy":
		p, err := parseNetwork(value)
		b.geo.proxies = append(b.geo.proxies, p)
		return err
	case b.geo.ranges:
		return b.addRange(text, value, remove)
	}
	p, err := parseNetwork(text)
	if remove {
		delete(b.networks, p)
	} else {
		b.networks[p] = value
	}
	return err
}

// parseNetwork reads "10.0.0.0/8", or an address alone.
func parseNetwork(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		addr, err := netip.ParseAddr(s)
		if err != nil {
			return p, fmt.Errorf(`invalid network "%s"`, s)
		}
		p = netip.PrefixFrom(addr, addr.BitLen())
	}
	return p.Masked(), nil
}

// addRange adds or removes "first-last", chunk by chunk.
func (b *geoBuilder) addRange(text, value string, remove bool) error {
	first, last, _ := strings.Cut(text, "-")
	from, err1 := netip.ParseAddr(first)
	to, err2 := netip.ParseAddr(last)
	if err1 != nil || err2 != nil || !from.Is4() || !to.Is4() || to.Less(from) {
		return fmt.Errorf(`invalid range "%s"`, text)
	}
	start, end := number(from), number(to)
	for high := start >> 16; high <= end>>16; high++ {
		r := geoRange{0, 0xffff, value}
		if high == start>>16 {
			r.first = uint16(start)
		}
		if high == end>>16 {
			r.last = uint16(end)
		}
		chunk, ok := b.chunks[uint16(high)], true
		if remove {
			chunk = slices.DeleteFunc(chunk, func(o geoRange) bool { return o.first == r.first && o.last == r.last })
		} else {
			chunk, ok = insertRange(chunk, r)
		}
		if !ok {
			return fmt.Errorf(`range "%s" overlaps another one`, text)
		}
		b.chunks[uint16(high)] = chunk
	}
	return nil
}

// insertRange puts r into a sorted list. It may take another's place, or lie within it; it must not lie across its ends.
func insertRange(list []geoRange, r geoRange) ([]geoRange, bool) {
	at := 0
	for at < len(list) && list[at].last < r.first {
		at++
	}
	if at == len(list) || r.last < list[at].first {
		return slices.Insert(list, at, r), true
	}
	o := list[at]
	if r.first < o.first || r.last > o.last {
		return nil, false
	}
	parts := []geoRange{r}
	if o.first < r.first {
		parts = append([]geoRange{{o.first, r.first - 1, o.value}}, parts...)
	}
	if o.last > r.last {
		parts = append(parts, geoRange{r.last + 1, o.last, o.value})
	}
	return slices.Replace(list, at, at+1, parts...), true
}

func number(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

func address(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// emit begins a segment at an address, or changes the value of one that begins there.
func (g *geo) emit(start netip.Addr, value string) {
	n := len(g.segments)
	switch {
	case n > 0 && g.segments[n-1].start == start:
		g.segments[n-1].value = value
	case n == 0 || g.segments[n-1].value != value || g.segments[n-1].start.Is4() != start.Is4():
		g.segments = append(g.segments, segment{start, value})
	}
}

// cutRanges makes the segments of a block with ranges.
func (b *geoBuilder) cutRanges() {
	b.geo.emit(address(0), b.fallback)
	for high := range uint32(0x10000) {
		for _, r := range b.chunks[uint16(high)] {
			b.geo.emit(address(high<<16|uint32(r.first)), r.value)
			if next := address(high<<16 | uint32(r.last)).Next(); next.IsValid() {
				b.geo.emit(next, b.fallback)
			}
		}
	}
}

// cutNetworks makes the segments of a block with networks, where the smallest network of an address counts.
func (b *geoBuilder) cutNetworks() {
	for _, all := range []string{"0.0.0.0/0", "::/0"} {
		p := netip.MustParsePrefix(all)
		if _, ok := b.networks[p]; !ok {
			b.networks[p] = b.fallback
		}
	}
	list := make([]netip.Prefix, 0, len(b.networks))
	for p := range b.networks {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b netip.Prefix) int {
		if n := a.Addr().Compare(b.Addr()); n != 0 {
			return n
		}
		return a.Bits() - b.Bits()
	})
	var open []netip.Prefix // networks that the one at hand lies in
	for _, p := range list {
		open = b.leave(open, p)
		b.geo.emit(p.Addr(), b.networks[p])
		open = append(open, p)
	}
	b.leave(open, netip.Prefix{})
}

// leave ends the networks that p does not lie in: the one around them goes on behind each.
func (b *geoBuilder) leave(open []netip.Prefix, p netip.Prefix) []netip.Prefix {
	for len(open) > 0 && !(p.IsValid() && open[len(open)-1].Contains(p.Addr())) {
		next := lastAddr(open[len(open)-1]).Next()
		open = open[:len(open)-1]
		if len(open) > 0 && next.IsValid() {
			b.geo.emit(next, b.networks[open[len(open)-1]])
		}
	}
	return open
}

// lastAddr is the last address of a network.
func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < 8*len(b); i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}
