package conf

import (
	"net"
	"os"
	"strings"
)

// Listen is the value of listen.
type Listen struct {
	// Network is "tcp" or "unix". Host is an address, empty for every IPv4 address; or a name that is to be looked up.
	Network, Host string
	// Port to LastPort are the ports, one but for a range; 0 for a Unix socket, whose file is Path.
	Port, LastPort int
	Path           string
	// Text is the address as NGINX prints it: "0.0.0.0:80".
	Text string

	Default, Bind, SSL, HTTP2, QUIC, ProxyProtocol, Deferred, ReusePort, Multipath bool
	// IPv6Only is off only with ipv6only=off.
	IPv6Only bool
	// Backlog is 511 unless given. FastOpen and SetFIB are -1 unless given, RcvBuf and SndBuf 0.
	Backlog, FastOpen, SetFIB, RcvBuf, SndBuf int64
	// KeepAlive is so_keepalive; the numbers are 0 for the system's.
	KeepAlive KeepAlive

	set bool // an option that is set once for an address was given
}

// Sets says whether a parameter was given that holds for the address, whichever server gives it: backlog, bind, deferred and others.
func (l *Listen) Sets() bool { return l.set }

// KeepAlive is what so_keepalive says. Idle and Interval are in seconds.
type KeepAlive struct {
	On, Off               bool
	Idle, Interval, Count int64
}

// listenUse is an address some server listens on.
type listenUse struct {
	def, set *Directive
	servers  map[*serverState]bool
}

func newListen() *Listen {
	return &Listen{Network: "tcp", Backlog: 511, FastOpen: -1, SetFIB: -1, IPv6Only: true}
}

// DefaultListen is where a server without listen listens.
func DefaultListen() *Listen {
	l := newListen()
	l.Port, l.LastPort, l.Text = 80, 80, "0.0.0.0:80"
	if os.Getuid() != 0 {
		l.Port, l.LastPort, l.Text = 8000, 8000, "0.0.0.0:8000"
	}
	return l
}

func listen(c *checker, d *Directive) any {
	l := newListen()
	if fault := l.address(d.Args[0]); fault != "" {
		c.errorf(d, 1, `%s in "%s" of the "listen" directive`, fault, d.Args[0])
		return nil
	}
	for i, a := range d.Args[1:] {
		if strings.HasPrefix(a, "accept_filter=") {
			c.warnf(d, i+2, `accept filters "%s" are not supported on this platform, ignored`, a)
			continue
		}
		if fault := l.option(a); fault != "" {
			c.errorf(d, i+2, "%s", fault)
			return nil
		}
		if a == "http2" {
			c.warnf(d, i+2, `the "listen ... http2" directive is deprecated, use the "http2" directive instead`)
		}
	}
	if p := l.againstQUIC(); l.QUIC && p != "" {
		c.wrong(d, 1, `"`+p+`" parameter is incompatible with "quic"`)
		return nil
	}
	if c.http != nil && len(c.http.servers) > 0 {
		c.listenOn(d, 1, c.server(), l)
	}
	return l
}

// listenOn notes that a server listens on an address, and checks it against what others said about that address.
func (c *checker) listenOn(d *Directive, i int, s *serverState, l *Listen) {
	for _, text := range l.texts() {
		if !c.listenOnOne(d, i, s, l, text) {
			return
		}
	}
	s.listens = append(s.listens, l)
}

// texts are the addresses of a range of ports, as NGINX prints them.
func (l *Listen) texts() []string {
	list := []string{l.Text}
	for p := l.Port + 1; p <= l.LastPort; p++ {
		list = append(list, strings.TrimSuffix(l.Text, itoa(l.Port))+itoa(p))
	}
	return list
}

func (c *checker) listenOnOne(d *Directive, i int, s *serverState, l *Listen, text string) bool {
	u := c.http.listens[text]
	if u == nil {
		u = &listenUse{servers: map[*serverState]bool{}}
		c.http.listens[text] = u
	}
	switch {
	case u.servers[s]:
		c.errorf(d, i, "a duplicate listen %s", text)
		return false
	case l.set && u.set != nil:
		c.errorf(d, i, "duplicate listen options for %s", text).Hint = "they are already set in " + at(u.set)
		return false
	case l.Default && u.def != nil:
		c.errorf(d, i, "a duplicate default server for %s", text).Hint = "the first one stands in " + at(u.def)
		return false
	}
	if l.set {
		u.set = d
	}
	if l.Default {
		u.def = d
	}
	u.servers[s] = true
	return true
}

func at(d *Directive) string { return d.src.Name + ":" + itoa(d.Line()) }

// address reads the first argument: "80", "host", "host:80", "[::1]:80", "*:80", "unix:/path", and ranges of ports such
// as "8000-8010". It returns what NGINX says of a wrong one.
func (l *Listen) address(a string) string {
	if path, ok := strings.CutPrefix(a, "unix:"); ok {
		l.Network, l.Path, l.Text = "unix", path, a
		return unixPath(path)
	}
	fault := ""
	if l.Host, l.Port, l.LastPort, fault = hostPort(a, true); fault != "" {
		return fault
	}
	l.Text = net.JoinHostPort(l.Host, itoa(l.Port))
	if l.Host == "" {
		l.Text = "0.0.0.0:" + itoa(l.Port)
	}
	return ""
}

// option reads one of the other arguments and returns NGINX's error.
func (l *Listen) option(a string) string {
	if on := l.switches()[a]; on != nil {
		*on = true
		l.set = l.set || a == "bind" || a == "deferred" || a == "reuseport" || a == "multipath"
		return ""
	}
	key, text, _ := strings.Cut(a, "=")
	if n := l.numbers()[key]; n != nil && strings.Contains(a, "=") {
		parse := ParseNumber
		if key == "rcvbuf" || key == "sndbuf" {
			parse = ParseSize
		}
		v, ok := parse(text)
		if !ok || key == "backlog" && v == 0 {
			return "invalid " + key + ` "` + a + `"`
		}
		*n, l.set = v, true
		return ""
	}
	switch {
	case strings.HasPrefix(a, "ipv6only=o"):
		if text != "on" && text != "off" {
			return `invalid ipv6only flags "` + text + `"`
		}
		l.IPv6Only, l.set = text == "on", true
		return ""
	case strings.HasPrefix(a, "so_keepalive="):
		if !l.KeepAlive.parse(text) {
			return `invalid so_keepalive value: "` + text + `"`
		}
		l.set = true
		return ""
	}
	return `invalid parameter "` + a + `"`
}

func (l *Listen) switches() map[string]*bool {
	return map[string]*bool{"default_server": &l.Default, "default": &l.Default, "bind": &l.Bind, "ssl": &l.SSL,
		"http2": &l.HTTP2, "quic": &l.QUIC, "proxy_protocol": &l.ProxyProtocol, "deferred": &l.Deferred,
		"reuseport": &l.ReusePort, "multipath": &l.Multipath}
}

func (l *Listen) numbers() map[string]*int64 {
	return map[string]*int64{"backlog": &l.Backlog, "fastopen": &l.FastOpen, "setfib": &l.SetFIB, "rcvbuf": &l.RcvBuf,
		"sndbuf": &l.SndBuf}
}

// parse reads "on", "off" or "idle:interval:count", each of which may be empty, but not all.
func (k *KeepAlive) parse(text string) bool {
	k.On, k.Off = text != "off", text == "off"
	if text == "on" || text == "off" {
		return true
	}
	parts := strings.SplitN(text, ":", 3)
	for i, p := range parts {
		parse, to := ParseSec, &k.Idle
		switch i {
		case 1:
			to = &k.Interval
		case 2:
			parse, to = ParseNumber, &k.Count
		}
		if p == "" {
			continue
		}
		n, ok := parse(p)
		if !ok {
			return false
		}
		*to = n
	}
	return k.Idle|k.Interval|k.Count != 0
}

// againstQUIC names a parameter that has no meaning over QUIC.
func (l *Listen) againstQUIC() string {
	for _, p := range []struct {
		name string
		on   bool
	}{
		{"fastopen", l.FastOpen != -1}, {"backlog", l.Backlog != 511}, {"deferred", l.Deferred},
		{"multipath", l.Multipath}, {"ssl", l.SSL}, {"http2", l.HTTP2}, {"so_keepalive", l.KeepAlive.On || l.KeepAlive.Off},
		{"proxy_protocol", l.ProxyProtocol},
	} {
		if p.on {
			return p.name
		}
	}
	return ""
}
