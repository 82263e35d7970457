package conf

import (
	"fmt"
	"math"
	"strings"
)

// Checks of the modules that limit and admit requests, and of the caches of open files.

// zone is a shared memory zone: what made it and the key it counts.
type zone struct {
	kind, key string
	size      int64 // of an upstream
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
				Pos: u.d.Pos(u.word), Line: u.d.end, Hint: fmt.Sprintf("no zone of that name is made for %s", u.kind)})
		}
	}
}
