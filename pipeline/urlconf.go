package pipeline

import (
	"bytes"
	"fmt"
)

// UseRoutes has the request dispatched with the routes that App.Alternative declared under that name, "" being those of
// its host. It must be called by a Request hook: later it changes nothing (Django: request.urlconf, rule H8). Error
// handlers are those of the alternative as soon as the URL is being resolved.
func (c *Ctx) UseRoutes(name string) error {
	if name == "" {
		c.chosen = nil
		return nil
	}
	conf := c.chain.named[name]
	if conf == nil {
		return fmt.Errorf("pipeline: no alternative routes %q", name)
	}
	c.chosen = conf
	return nil
}

// routesFor returns the routes of a request: chosen by a hook, or its host's, or the App's own.
func (ch *Chain) routesFor(c *Ctx) *urlconf {
	if c.chosen != nil {
		return c.chosen
	}
	if ch.hosts != nil {
		if i := ch.hosts.Find(c.hostname()); i >= 0 {
			return ch.byHost[i]
		}
	}
	return ch.root
}

// hostname returns the host of the request in lower case without port and final dot, as a view of the request.
func (c *Ctx) hostname() string {
	h := c.HostBytes()
	if i := bytes.LastIndexByte(h, ':'); i > bytes.LastIndexByte(h, ']') {
		h = h[:i]
	}
	h = bytes.TrimSuffix(h, []byte("."))
	for i := range h {
		if 'A' <= h[i] && h[i] <= 'Z' {
			return c.keep(bytes.ToLower(h))
		}
	}
	return view(h)
}
