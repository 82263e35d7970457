package pipeline

import "strings"

// Params returns the path parameters by name, with what SetParam changed (Django: view_kwargs): each an int64, a string or
// a value of a converter's own type. The map is the caller's. It allocates.
func (c *Ctx) Params() map[string]any {
	params := c.Match.Kwargs()
	for name, v := range params {
		if s, ok := v.(string); ok { // a view of the path
			params[name] = strings.Clone(s)
		}
	}
	for i := range c.params {
		params[c.params[i].name] = c.params[i].value
	}
	return params
}
