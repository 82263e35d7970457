package conf

import (
	"net/netip"
	"strings"
)

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
		if !couldBeName(d.Args[0]) {
			c.errorf(d, 1, `host not found in set_real_ip_from "%s"`, d.Args[0])
		}
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
