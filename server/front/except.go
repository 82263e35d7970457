package front

// Hot: methods are looked at for every request of a location that has limit_except; no allocation, no map.

import (
	"slices"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
)

// except is limit_except of a location: the location that requests with other methods belong to.
type except struct {
	allowed []string // in upper case; GET allows HEAD
	loc     *location
}

// except compiles limit_except, nil when there is none. The block is a location without a name, as that of a condition.
func (b *builder) except(s *scope, srv *virtual, m *conf.LocationMatch, l *location) *except {
	d := first(s.own["limit_except"])
	if d == nil {
		return nil
	}
	methods, _ := d.Value.([]string)
	if slices.Contains(methods, "GET") {
		methods = append(methods, "HEAD")
	}
	return &except{methods, b.conditional(newScope(s, d), srv, m, l)}
}

// applies tells whether the request has a method that is not allowed.
func (e *except) applies(c *pipeline.Ctx) bool {
	if known := c.Head.Method; known != http1.MethodOther {
		return !slices.Contains(e.allowed, known.String())
	}
	name := c.Head.MethodSpan.Of(c.HeadBytes())
	for _, m := range e.allowed {
		if string(name) == m {
			return false
		}
	}
	return true
}
