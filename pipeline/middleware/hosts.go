package middleware

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Hosts refuses requests for a host that is not the site's (Django: ALLOWED_HOSTS and HttpRequest.get_host). Whoever puts
// the host of a request into a link, a redirect or a mail trusts a field that the client wrote; behind Hosts it is one of
// a known set. It goes first, before whatever calls [Host]. The error of a refused request is a
// [pipeline.ErrDisallowedHost], status 400.
//
// The zero value allows nothing, or with App.Debug localhost, as Django does.
type Hosts struct {
	// Allowed are names without port, in any case: "example.com" allows just that, ".example.com" it and everything
	// below it, "*" every well-formed host. An IPv6 address has its brackets.
	Allowed []string
	// UseXForwardedHost and UseXForwardedPort take host and port from X-Forwarded-Host and X-Forwarded-Port when they are
	// there. Only for a server behind a proxy that sets or removes them (Django: USE_X_FORWARDED_HOST and _PORT).
	UseXForwardedHost, UseXForwardedPort bool

	every bool
	names []hostName
}

// hostName is an allowed name in lower case; that of a suffix begins with its dot.
type hostName struct {
	name   string
	suffix bool
}

// debugHosts is what Django allows when it is told nothing, while it debugs.
var debugHosts = []string{".localhost", "127.0.0.1", "[::1]"}

// Load prepares the allowed names.
func (m *Hosts) Load(a *pipeline.App) error {
	allowed := m.Allowed
	if len(allowed) == 0 && a.Debug {
		allowed = debugHosts
	}
	m.every, m.names = false, nil
	for _, name := range allowed {
		switch name = strings.ToLower(name); name {
		case "":
		case "*":
			m.every = true
		default:
			m.names = append(m.names, hostName{name, name[0] == '.'})
		}
	}
	return nil
}

// ProcessRequest refuses a request whose host is not allowed.
func (m *Hosts) ProcessRequest(c *pipeline.Ctx) error {
	if m.UseXForwardedHost || m.UseXForwardedPort {
		c.Set(hostsKey{}, m)
	}
	host := m.host(c)
	domain := domainOf(host)
	if len(domain) > 0 && m.allows(domain) {
		return nil
	}
	return disallowed(host, domain)
}

func (m *Hosts) allows(domain []byte) bool {
	if m.every {
		return true
	}
	for i := range m.names {
		n := &m.names[i]
		switch {
		case equalFold(domain, n.name):
			return true
		case n.suffix && equalFold(domain, n.name[1:]):
			return true
		case n.suffix && len(domain) > len(n.name) && equalFold(domain[len(domain)-len(n.name):], n.name):
			return true
		}
	}
	return false
}

// disallowed is the error of a request for host; domain is its name when it is well-formed.
func disallowed(host, domain []byte) error {
	e := &pipeline.Error{Status: 400, Suspicious: "DisallowedHost"}
	if len(domain) > 0 {
		e.Message = fmt.Sprintf("invalid Host %q: %q may have to be added to Hosts.Allowed", host, domain)
	} else {
		e.Message = fmt.Sprintf("invalid Host %q: the name is not valid according to RFC 1034", host)
	}
	return e
}

// host returns the host that a request is for, unchecked (Django: HttpRequest._get_raw_host). Only for a request that
// names none, which HTTP/1.0 allows, it is made of the address of the server; that allocates. m may be nil.
func (m *Hosts) host(c *pipeline.Ctx) []byte {
	if m != nil && m.UseXForwardedHost && c.Head.Has(http1.XForwardedHost) {
		return forwardedHost(c)
	}
	if host := c.HostBytes(); len(host) > 0 || c.Head.Has(http1.Host) {
		return host
	}
	local := c.Local()
	if !local.IsValid() {
		return nil
	}
	host, port := local.Addr().Unmap().String(), portOf(m, c)
	if local.Addr().Is6() && !local.Addr().Is4In6() {
		host = "[" + host + "]"
	}
	if port != defaultPort(c) {
		host += ":" + port
	}
	return []byte(host)
}

// forwardedHost is the value of X-Forwarded-Host; of several, which no proxy that sets the field sends, the list that is no
// valid host.
func forwardedHost(c *pipeline.Ctx) []byte {
	at := c.Head.Next(http1.XForwardedHost, 0)
	if next := c.Head.Next(http1.XForwardedHost, at+1); next >= 0 {
		return []byte(c.Header("X-Forwarded-Host") + "," + string(c.Head.Fields[next].Value.Of(c.HeadBytes())))
	}
	return c.HeaderBytes(http1.XForwardedHost)
}

// domainOf returns the name or address in host, without port and without the dot at its end; nil when host is not
// well-formed (Django: split_domain_port, host_validation_re).
func domainOf(host []byte) []byte {
	n := 0
	if len(host) > 0 && host[0] == '[' {
		n = bytes.IndexByte(host, ']') + 1
		if n == 0 || !looksLikeIPv6(host[1:n-1]) {
			return nil
		}
	} else {
		for n < len(host) && isHostByte(host[n]) {
			n++
		}
	}
	if n == 0 || n < len(host) && !isPort(host[n:]) {
		return nil
	}
	if host[n-1] == '.' {
		n--
	}
	return host[:n]
}

func isHostByte(b byte) bool {
	return b == '-' || b == '.' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// looksLikeIPv6 is Django's measure, not RFC 3986's: hexadecimal digits, a colon, then at least one more of both or a dot.
func looksLikeIPv6(b []byte) bool {
	colon := bytes.IndexByte(b, ':')
	if colon < 0 || colon == len(b)-1 {
		return false
	}
	for i, x := range b {
		hex := '0' <= x && x <= '9' || 'a' <= x|0x20 && x|0x20 <= 'f'
		if !hex && (i < colon || x != ':' && x != '.') {
			return false
		}
	}
	return true
}

// isPort reports whether b is a colon and digits.
func isPort(b []byte) bool {
	if len(b) < 2 || b[0] != ':' {
		return false
	}
	for _, x := range b[1:] {
		if x < '0' || x > '9' {
			return false
		}
	}
	return true
}

// equalFold compares with a string in lower case, without regard to the case of ASCII letters.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, x := range b {
		if 'A' <= x && x <= 'Z' {
			x |= 0x20
		}
		if x != lower[i] {
			return false
		}
	}
	return true
}

// hostsFirst refuses an application in which Hosts comes behind mw, which needs a host that was checked.
func hostsFirst(a *pipeline.App, mw pipeline.Middleware) error {
	seen := false
	for _, other := range a.Middleware() {
		if _, ok := other.(*Hosts); ok && seen {
			return errors.New("it redirects to the host of the request, so Hosts has to come before it")
		}
		seen = seen || other == mw
	}
	return nil
}
