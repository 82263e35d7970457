package pipeline

import (
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/router"
)

// Reverse makes the URL path of the route called name ("polls:detail") from positional arguments, percent-encoded; the
// namespace of the request's own route is preferred, as in Django's {% url %}. The error wraps [router.ErrNoReverse]. In
// a mounted application the names are those of that application, and the path begins with that of the mount. It allocates.
func (c *Ctx) Reverse(name string, args ...any) (string, error) {
	return c.ReverseWith(name, router.Reverse{Args: args})
}

// ReverseWith is Reverse with keyword arguments, a query and more. An empty CurrentApp is that of the request.
func (c *Ctx) ReverseWith(name string, r router.Reverse) (string, error) {
	if c.chain == nil {
		return "", fmt.Errorf("pipeline: reverse of %q: the request is of no application", name)
	}
	if info := c.Match.Info(); r.CurrentApp == "" && c.Route() != nil && info != nil {
		r.CurrentApp = strings.Join(info.Namespaces, ":")
	}
	if r.ScriptPrefix == "" && c.mount != "" {
		r.ScriptPrefix = router.EscapePath(c.mount) + "/"
	}
	return c.Table().ReverseWith(name, r)
}
