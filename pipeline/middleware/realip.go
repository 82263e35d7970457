package middleware

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"bytes"
	"fmt"
	"net/netip"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// RealIP finds the address of the client behind proxies, by the rules of NGINX's realip module. A peer that is not in From
// is the client, whatever it sends. Otherwise the field is read from its end, where the nearest proxy has written: its
// last address is the client's (NGINX), or with Recursive the last one that is not in From. An element that is no address
// ends the search with what was found so far. The result is [ClientIP].
//
// Where one proxy after the other writes, several lines of the field are one list (RFC 9110 section 5.3). Of several
// X-Real-IP lines the last counts, where NGINX takes the first: the proxy that adds one puts it last.
type RealIP struct {
	// From are the trusted proxies (NGINX set_real_ip_from): prefixes ("10.0.0.0/8"), addresses, and "unix:" for whoever
	// comes by a unix socket. Without one the middleware is not used.
	From []string
	// Header is the field to believe (NGINX real_ip_header, whose default it has: "X-Real-IP"). "Forwarded" is read as
	// RFC 7239 has it, strictly; any other as a list of addresses, each with or without a port.
	Header string
	// Recursive goes on to the left while addresses are in From (NGINX real_ip_recursive). Use it with every list that
	// more than one proxy may have written to.
	Recursive bool

	from []netip.Prefix
	unix bool
	id   http1.FieldID
	name []byte
}

// Load compiles From and Header.
func (m *RealIP) Load(*pipeline.App) error {
	var from []netip.Prefix
	unix := false
	for _, s := range m.From {
		if s == "unix:" {
			unix = true
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil || a.Zone() != "" {
				return fmt.Errorf("middleware: RealIP: %q is neither an address nor a prefix", s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		from = append(from, p.Masked())
	}
	if len(from) == 0 && !unix {
		return pipeline.ErrNotUsed
	}
	name := m.Header
	if name == "" {
		name = "X-Real-IP"
	}
	if !http1.ValidFieldName(name) {
		return fmt.Errorf("middleware: RealIP: %q is no field name", name)
	}
	m.from, m.unix, m.name = from, unix, []byte(name)
	m.id = http1.LookupField(m.name)
	return nil
}

// ProcessRequest finds the address.
func (m *RealIP) ProcessRequest(c *pipeline.Ctx) error {
	peer := peerIP(c)
	if !m.trusts(peer) {
		return nil
	}
	n := notesOf(c)
	n.proxied = true
	if a := m.search(c); a.IsValid() {
		n.client = a
	}
	return nil
}

// search reads the field from its end. The zero Addr means that it told nothing.
func (m *RealIP) search(c *pipeline.Ctx) (found netip.Addr) {
	head := c.HeadBytes()
	for i := len(c.Head.Fields) - 1; i >= 0; i-- {
		f := &c.Head.Fields[i]
		if f.ID != m.id || m.id == http1.FieldOther && !bytes.EqualFold(f.Name.Of(head), m.name) {
			continue
		}
		for rest := f.Value.Of(head); ; {
			var elem []byte
			if elem, rest = m.last(rest); len(elem) == 0 {
				break
			}
			a, ok := m.address(elem)
			if !ok {
				return found
			}
			if found = a; !m.Recursive || !m.trusts(a) {
				return found
			}
		}
	}
	return found
}

func (m *RealIP) last(list []byte) (elem, rest []byte) {
	if m.id == http1.Forwarded {
		return lastForwarded(list)
	}
	return lastAddress(list)
}

func (m *RealIP) address(elem []byte) (netip.Addr, bool) {
	if m.id == http1.Forwarded {
		return forwardedFor(elem)
	}
	return parseNode(elem)
}

// trusts tells whether a is in From. The zero Addr is that of a unix socket.
func (m *RealIP) trusts(a netip.Addr) bool {
	if !a.IsValid() {
		return m.unix
	}
	if a.Zone() != "" {
		a = a.WithZone("")
	}
	for i := range m.from {
		if m.from[i].Contains(a) {
			return true
		}
	}
	return false
}

// ClientIP returns the address of the client: what RealIP found, or else that of Ctx.Client, which a server before the
// application may have found. An IPv4 address is never in its IPv6 form. It is the zero Addr for a unix socket.
func ClientIP(c *pipeline.Ctx) netip.Addr {
	if n := peek(c); n != nil && n.client.IsValid() {
		return n.client
	}
	return c.Client().Addr().Unmap()
}

func peerIP(c *pipeline.Ctx) netip.Addr { return c.Remote().Addr().Unmap() }

// FromProxy tells whether the request came from a proxy that RealIP trusts. It is a RequestID.Trust.
func FromProxy(c *pipeline.Ctx) bool {
	n := peek(c)
	return n != nil && n.proxied
}
