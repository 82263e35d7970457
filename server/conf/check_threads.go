package conf

import "strings"

// Checks of directives about processes and threads that are accepted without effect.

// cpuAffinity checks the masks of worker_cpu_affinity.
func cpuAffinity(c *checker, d *Directive) any {
	masks := d.Args
	if masks[0] == "auto" {
		if masks = masks[1:]; len(masks) > 1 {
			c.errorf(d, 0, `invalid number of arguments in "%s" directive`, d.Name)
			return nil
		}
	}
	for _, mask := range masks {
		for i := len(mask) - 1; i >= 0; i-- { // NGINX reads it from its end
			if !strings.ContainsRune("01 ", rune(mask[i])) {
				c.errorf(d, 0, `invalid character "%c" in "%s"`, mask[i], d.Name).Hint = "a mask has one 0 or 1 for each processor"
				return nil
			}
		}
	}
	return nil
}

// threadPool checks `thread_pool name threads=number [max_queue=number]`.
func threadPool(c *checker, d *Directive) any {
	if first := c.pools[d.Args[0]]; first != nil {
		c.errorf(d, 1, `duplicate thread pool "%s"`, d.Args[0]).Hint = "the first one stands in " + at(first)
		return nil
	}
	some := false
	for i, a := range d.Args[1:] {
		key, text, _ := strings.Cut(a, "=")
		n, ok := ParseNumber(text)
		if key == "threads" && (!ok || n == 0) || key == "max_queue" && !ok {
			c.errorf(d, i+2, `invalid %s value "%s"`, key, a)
			return nil
		}
		some = some || key == "threads"
	}
	if !some {
		c.errorf(d, 0, `"%s" must have "threads" parameter`, d.Name)
		return nil
	}
	c.pools[d.Args[0]] = d
	return nil
}

// unknownPools reports the pools that aio names and nothing makes. NGINX finds them last.
func (c *checker) unknownPools() {
	for _, p := range c.poolUses {
		if _, ok := c.pools[p.name]; !ok {
			c.errorf(p.d, p.word, `unknown thread pool "%s"`, p.name).Hint = "thread_pool makes one"
		}
	}
}

// debugConnection checks an address or a network. Names are not looked up.
func debugConnection(c *checker, d *Directive) any {
	if d.Args[0] == "unix:" {
		return nil
	}
	switch _, fault := cidr(d.Args[0]); {
	case strings.HasPrefix(fault, "low"):
		c.warnf(d, 1, "%s", fault)
	case fault != "" && !couldBeName(d.Args[0]):
		c.errorf(d, 1, `host not found in %s "%s"`, d.Name, d.Args[0])
	}
	return nil
}

// couldBeName says whether a text may be the name of a host.
func couldBeName(s string) bool { return s != "" && !strings.ContainsAny(s, "/:%") }
