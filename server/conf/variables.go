package conf

import (
	"fmt"
	"strings"
)

// httpState is what is known of the http block while it is walked.
type httpState struct {
	defined    map[string]bool // variables that directives make
	uses       []use
	used       map[string]bool
	formats    map[string]bool
	zones      map[string]*zone
	zoneUses   []zoneUse
	upstreams  map[string]*Directive
	passes     []use // addresses without port
	listens    map[string]*listenUse
	servers    []*serverState
	buffers    map[string]AccessLog // buffered logs, by file
	cachePaths map[string]*Directive
}

// use is the first place a variable is read at.
type use struct {
	name string
	d    *Directive
	word int
}

// value cuts word i into parts and notes the variables in it.
func (c *checker) value(d *Directive, i int) (Script, bool) { return c.text(d, i, d.Args[i-1]) }

// text is value for a part of word i.
func (c *checker) text(d *Directive, i int, text string) (Script, bool) {
	s, err := Compile(text)
	if err != nil {
		c.errorf(d, i, "%s", err)
		return nil, false
	}
	for _, p := range s {
		c.read(d, i, p.Variable)
	}
	return s, true
}

// read notes that a variable is read.
func (c *checker) read(d *Directive, i int, name string) {
	if c.http == nil || name == "" || c.http.used[name] {
		return
	}
	c.http.used[name] = true
	c.http.uses = append(c.http.uses, use{name, d, i})
}

// references notes the variables of all arguments of d that are not regular expressions.
func (c *checker) references(d *Directive) {
	for i, a := range d.Args {
		if strings.HasPrefix(a, "~") {
			c.regex(d, i+1, strings.TrimPrefix(a[1:], "*"))
			continue
		}
		if _, ok := c.value(d, i+1); !ok {
			return
		}
	}
}

// define notes the variable that word i of d makes: "$name".
func (c *checker) define(d *Directive, i int) bool {
	name, ok := strings.CutPrefix(d.Args[i-1], "$")
	if !ok {
		c.errorf(d, i, `invalid variable name "%s"`, d.Args[i-1]).Hint = `it begins with "$"`
		return false
	}
	if name == "" {
		c.errorf(d, i, `invalid variable name "$"`)
		return false
	}
	name = lower(name)
	if known[name] && !changeable[name] {
		c.errorf(d, i, `the duplicate "%s" variable`, d.Args[i-1][1:]).Hint = "the server sets this variable itself"
		return false
	}
	if c.http != nil {
		c.http.defined[name] = true
	}
	return true
}

// unknownVariables reports the variables that are read and never made. NGINX names no place, and stops at the first.
func (c *checker) unknownVariables() {
	for _, u := range c.http.uses {
		if known[u.name] || c.http.defined[u.name] || hasPrefixName(u.name) {
			continue
		}
		e := &Error{Message: fmt.Sprintf(`unknown "%s" variable`, u.name), Pos: u.d.Pos(u.word), Line: u.d.end, bare: true}
		if c.fatal < MaxErrors {
			e.Hint = c.http.nearestVariable(u.name)
		}
		c.report(e)
	}
}

func (h *httpState) nearestVariable(name string) string {
	best, distance := "", 1+len(name)/4
	consider := func(n string) {
		if e := editDistance(n, name); e < distance || e == distance && n < best {
			best, distance = n, e
		}
	}
	for n := range known {
		consider(n)
	}
	for n := range h.defined {
		consider(n)
	}
	if best == "" {
		return `no such variable: "set" or "map" makes one`
	}
	return fmt.Sprintf(`did you mean "$%s"?`, best)
}

// prefixes are the beginnings of names that stand for any field, cookie or argument.
var prefixes = [...]string{
	"http_", "sent_http_", "sent_trailer_", "upstream_http_", "upstream_trailer_", "upstream_cookie_", "cookie_", "arg_",
	"proxy_protocol_tlv_",
}

func hasPrefixName(name string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// set makes a set of names.
func set(names string) map[string]bool {
	s := map[string]bool{}
	for _, n := range strings.Fields(names) {
		s[n] = true
	}
	return s
}
