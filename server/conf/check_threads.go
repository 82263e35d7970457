package conf

import "strings"

// Checks of directives about processors, threads and single connections.

// CPUAffinity is the value of worker_cpu_affinity: the processors of each mask, from 0. There is no mask with "auto" alone.
type CPUAffinity struct {
	Auto  bool
	Masks [][]int
}

// maxCPUs is CPU_SETSIZE of Linux.
const maxCPUs = 1024

func cpuAffinity(c *checker, d *Directive) any {
	var v CPUAffinity
	masks := d.Args
	if v.Auto = masks[0] == "auto"; v.Auto {
		if masks = masks[1:]; len(masks) > 1 {
			c.errorf(d, 0, `invalid number of arguments in "%s" directive`, d.Name)
			return nil
		}
	}
	for _, text := range masks {
		if len(text) > maxCPUs {
			c.errorf(d, 0, `"%s" supports up to %d CPUs only`, d.Name, maxCPUs)
			return nil
		}
		mask, bad := cpuMask(text)
		if bad != 0 {
			c.errorf(d, 0, `invalid character "%c" in "%s"`, bad, d.Name).Hint = "a mask has one 0 or 1 for each processor"
			return nil
		}
		v.Masks = append(v.Masks, mask)
	}
	return v
}

// cpuMask reads "0101", whose last digit is processor 0; bad is a letter that is no digit of a mask.
func cpuMask(text string) (mask []int, bad byte) {
	cpu := 0
	for i := len(text) - 1; i >= 0; i-- {
		switch text[i] {
		case ' ':
			continue
		case '1':
			mask = append(mask, cpu)
		case '0':
		default:
			return nil, text[i]
		}
		cpu++
	}
	return mask, 0
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
