package conf

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
)

// Checks of the modules that limit and admit requests, and of the caches of open files.

// zone is a shared memory zone: what made it and the key it counts.
type zone struct {
	kind, key string
}

// zoneUse is a directive that needs a zone which another one makes, before or after it.
type zoneUse struct {
	kind, name string
	d          *Directive
	word       int
}

// Zone is the value of limit_req_zone and limit_conn_zone.
type Zone struct {
	Key  Script
	Name string
	Size int64
	// Rate is in thousandths of a request a second; 0 of limit_conn_zone.
	Rate int64
}

func limitReqZone(c *checker, d *Directive) any  { return c.limitZone(d, "limit_req") }
func limitConnZone(c *checker, d *Directive) any { return c.limitZone(d, "limit_conn") }

func (c *checker) limitZone(d *Directive, kind string) any {
	var z Zone
	var ok bool
	if z.Key, ok = c.value(d, 1); !ok {
		return nil
	}
	if kind == "limit_req" {
		z.Rate = 1000
	}
	for i, a := range d.Args[1:] {
		fault := `invalid parameter "` + a + `"`
		if text, ok := strings.CutPrefix(a, "zone="); ok {
			fault = z.named(a, text)
		} else if text, ok := strings.CutPrefix(a, "rate="); ok && kind == "limit_req" {
			if z.Rate, ok = parseRate(text); ok {
				fault = ""
			} else {
				fault = `invalid rate "` + a + `"`
			}
		}
		if fault != "" {
			c.errorf(d, i+2, "%s", fault)
			return nil
		}
	}
	if z.Name == "" {
		c.errorf(d, 0, `"%s" must have "zone" parameter`, d.Name)
		return nil
	}
	if c.http == nil || c.otherZone(kind, z.Name, d, 2) {
		return z
	}
	if old := c.http.zones[z.Name]; old != nil && old.kind == kind {
		c.errorf(d, 2, `%s "%s" is already bound to key "%s"`, d.Name, z.Name, old.key)
		return nil
	}
	c.http.zones[z.Name] = &zone{kind: kind, key: d.Args[0]}
	return z
}

// named reads "name:size" and returns NGINX's error.
func (z *Zone) named(arg, text string) string {
	name, amount, ok := strings.Cut(text, ":")
	size, isSize := ParseSize(amount)
	switch {
	case !ok || !isSize:
		return `invalid zone size "` + arg + `"`
	case size < 8*4096:
		return `zone "` + arg + `" is too small`
	}
	z.Name, z.Size = name, size
	return ""
}

// parseRate reads "10r/s" or "30r/m" in thousandths a second.
func parseRate(text string) (int64, bool) {
	scale := int64(1)
	if t, ok := strings.CutSuffix(text, "r/s"); ok {
		text = t
	} else if t, ok := strings.CutSuffix(text, "r/m"); ok {
		text, scale = t, 60
	}
	n, ok := ParseNumber(text)
	return n * 1000 / scale, ok && n > 0 && n < math.MaxInt64/1000
}

// LimitReq is the value of limit_req. Burst and Delay are numbers of requests.
type LimitReq struct {
	Zone         string
	Burst, Delay int64
	NoDelay      bool
}

func limitReq(c *checker, d *Directive) any {
	var l LimitReq
	for i, a := range d.Args {
		key, text, _ := strings.Cut(a, "=")
		n, isNumber := ParseNumber(text)
		switch {
		case key == "zone" && a != key:
			l.Zone = text
			c.needZone("limit_req", text, d, i+1)
		case (key == "burst" || key == "delay") && a != key:
			if !isNumber || n == 0 {
				c.errorf(d, i+1, `invalid %s value "%s"`, key, a)
				return nil
			}
			if key == "burst" {
				l.Burst = n
			} else {
				l.Delay = n
			}
		case a == "nodelay":
			l.NoDelay = true
		default:
			c.errorf(d, i+1, `invalid parameter "%s"`, a)
			return nil
		}
	}
	if l.Zone == "" {
		c.errorf(d, 0, `"%s" must have "zone" parameter`, d.Name)
		return nil
	}
	if !c.onceFor(d, l.Zone) {
		return nil
	}
	return l
}

// LimitConn is the value of limit_conn.
type LimitConn struct {
	Zone   string
	Number int64
}

func limitConn(c *checker, d *Directive) any {
	c.needZone("limit_conn", d.Args[0], d, 1)
	if !c.onceFor(d, d.Args[0]) {
		return nil
	}
	n, ok := ParseNumber(d.Args[1])
	switch {
	case !ok || n == 0:
		c.errorf(d, 2, `invalid number of connections "%s"`, d.Args[1])
		return nil
	case n > 65535:
		c.errorf(d, 2, "connection limit must be less 65536")
		return nil
	}
	return LimitConn{d.Args[0], n}
}

// onceFor checks that a directive is used once in a block for each name.
func (c *checker) onceFor(d *Directive, name string) bool {
	key := d.Name + " " + name
	if first := c.block.seen[key]; first != nil {
		c.duplicate(d, first)
		return false
	}
	c.block.seen[key] = d
	return true
}

func (c *checker) needZone(kind, name string, d *Directive, word int) {
	if c.http != nil && !c.otherZone(kind, name, d, word) {
		c.http.zoneUses = append(c.http.zoneUses, zoneUse{kind, name, d, word})
	}
}

// otherZone notes, and reports, that a zone is another module's already.
func (c *checker) otherZone(kind, name string, d *Directive, word int) bool {
	other := ""
	if z := c.http.zones[name]; z != nil && z.kind != kind {
		other = z.kind
	}
	for _, u := range c.http.zoneUses {
		if u.name == name && u.kind != kind {
			other = u.kind
		}
	}
	if other != "" {
		e := c.errorf(d, word, `the shared memory zone "%s" is already declared for a different use`, name)
		e.Hint = fmt.Sprintf("it is a zone of %s", other)
	}
	return other != ""
}

// unknownZones reports zones that nothing makes. NGINX finds them last, when it opens the memory.
func (c *checker) unknownZones() {
	for _, u := range c.http.zoneUses {
		if z := c.http.zones[u.name]; z == nil || z.kind != u.kind {
			c.report(&Error{Message: fmt.Sprintf(`zero size shared memory zone "%s"`, u.name), bare: true,
				Pos: u.d.Pos(u.word), Line: u.d.end, Hint: fmt.Sprintf("%s_zone must make this zone", u.kind)})
		}
	}
}

// accessRule makes a netip.Prefix of allow and deny; the zero one is "all", and "unix:" is given back as a string.
func accessRule(c *checker, d *Directive) any {
	switch a := d.Args[0]; a {
	case "all":
		return netip.Prefix{}
	case "unix:":
		return a
	default:
		p, fault := cidr(a)
		if fault == "" {
			return p
		}
		if strings.HasPrefix(fault, "low") {
			c.warnf(d, 1, "%s", fault)
			return p
		}
		c.errorf(d, 1, `invalid parameter "%s"`, a).Hint = `it takes an address, a network such as 10.0.0.0/8, "all" or "unix:"`
		return nil
	}
}

// cidr reads an address or a network; a fault that begins with "low" is a warning only.
func cidr(s string) (p netip.Prefix, fault string) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), ""
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, "invalid"
	}
	if p != p.Masked() {
		return p.Masked(), "low address bits of " + s + " are meaningless"
	}
	return p, ""
}

// realIPFrom checks an address; a name is looked up when the server starts.
func realIPFrom(c *checker, d *Directive) any {
	if d.Args[0] == "unix:" {
		return d.Args[0]
	}
	p, fault := cidr(d.Args[0])
	if strings.HasPrefix(fault, "low") {
		c.warnf(d, 1, "%s", fault)
	} else if fault != "" {
		return nil
	}
	return p
}

// openFileCache checks max=, inactive= and off. Its value is [2]int64: the number of files and seconds; 0 files is off.
func openFileCache(c *checker, d *Directive) any {
	most, inactive, off := int64(0), int64(60), false
	for i, a := range d.Args {
		ok := false
		if text, is := strings.CutPrefix(a, "max="); is {
			most, ok = ParseNumber(text)
			ok = ok && most > 0
		} else if text, is := strings.CutPrefix(a, "inactive="); is {
			inactive, ok = ParseSec(text)
		} else if a == "off" {
			off, ok = true, true
		}
		if !ok {
			c.errorf(d, i+1, `invalid "open_file_cache" parameter "%s"`, a)
			return nil
		}
	}
	switch {
	case off:
		return [2]int64{}
	case most == 0:
		c.errorf(d, 0, `"open_file_cache" must have the "max" parameter`)
		return nil
	}
	return [2]int64{most, inactive}
}

// keepaliveTimeout makes [2]int64: milliseconds a connection is kept, and seconds for the Keep-Alive field, -1 for none.
func keepaliveTimeout(c *checker, d *Directive) any {
	t := [2]int64{0, -1}
	var ok bool
	if t[0], ok = ParseMsec(d.Args[0]); !ok {
		c.wrong(d, 1, "invalid value")
		return nil
	}
	if len(d.Args) == 2 {
		if t[1], ok = ParseSec(d.Args[1]); !ok {
			c.wrong(d, 2, "invalid value")
			return nil
		}
	}
	return t
}

// directio makes an int64 of bytes, or -1 for off.
func directio(c *checker, d *Directive) any {
	if d.Args[0] == "off" {
		return int64(-1)
	}
	return offset(c, d)
}
