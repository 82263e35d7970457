package conf

import "strings"

// Checks of the addresses of fastcgi_pass, scgi_pass and uwsgi_pass, which have no usual port.

// passPort checks the port of an address without variables. A name without one has to be an upstream, which may follow.
func passPort(c *checker, d *Directive) any {
	s, ok := c.value(d, 1)
	if !ok {
		return nil
	}
	text, plain := s.Constant()
	if !plain || c.http == nil {
		return s
	}
	if d.Name == "uwsgi_pass" {
		if _, rest, ok := strings.Cut(text, "uwsgi://"); ok {
			text = rest
		}
	}
	host := text
	if end := strings.LastIndexByte(text, ']'); end >= 0 {
		host = text[end:]
	}
	switch _, port, ok := strings.Cut(host, ":"); {
	case strings.HasPrefix(text, "unix:"):
	case strings.Contains(text, "/"): // a URL, as proxy_pass has it
		c.errorf(d, 1, `invalid host in upstream "%s"`, text)
	case !ok:
		c.http.passes = append(c.http.passes, use{text, d, 1})
	default:
		if _, _, fault := portRange(port, false); fault != "" {
			c.errorf(d, 1, `%s in upstream "%s"`, fault, text)
		}
	}
	return s
}

// passesWithoutPort notes the addresses without port that are no upstream.
func (c *checker) passesWithoutPort() {
	for _, p := range c.http.passes {
		if c.http.upstreams[lower(p.name)] == nil {
			c.errorf(p.d, p.word, `no port in upstream "%s"`, p.name).Hint = "no upstream has that name; a host needs its port"
		}
	}
}
