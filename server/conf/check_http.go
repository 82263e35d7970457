package conf

import (
	"fmt"
	"os"
	"sort"
	"strings"
)

// Checks of the HTTP core: servers, locations and what they share.

// serverState is what is known of a server block while it is walked.
type serverState struct {
	d       *Directive
	listens []*Listen
	names   []string
}

// blocks prepare the frame of a block, by the name of its directive.
var blocks = map[string]func(c *checker, d *Directive, f *frame){}

func init() {
	blocks["http"] = beginHTTP
	blocks["server"] = beginServer
	blocks["upstream"] = func(_ *checker, _ *Directive, f *frame) { f.done = endUpstream }
	blocks["map"] = func(_ *checker, _ *Directive, f *frame) { f.entry = mapEntry }
	blocks["geo"] = func(_ *checker, _ *Directive, f *frame) { f.entry = geoEntry }
	blocks["split_clients"] = func(_ *checker, _ *Directive, f *frame) { f.entry, f.done = splitEntry, endSplit }
	blocks["charset_map"] = func(_ *checker, _ *Directive, f *frame) { f.entry = pairEntry }
	blocks["types"] = func(_ *checker, _ *Directive, f *frame) { f.entry = typeEntry }
}

func beginHTTP(c *checker, _ *Directive, f *frame) {
	c.http = &httpState{
		defined: map[string]bool{}, used: map[string]bool{}, formats: map[string]bool{"combined": true},
		buffers: map[string]AccessLog{}, cachePaths: map[string]*Directive{},
		zones: map[string]*zone{}, upstreams: map[string]*Directive{}, listens: map[string]*listenUse{},
	}
	f.done = endHTTP
}

// endHTTP checks what NGINX checks when the whole of http is read, in its order.
func endHTTP(c *checker, d *Directive) {
	c.passesWithoutPort()
	c.unequalBuffers(d)
	for _, s := range c.http.servers {
		c.secretAndLink(d, s.d)
	}
	c.unknownCaches(d)
	for _, s := range c.http.servers {
		c.duplicateLocations(s.d)
	}
	c.unknownVariables()
	c.serverNames()
	c.unknownZones()
	c.http = nil
}

func beginServer(c *checker, d *Directive, f *frame) {
	if f.in != Server || c.http == nil {
		return
	}
	c.http.servers = append(c.http.servers, &serverState{d: d})
	f.done = func(c *checker, d *Directive) {
		if s := c.server(); len(s.listens) == 0 {
			c.listenOn(d, 0, s, DefaultListen())
		}
	}
}

// server is the server block that is being walked.
func (c *checker) server() *serverState { return c.http.servers[len(c.http.servers)-1] }

// LocationKind is how a location is compared with a path.
type LocationKind uint8

const (
	Prefix        LocationKind = iota // the longest one wins
	Exact                             // "="
	PrefixFirst                       // "^~": regular expressions are not tried when it is the longest
	Regex                             // "~"
	RegexNoCase                       // "~*"
	NamedLocation                     // "@name"
)

// LocationMatch is the value of location.
type LocationMatch struct {
	Kind LocationKind
	// Text is the path, the expression, or the name with its "@".
	Text string
}

var modifiers = map[string]LocationKind{"=": Exact, "^~": PrefixFirst, "~": Regex, "~*": RegexNoCase}

func location(c *checker, d *Directive) any {
	m := LocationMatch{Text: d.Args[len(d.Args)-1]}
	if len(d.Args) == 2 {
		kind, ok := modifiers[d.Args[0]]
		if !ok {
			c.errorf(d, 1, `invalid location modifier "%s"`, d.Args[0]).Hint = `it is one of: =, ^~, ~, ~*`
			return nil
		}
		m.Kind = kind
	} else {
		for _, p := range []string{"=", "^~", "~*", "~"} {
			if rest, ok := strings.CutPrefix(m.Text, p); ok {
				m = LocationMatch{modifiers[p], rest}
				break
			}
		}
		if m.Kind == Prefix && strings.HasPrefix(m.Text, "@") {
			m.Kind = NamedLocation
		}
	}
	regex := m.Kind == Regex || m.Kind == RegexNoCase
	if regex && !c.regex(d, len(d.Args), m.Text) {
		return nil
	}
	if outer := c.block.of; c.block.in == Location {
		if out, ok := outer.Value.(LocationMatch); ok && !c.nested(d, m, out, regex) {
			return nil
		}
	}
	return m
}

// nested checks a location within another one.
func (c *checker) nested(d *Directive, in, out LocationMatch, regex bool) bool {
	i := len(d.Args)
	switch {
	case out.Kind == Exact:
		c.errorf(d, i, `location "%s" cannot be inside the exact location "%s"`, in.Text, out.Text)
	case out.Kind == NamedLocation:
		c.errorf(d, i, `location "%s" cannot be inside the named location "%s"`, in.Text, out.Text)
	case in.Kind == NamedLocation:
		c.errorf(d, i, `named location "%s" can be on the server level only`, in.Text)
	case !regex && !strings.HasPrefix(in.Text, out.Text):
		c.errorf(d, i, `location "%s" is outside location "%s"`, in.Text, out.Text)
	default:
		return true
	}
	return false
}

// duplicateLocations reports two locations of one text in one block, of nested blocks first, in the order of the texts.
func (c *checker) duplicateLocations(block *Directive) {
	var list []*Directive
	named := map[string]*Directive{}
	for d := range block.Children() {
		m, ok := d.Value.(LocationMatch)
		switch {
		case !ok || d.Name != "location":
		case m.Kind <= PrefixFirst:
			list = append(list, d)
		case m.Kind == NamedLocation && named[m.Text] != nil:
			c.warnf(d, 1, `location "%s" is never used, the first one stands in %s`, m.Text, at(named[m.Text]))
		case m.Kind == NamedLocation:
			named[m.Text] = d
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return matchOf(list[i]).Text < matchOf(list[j]).Text })
	for _, d := range list {
		c.duplicateLocations(d)
	}
	first := map[LocationMatch]*Directive{}
	for _, d := range list {
		key := matchOf(d)
		if key.Kind == PrefixFirst {
			key.Kind = Prefix // NGINX puts both in one place
		}
		if f := first[key]; f != nil {
			e := c.errorf(d, len(d.Args), `duplicate location "%s"`, key.Text)
			e.Hint = fmt.Sprintf("the first one stands in %s:%d", f.src.Name, f.Line())
			continue
		}
		first[key] = d
	}
}

func matchOf(d *Directive) LocationMatch { return d.Value.(LocationMatch) }

// serverName makes a []string of the names in lower case; regular expressions stay as they are, with their "~".
func serverName(c *checker, d *Directive) any {
	var names []string
	for i, a := range d.Args {
		switch {
		case strings.HasPrefix(a, "*") && (len(a) < 3 || a[1] != '.'), a == ".":
			c.errorf(d, i+1, `server name "%s" is invalid`, a).Hint = `a wildcard is "*.example.com" or "www.example.*"`
			return nil
		case a == "~":
			c.errorf(d, i+1, `empty regex in server name "%s"`, a)
			return nil
		}
		if strings.Contains(a, "/") {
			c.warnf(d, i+1, `server name "%s" has suspicious symbols`, a)
		}
		if regex, ok := strings.CutPrefix(a, "~"); ok {
			if !c.regex(d, i+1, regex) {
				return nil
			}
		} else if a = lower(a); a == "$hostname" {
			a = hostname()
		}
		names = append(names, a)
	}
	if c.http != nil && len(c.http.servers) > 0 {
		c.server().names = append(c.server().names, names...)
	}
	return names
}

// hostname is the name of the machine in lower case; empty when it has none.
func hostname() string {
	name, _ := os.Hostname()
	return lower(name)
}

// serverNames warns of servers that share a name on an address, as NGINX does: the later one is never chosen by it.
func (c *checker) serverNames() {
	taken := map[[2]string]bool{}
	for _, s := range c.http.servers {
		names := s.names
		if len(names) == 0 {
			names = []string{""}
		}
		for _, l := range s.listens {
			for _, n := range names {
				key := [2]string{l.Text, n}
				if taken[key] {
					c.report(&Error{Level: Warn, bare: true, Pos: s.d.Pos(0), Line: s.d.end,
						Message: fmt.Sprintf(`conflicting server name "%s" on %s, ignored`, n, l.Text)})
				}
				taken[key] = true
			}
		}
	}
}

// documentRoot makes a Script of root and alias.
func documentRoot(c *checker, d *Directive) any {
	for _, other := range []string{"root", "alias"} {
		switch first := c.block.seen[other]; {
		case first == nil:
		case other == d.Name:
			c.duplicate(d, first)
			return nil
		default:
			c.errorf(d, 0, `"%s" directive is duplicate, "%s" directive was specified earlier`, d.Name, other)
			return nil
		}
	}
	if m, ok := c.block.of.Value.(LocationMatch); ok && m.Kind == NamedLocation && d.Name == "alias" {
		c.errorf(d, 0, `the "alias" directive cannot be used inside the named location`)
		return nil
	}
	for _, v := range []string{"document_root", "realpath_root"} {
		if strings.Contains(d.Args[0], "$"+v) || strings.Contains(d.Args[0], "${"+v+"}") {
			c.errorf(d, 1, `the $%s variable cannot be used in the "%s" directive`, v, d.Name)
			return nil
		}
	}
	s, _ := c.value(d, 1)
	return s
}

// limitExcept makes a []string of methods.
func limitExcept(c *checker, d *Directive) any {
	if first := c.block.seen[d.Name]; first != nil {
		c.duplicate(d, first)
		return nil
	}
	known := set("GET HEAD POST PUT DELETE MKCOL COPY MOVE OPTIONS PROPFIND PROPPATCH LOCK UNLOCK PATCH")
	var methods []string
	for i, a := range d.Args {
		m := strings.ToUpper(a)
		if !known[m] {
			c.errorf(d, i+1, `invalid method "%s"`, a)
			return nil
		}
		methods = append(methods, m)
	}
	return methods
}
