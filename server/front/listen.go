package front

import (
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
)

// address is what listen names: a socket, and the virtual servers behind it.
type address struct {
	listen  *conf.Listen // the one that gives options, or the first
	addr    string       // as loop.ListenSpec has it
	port    int
	host    string // "" for every address
	bind    bool   // it has a socket of its own, and is no part of the wildcard's
	def     *virtual
	only    bool // def is the only server
	all     []*virtual
	proxied bool // connections begin with a PROXY header
	names   names
	within  []*address // of a wildcard: those whose connections it accepts
}

// listen puts a server on its addresses.
func (b *builder) listen(srv *virtual, block *conf.Directive) {
	listens := srv.scope.own["listen"]
	for _, d := range listens {
		l, ok := d.Value.(*conf.Listen)
		if !ok {
			continue
		}
		if p := unserved(l); p != "" {
			b.fail(d, `the "%s" parameter of "listen" is not supported`, p)
			continue
		}
		if l.Network == "tcp" && !isAddress(l.Host) {
			b.listenOnName(srv, l, d)
			continue
		}
		b.listenOn(srv, l)
	}
	if len(listens) == 0 {
		b.listenOn(srv, conf.DefaultListen())
	}
}

// isAddress tells what listen may have from a name.
func isAddress(host string) bool {
	return host == "" || host == "*" || net.ParseIP(host) != nil
}

// listenOnName puts a server on every address of a name, which is looked up once.
func (b *builder) listenOnName(srv *virtual, l *conf.Listen, d *conf.Directive) {
	ips := addressesOf(l.Host)
	if len(ips) == 0 {
		b.fail(d, `host not found in "%s" of the "listen" directive`, d.Args[0])
	}
	for i, ip := range ips {
		if !slices.Contains(ips[:i], ip) {
			one := *l
			one.Host = ip
			b.listenOn(srv, &one)
		}
	}
}

// unserved names a parameter that changes what is spoken on the socket, and that nothing here speaks.
func unserved(l *conf.Listen) string {
	for _, p := range [...]struct {
		name string
		on   bool
	}{{"ssl", l.SSL}, {"http2", l.HTTP2}, {"quic", l.QUIC}, {"multipath", l.Multipath}, {"setfib", l.SetFIB >= 0}} {
		if p.on {
			return p.name
		}
	}
	return ""
}

// captures tells whether an expression of a server's names has groups, so that it has to be run even where the server is the only one.
func (v *virtual) captures() bool {
	return slices.ContainsFunc(v.regex, func(x regexName) bool { return x.regex.Groups() > 0 })
}

// listenOn puts a server on the ports of one listen.
func (b *builder) listenOn(srv *virtual, l *conf.Listen) {
	for port := l.Port; port <= max(l.LastPort, l.Port); port++ {
		a := b.address(l, port)
		a.all = append(a.all, srv)
		switch {
		case a.def == nil, l.Default:
			a.only = a.def == nil && !srv.captures()
			a.def = srv
		default:
			a.only = false
		}
		for _, name := range srv.names {
			a.names.add(name, srv)
		}
		a.proxied = a.proxied || l.ProxyProtocol
		a.names.regex = append(a.names.regex, srv.regex...)
		if l.Sets() {
			a.listen = l
		}
	}
}

// address returns the address of a listen, a new one when nobody listens there yet.
func (b *builder) address(l *conf.Listen, port int) *address {
	key := "unix:" + l.Path
	if l.Network == "tcp" {
		host := l.Host
		if host == "*" || host == "" {
			host = "0.0.0.0"
		}
		key = net.JoinHostPort(host, strconv.Itoa(port))
	}
	for _, a := range b.rt.addresses {
		if a.addr == key {
			return a
		}
	}
	a := &address{listen: l, addr: key, port: port, host: l.Host, bind: true}
	if l.Host == "*" || l.Host == "0.0.0.0" {
		a.host = ""
	}
	b.rt.addresses = append(b.rt.addresses, a)
	return a
}

// settle has wildcard addresses accept for the others of their port, as NGINX does: both could not be bound.
func (b *builder) settle() {
	for _, wild := range b.rt.addresses {
		if wild.listen.Network != "tcp" || wild.host != "" && wild.host != "::" {
			continue
		}
		for _, a := range b.rt.addresses {
			v6 := net.ParseIP(a.host).To4() == nil && a.host != ""
			if a != wild && a.listen.Network == "tcp" && a.port == wild.port && a.host != "" && v6 == (wild.host == "::") {
				a.bind = false
				wild.within = append(wild.within, a)
			}
		}
	}
	if len(b.rt.addresses) > 0 {
		b.rt.fallback = b.rt.addresses[0]
	}
}

// spec says how to open the socket.
func (a *address) spec() loop.ListenSpec {
	spec := loop.ListenSpec{
		Addr: a.addr, Backlog: int(a.listen.Backlog), ReusePort: a.listen.ReusePort, DualStack: !a.listen.IPv6Only,
		SendTimeout: a.def.sendTimeout, ResetTimedOut: a.def.resetTimedOut, SendChunk: a.def.sendChunk,
	}
	if a.listen.Deferred {
		spec.DeferAccept = time.Second
	}
	return spec
}

// place finds the address a connection came to; see server.Config.Place.
func (rt *Runtime) place(c *loop.Conn) (any, *server.Policy) {
	name := c.Listener().Name()
	for _, a := range rt.addresses {
		if a.addr != name {
			continue
		}
		if len(a.within) > 0 {
			local := c.Local().Addr().Unmap().String()
			for _, in := range a.within {
				if in.host == local {
					a = in
					break
				}
			}
		}
		return a, a.def.root.policy
	}
	if rt.fallback == nil {
		return nil, nil
	}
	return rt.fallback, rt.fallback.def.root.policy
}
