package pipeline

import "github.com/wheelpit/wheelpit/router"

// SlashedRoute returns the route that the path with a "/" behind it leads to when the path as it is leads to none, and nil
// in any other case: the question of Django's APPEND_SLASH. It may be asked by any hook; the routes are those that the
// request is, or would be, dispatched with. The method does not matter, as in a Django URLconf. A converter that breaks
// counts as no answer. It allocates.
func (c *Ctx) SlashedRoute() *Route {
	if c.target != nil {
		return nil
	}
	conf := c.conf
	if conf == nil {
		conf = c.chain.routesFor(c)
	}
	var m router.Match
	if conf.table.Find(router.Any, c.path, &m) != router.NotFound ||
		conf.table.FindSlashed(router.Any, c.path, &m) != router.Found {
		return nil
	}
	return conf.targets[m.Route].route
}
