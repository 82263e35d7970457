package conf

import (
	"fmt"
	"strings"
)

// Checks of directives of proxy_pass and its like.

// passRedirect checks proxy_redirect: "off" stands alone, "default" behind the proxy_pass it speaks of.
func passRedirect(c *checker, d *Directive) any {
	switch {
	case c.besideOff(d):
	case len(d.Args) == 2 || d.Args[0] == "off":
		c.references(d)
	case d.Args[0] != "default":
		c.errorf(d, 1, `invalid parameter "%s"`, d.Args[0]).Hint = `it takes two texts, "default" or "off"`
	case c.block.seen["proxy_pass"] == nil:
		c.errorf(d, 1, `"proxy_redirect default" should be placed after the "proxy_pass" directive`)
	}
	return nil
}

// offOrTwo checks proxy_cookie_domain and the like, where one argument can only be "off", and that stands alone.
func offOrTwo(c *checker, d *Directive) any {
	switch {
	case c.besideOff(d):
	case len(d.Args) == 1 && d.Args[0] != "off":
		c.errorf(d, 1, `invalid parameter "%s"`, d.Args[0]).Hint = `one argument can only be "off"`
	default:
		c.references(d)
	}
	return nil
}

// besideOff reports a line beside one that is "off".
func (c *checker) besideOff(d *Directive) bool {
	off := func(d *Directive) bool { return len(d.Args) == 1 && d.Args[0] == "off" }
	first := c.block.seen[d.Name]
	if first == nil || !off(first) && !off(d) {
		return false
	}
	c.duplicate(d, first)
	return true
}

// passStore and passCache check that a block does not both store and cache, and that the zone of the cache is one.
func passStore(c *checker, d *Directive) any {
	if d.Args[0] != "off" {
		if c.incompatible(d, "_store", "_cache") {
			return nil
		}
	}
	c.references(d)
	return nil
}

func passCache(c *checker, d *Directive) any {
	if d.Args[0] == "off" {
		return nil
	}
	if c.incompatible(d, "_cache", "_store") {
		return nil
	}
	s, ok := c.value(d, 1)
	if name, plain := s.Constant(); ok && plain {
		c.needZone(cacheKind(d), name, d, 1)
	}
	return nil
}

func (c *checker) incompatible(d *Directive, suffix, other string) bool {
	name := strings.TrimSuffix(d.Name, suffix) + other
	first := c.block.seen[name]
	if first == nil || first.Args[0] == "off" {
		return false
	}
	c.wrong(d, 0, `is incompatible with "`+name+`"`)
	return true
}

// cacheKind is the kind of the zones of proxy_cache and proxy_cache_path: "proxy_cache".
func cacheKind(d *Directive) string { return strings.TrimSuffix(d.Name, "_path") }

// unknownCaches reports the zones of caches that nothing makes. NGINX finds them where http ends, if there is a server.
func (c *checker) unknownCaches(http *Directive) {
	if len(c.http.servers) == 0 {
		return
	}
	kept := c.http.zoneUses[:0]
	for _, u := range c.http.zoneUses {
		if z := c.http.zones[u.name]; z != nil && z.kind == u.kind || !strings.HasSuffix(u.kind, "_cache") {
			kept = append(kept, u)
			continue
		}
		e := c.errorf(u.d, u.word, `"%s" zone "%s" is unknown`, u.d.Name, u.name)
		e.Line, e.Hint = http.close, u.kind+"_path must make this zone"
	}
	c.http.zoneUses = kept
}

// passCachePath notes the zone that proxy_cache_path makes, and its directory, which no other may have. The other parameters are read
// when the cache is made.
func passCachePath(c *checker, d *Directive) any {
	for i, a := range d.Args[1:] {
		key, text, _ := strings.Cut(a, "=")
		switch key {
		case "use_temp_path":
			if text != "on" && text != "off" {
				c.errorf(d, i+2, `invalid use_temp_path value "%s", it must be "on" or "off"`, a)
				return nil
			}
		case "keys_zone":
			name, _, _ := strings.Cut(text, ":")
			if kind := cacheKind(d); c.http != nil && !c.otherZone(kind, name, d, i+2) && c.http.zones[name] == nil {
				c.http.zones[name] = &zone{kind: kind}
			}
		}
	}
	if c.http == nil {
		return nil
	}
	path := strings.TrimRight(d.Args[0], "/")
	if first := c.http.cachePaths[path]; first != nil {
		c.report(&Error{Message: fmt.Sprintf(`the same path name "%s" used in %s and`, d.Args[0], at(first)), Pos: d.Pos(1), Line: d.end})
		return nil
	}
	c.http.cachePaths[path] = d
	return nil
}
