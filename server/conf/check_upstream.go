package conf

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Checks of upstream blocks and of what passes requests to them.

func upstreamBlock(c *checker, d *Directive) any {
	name := lower(d.Args[0])
	if first := c.http.upstreams[name]; first != nil {
		c.errorf(d, 1, `duplicate upstream "%s"`, d.Args[0]).Hint = "the first one stands in " + at(first)
		return nil
	}
	c.http.upstreams[name] = d
	return nil
}

func endUpstream(c *checker, d *Directive) {
	for s := range d.Children() {
		if s.Name == "server" {
			return
		}
	}
	c.report(&Error{Message: "no servers are inside upstream", Pos: d.Pos(0), Line: d.close})
}

// UpstreamServer is the value of a server within upstream.
type UpstreamServer struct {
	// Address is "host:port" with the port 80 when none was given, or "unix:/path".
	Address string
	// Weight is 1, MaxFails 1 and FailTimeout 10 seconds unless given; MaxConns is 0 for no bound.
	Weight, MaxConns, MaxFails, FailTimeout int64
	Backup, Down, Drain, Resolve            bool
	// Route and Service are empty unless given.
	Route, Service string
}

func upstreamServer(c *checker, d *Directive) any {
	u := &UpstreamServer{Weight: 1, MaxFails: 1, FailTimeout: 10}
	for i, a := range d.Args[1:] {
		if fault := u.option(a); fault != "" {
			c.errorf(d, i+2, "%s", fault)
			return nil
		}
	}
	if u.Service != "" && !u.Resolve {
		c.errorf(d, 1, `service upstream "%s" requires "resolve" parameter`, d.Args[0])
		return nil
	}
	address, fault := UpstreamAddress(d.Args[0])
	if fault != "" {
		c.errorf(d, 1, `%s in upstream "%s"`, fault, d.Args[0])
		return nil
	}
	if fault := serviceFault(d.Args[0]); u.Service != "" && fault != "" {
		c.errorf(d, 1, `service upstream "%s" %s`, d.Args[0], fault)
		return nil
	}
	u.Address = address
	return u
}

// serviceFault says why a host cannot have services; empty when it can.
func serviceFault(host string) string {
	if _, err := netip.ParseAddr(host); err == nil || strings.HasPrefix(host, "unix:") {
		return "requires domain name"
	}
	if strings.Contains(host, ":") {
		return "may not have port"
	}
	return ""
}

// option reads one parameter and returns NGINX's error.
func (u *UpstreamServer) option(a string) string {
	key, text, is := strings.Cut(a, "=")
	number := map[string]*int64{"weight": &u.Weight, "max_conns": &u.MaxConns, "max_fails": &u.MaxFails}[key]
	word := map[string]*bool{"backup": &u.Backup, "down": &u.Down, "drain": &u.Drain, "resolve": &u.Resolve}[a]
	ok := true
	switch {
	case number != nil && is:
		*number, ok = ParseNumber(text)
		ok = ok && (key != "weight" || *number > 0)
	case key == "fail_timeout" && is:
		u.FailTimeout, ok = ParseSec(text)
	case key == "slow_start" && is:
		_, ok = ParseMsec(text)
	case word != nil:
		*word = true
	case key == "route" && is:
		if u.Route = text; text == "" {
			return "route is empty"
		}
		if len(text) > 32 {
			return "route is longer than 32"
		}
	case key == "service" && is:
		if u.Service = text; text == "" {
			return "service is empty"
		}
	default:
		ok = false
	}
	if !ok {
		return `invalid parameter "` + a + `"`
	}
	return ""
}

// UpstreamAddress adds the port 80 to an address, and returns what NGINX says of a wrong one: the first words of a message, empty for
// one that is right. Names are not looked up.
func UpstreamAddress(a string) (address, fault string) {
	if path, ok := strings.CutPrefix(a, "unix:"); ok {
		return a, unixPath(path)
	}
	host, port, _, fault := hostPort(a, false)
	if fault != "" {
		return "", fault
	}
	return net.JoinHostPort(host, itoa(port)), ""
}

// keepalive makes an int64 of connections.
func keepalive(c *checker, d *Directive) any {
	n, ok := ParseNumber(d.Args[0])
	if !ok {
		c.errorf(d, 1, `invalid value "%s" in "%s" directive`, d.Args[0], d.Name)
		return nil
	}
	if len(d.Args) == 2 && d.Args[1] != "local" {
		c.errorf(d, 2, `invalid parameter "%s"`, d.Args[1])
		return nil
	}
	return n
}

// upstreamZone checks `zone name [size]`.
func upstreamZone(c *checker, d *Directive) any {
	if d.Args[0] == "" {
		c.errorf(d, 1, `invalid zone name "%s"`, d.Args[0])
		return nil
	}
	if len(d.Args) == 1 {
		c.needZone("upstream", d.Args[0], d, 1)
		return nil
	}
	n, ok := ParseSize(d.Args[1])
	switch {
	case !ok:
		c.errorf(d, 2, `invalid zone size "%s"`, d.Args[1])
	case n < 8*4096:
		c.errorf(d, 2, `zone "%s" is too small`, d.Args[0])
	default:
		c.sizedZone(d, n)
	}
	return n
}

// sizedZone notes the zone of an upstream, which several may share if they agree about its size.
func (c *checker) sizedZone(d *Directive, size int64) {
	name := d.Args[0]
	if c.http == nil || c.otherZone("upstream", name, d, 1) {
		return
	}
	if old := c.http.zones[name]; old != nil && old.size != size {
		c.errorf(d, 2, `the size %d of shared memory zone "%s" conflicts with already declared size %d`, size, name, old.size)
		return
	}
	c.http.zones[name] = &zone{kind: "upstream", size: size}
}

// proxyPass checks the scheme of an address without variables.
func proxyPass(c *checker, d *Directive) any {
	s, ok := c.value(d, 1)
	if !ok {
		return nil
	}
	text, plain := s.Constant()
	if !plain {
		return s
	}
	rest, ok := cutScheme(text)
	if !ok {
		c.errorf(d, 1, "invalid URL prefix").Hint = `it begins with "http://" or "https://"`
		return nil
	}
	host, uri, _ := strings.Cut(rest, "/")
	if strings.HasPrefix(rest, "unix:") {
		host, uri = rest, strings.TrimLeft(rest[5:], "/:")
		if i := strings.LastIndexByte(rest, ':'); i < 5 {
			uri = ""
		}
	}
	if host == "" {
		c.errorf(d, 1, `no host in upstream "%s"`, rest)
		return nil
	}
	if i := c.locationTakesNoURI(); i != "" && (uri != "" || strings.HasSuffix(text, "/")) {
		c.errorf(d, 1, `"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, `+
			`or inside "if" statement, or inside "limit_except" block`).Hint = "this is " + i
		return nil
	}
	return s
}

func cutScheme(s string) (rest string, ok bool) {
	for _, p := range []string{"http://", "https://"} {
		if len(s) >= len(p) && lower(s[:len(p)]) == p {
			return s[len(p):], true
		}
	}
	return s, false
}

// locationTakesNoURI says why the path of a proxy_pass would have nothing to replace; empty when it has.
func (c *checker) locationTakesNoURI() string {
	switch {
	case c.block.in == LocationIf:
		return `inside "if"`
	case c.block.in == LimitExcept:
		return `inside "limit_except"`
	}
	switch m, ok := c.block.of.Value.(LocationMatch); {
	case ok && m.Kind == NamedLocation:
		return fmt.Sprintf("the named location %s", m.Text)
	case ok && (m.Kind == Regex || m.Kind == RegexNoCase):
		return "a location given by a regular expression"
	}
	return ""
}

// cacheValid checks `[code...] time`; its value is the time in seconds.
func cacheValid(c *checker, d *Directive) any {
	n := len(d.Args)
	seconds, ok := ParseSec(d.Args[n-1])
	if !ok {
		c.errorf(d, n, `invalid time value "%s"`, d.Args[n-1])
		return nil
	}
	for i, a := range d.Args[:n-1] {
		if a == "any" {
			continue
		}
		if code, ok := ParseNumber(a); !ok || code < 100 || code > 599 {
			c.errorf(d, i+1, `invalid status "%s"`, a)
			return nil
		}
	}
	return seconds
}
