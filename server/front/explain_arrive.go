package front

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/server/conf"
)

// arrive finds the address a connection comes to: by the address if it is known, else by the port.
func (w *walk) arrive(to, authority string) (*address, error) {
	if to == "" {
		to = authority
	}
	step := Step{Kind: "listen"}
	var at *address
	host, port := splitHostPort(to)
	ip, _ := netip.ParseAddr(host)
	if host == "localhost" {
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	best := 0
	for _, a := range w.rt.addresses {
		rank, why := a.accepts(to, ip, port)
		if port == -1 && at != nil {
			rank, why = 0, "is not the first"
		}
		if rank > best {
			best, at = rank, a
		}
		step.Candidates = append(step.Candidates, Candidate{Text: a.addr, At: a.placeOf(a.def), Verdict: why})
	}
	if at == nil {
		return nil, fmt.Errorf("front: nothing listens on %s, only on %s", to, w.rt.listening())
	}
	for i := range step.Candidates {
		step.Candidates[i].Chosen = w.rt.addresses[i] == at
	}
	step.Text, step.At = at.addr, at.placeOf(at.def)
	w.step(step)
	return at, nil
}

// listening lists the addresses, for a message.
func (rt *Runtime) listening() string {
	list := make([]string, len(rt.addresses))
	for i, a := range rt.addresses {
		list[i] = a.addr
	}
	return strings.Join(list, ", ")
}

// splitHostPort cuts an authority; the port is 80 by default, and -1 for an empty one.
func splitHostPort(authority string) (host string, port int) {
	if authority == "" {
		return "", -1
	}
	host, text, err := net.SplitHostPort(authority)
	if err != nil {
		return strings.Trim(authority, "[]"), 80
	}
	port, _ = strconv.Atoi(text)
	return host, port
}

// accepts tells how well an address fits a connection, 0 for not at all, and why.
func (a *address) accepts(to string, ip netip.Addr, port int) (rank int, why string) {
	switch {
	case port == -1:
		return 1, "no address was given, the first is taken"
	case a.addr == to:
		return 4, "is the address"
	case a.listen.Network != "tcp" || strings.HasPrefix(to, "unix:"):
		return 0, "is another socket"
	case a.port != port:
		return 0, "is another port"
	case a.host == "" && (!ip.IsValid() || ip.Is4()), a.host == "::" && (!ip.IsValid() || !ip.Is4() || !a.listen.IPv6Only):
		return 2, "accepts for every address"
	case !ip.IsValid():
		return 1, "may be where the name leads"
	}
	if own, err := netip.ParseAddr(a.host); err == nil && own == ip {
		return 4, "is the address"
	}
	return 0, "is another address"
}

// placeOf is the listen directive of a server for an address.
func (a *address) placeOf(srv *virtual) At {
	for _, d := range srv.scope.own["listen"] {
		if l, ok := d.Value.(*conf.Listen); ok && l.Network == a.listen.Network && l.Path == a.listen.Path &&
			l.Host == a.listen.Host && a.port >= l.Port && a.port <= max(l.LastPort, l.Port) {
			return placeOf(d)
		}
	}
	return placeOf(srv.scope.block)
}
