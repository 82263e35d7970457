package conf

import (
	"net/netip"
	"strings"
)

// Checks of the blocks whose lines are data: map, geo, split_clients, types, charset_map. An entry's Name is its first
// word, its Args are the others.

// mapBlock checks `map source $variable` and split_clients, which has the same arguments.
func mapBlock(c *checker, d *Directive) any {
	s, ok := c.value(d, 1)
	if !ok || !c.define(d, 2) {
		return nil
	}
	return s
}

func splitClients(c *checker, d *Directive) any { return mapBlock(c, d) }

func mapEntry(c *checker, d *Directive) {
	switch {
	case len(d.Args) == 0 && (d.Name == "hostnames" || d.Name == "volatile"):
		return
	case len(d.Args) != 1:
		c.errorf(d, 0, "invalid number of the map parameters")
		return
	}
	if _, ok := c.value(d, 1); !ok {
		return
	}
	switch {
	case d.Name == "default":
		if c.block.seen["default"] != nil {
			c.errorf(d, 0, "duplicate default map parameter")
		}
		c.block.seen["default"] = d
		return
	case strings.HasPrefix(d.Name, "~"):
		c.regex(d, 0, strings.TrimPrefix(d.Name[1:], "*"))
		return
	}
	key := lower(strings.TrimPrefix(d.Name, `\`))
	if c.block.seen[" "+key] != nil {
		c.errorf(d, 0, `conflicting parameter "%s"`, strings.TrimPrefix(d.Name, `\`)).Hint =
			"the first one stands in " + at(c.block.seen[" "+key])
		return
	}
	c.block.seen[" "+key] = d
}

// geo checks `geo [$address] $variable`.
func geo(c *checker, d *Directive) any {
	for i, a := range d.Args {
		if !strings.HasPrefix(a, "$") {
			c.errorf(d, i+1, `invalid variable name "%s"`, a)
			return nil
		}
	}
	if len(d.Args) == 2 {
		c.read(d, 1, lower(d.Args[0][1:]))
	} else {
		c.read(d, 0, "remote_addr")
	}
	c.define(d, len(d.Args))
	return nil
}

func geoEntry(c *checker, d *Directive) {
	words := set("ranges proxy_recursive volatile")
	switch {
	case len(d.Args) == 0 && d.Name == "ranges" && c.block.seen["network"] != nil:
		c.errorf(d, 0, `the "ranges" directive must be the first directive inside "geo" block`)
		return
	case len(d.Args) == 0 && words[d.Name]:
		c.block.seen[d.Name] = d
		return
	case len(d.Args) != 1:
		c.errorf(d, 0, "invalid number of the geo parameters")
		return
	}
	network, word := d.Name, 0
	switch d.Name {
	case "default":
		c.block.seen["network"] = d
		return
	case "include":
		return
	case "proxy", "delete":
		network, word = d.Args[0], 1
	}
	if d.Name != "proxy" {
		c.block.seen["network"] = d
	}
	if c.block.seen["ranges"] != nil && d.Name != "proxy" {
		if !isRange(network) {
			c.errorf(d, word, `invalid range "%s"`, network)
		}
		return
	}
	if _, fault := cidr(network); strings.HasPrefix(fault, "low") {
		c.warnf(d, word, "%s", fault)
	} else if fault != "" {
		c.errorf(d, word, `invalid network "%s"`, network)
	}
}

// isRange says whether a text is "first-last" of IPv4 addresses.
func isRange(s string) bool {
	first, last, ok := strings.Cut(s, "-")
	a, err1 := netip.ParseAddr(first)
	b, err2 := netip.ParseAddr(last)
	return ok && err1 == nil && err2 == nil && a.Is4() && b.Is4() && a.Compare(b) <= 0
}

func splitEntry(c *checker, d *Directive) {
	if len(d.Args) != 1 {
		c.errorf(d, 0, "invalid number of arguments in split_clients")
		return
	}
	if n, ok := percent(d.Name); (!ok || n == 0) && d.Name != "*" {
		c.errorf(d, 0, `invalid percent value "%s"`, d.Name)
	}
}

// percent reads "0.5%" in hundredths of a percent.
func percent(s string) (int64, bool) {
	text, ok := strings.CutSuffix(s, "%")
	whole, part, _ := strings.Cut(text, ".")
	if !ok || text == "" || len(part) > 2 || len(whole) > 9 {
		return 0, false
	}
	n, ok1 := ParseNumber("0" + whole)
	f, ok2 := ParseNumber((part + "00")[:2])
	return n*100 + f, ok1 && ok2
}

// endSplit checks the sum of the percentages.
func endSplit(c *checker, d *Directive) {
	sum := int64(0)
	for e := range d.Children() {
		n, _ := percent(e.Name)
		if sum += n; e.Name == "*" {
			sum = 10000
		}
		if sum > 10000 {
			c.report(&Error{Message: "percent total is greater than 100%", Pos: e.Pos(0), Line: d.close})
			return
		}
	}
}

// typeEntry checks a line of types; an include with its one file is not seen here.
func typeEntry(c *checker, d *Directive) {
	if d.Name == "include" {
		c.errorf(d, 0, `invalid number of arguments in "include" directive`)
	}
}

func pairEntry(c *checker, d *Directive) {
	if len(d.Args) != 1 {
		c.errorf(d, 0, "invalid parameters number")
	}
}

// mimeTypes warns of types that are in the list already, as text/html always is.
func mimeTypes(c *checker, d *Directive) any {
	seen := map[string]bool{"text/html": true}
	for before := range c.block.of.Children() {
		if before.Name != d.Name {
			continue
		}
		for i, a := range before.Args {
			if a == "*" {
				return nil
			}
			if a = lower(a); seen[a] && before == d {
				c.warnf(d, i+1, `duplicate MIME type "%s"`, a)
			}
			seen[a] = true
		}
		if before == d {
			break
		}
	}
	return nil
}
