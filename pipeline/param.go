package pipeline

import (
	"fmt"
	"strings"
)

// param is a path parameter that a hook has set.
type param struct {
	name  string
	value any
}

// SetParam changes or adds a path parameter, for a View hook (Django: process_view may change view_kwargs). Later hooks and
// the handler see it before what the path says.
func (c *Ctx) SetParam(name string, value any) {
	for i := range c.params {
		if c.params[i].name == name {
			c.params[i].value = value
			return
		}
	}
	c.params = append(c.params, param{name, value})
}

func (c *Ctx) setParam(name string) (any, bool) {
	for i := range c.params {
		if c.params[i].name == name {
			return c.params[i].value, true
		}
	}
	return nil, false
}

// Param returns the text of a path parameter, "" when the route has none of that name.
func (c *Ctx) Param(name string) string {
	if len(c.params) > 0 {
		if v, ok := c.setParam(name); ok {
			return fmt.Sprint(v)
		}
	}
	s, _ := c.Match.Param(name)
	return strings.Clone(s)
}

// ParamBytes is Param as a view of the request.
func (c *Ctx) ParamBytes(name string) []byte {
	if len(c.params) > 0 {
		if v, ok := c.setParam(name); ok {
			return fmt.Append(nil, v)
		}
	}
	s, _ := c.Match.Param(name)
	return bytesOf(s)
}

// ParamInt returns the value of an int parameter; false when the route has none of that name.
func (c *Ctx) ParamInt(name string) (int64, bool) {
	if len(c.params) > 0 {
		switch v, _ := c.setParam(name); v := v.(type) {
		case int:
			return int64(v), true
		case int64:
			return v, true
		}
	}
	return c.Match.Int(name)
}

// ParamValue returns a path parameter as its converter made it: an int64, a string, a value of the converter's own type. It
// may allocate.
func (c *Ctx) ParamValue(name string) (any, bool) {
	if v, ok := c.setParam(name); ok {
		return v, true
	}
	return c.Match.Value(name)
}
