package router

import (
	"slices"
	"strings"
)

// RouteInfo describes an endpoint: what Django's ResolverMatch says of it, and a line of `wheelpit routes`. It is made
// at load and must not be changed.
type RouteInfo struct {
	// Index is the endpoint's place in declared order; the lower one wins.
	Index int
	// Route is the caller's integer.
	Route int
	// Pattern is the whole route: the prefixes of the includes and the endpoint's own pattern, as declared (Django's
	// ResolverMatch.route).
	Pattern string
	// Chain has the same patterns one by one.
	Chain []string
	// Name is the endpoint's own name; empty when it has none.
	Name string
	// ViewName is Name, or else the View of the endpoint, behind its namespaces: "polls:detail".
	ViewName string
	// AppNames and Namespaces are those of the includes, the outermost first.
	AppNames, Namespaces []string
	// Methods are those declared; Any takes every method.
	Methods Methods
}

func newRouteInfo(e *Entry, index int, chain []*branch) RouteInfo {
	info := RouteInfo{
		Index:   index,
		Route:   e.endpoint.Route,
		Name:    e.endpoint.Name,
		Methods: e.endpoint.Methods | chain[len(chain)-1].pattern.methods,
	}
	for _, b := range chain {
		info.Chain = append(info.Chain, b.pattern.source)
		info.Pattern = joinRoute(info.Pattern, b.pattern.source)
		if b.include && b.scope.App != "" {
			info.AppNames = append(info.AppNames, b.scope.App)
			info.Namespaces = append(info.Namespaces, b.scope.Namespace)
		}
	}
	view := info.Name
	if view == "" {
		view = e.endpoint.View
	}
	info.ViewName = strings.Join(append(slices.Clone(info.Namespaces), view), ":")
	return info
}

// joinRoute is Django's: an inner regular expression loses its "^".
func joinRoute(outer, inner string) string {
	if outer == "" {
		return inner
	}
	return outer + strings.TrimPrefix(inner, "^")
}

// Routes lists the endpoints in declared order.
func (t *Table) Routes() []RouteInfo {
	routes := make([]RouteInfo, len(t.endpoints))
	for i, ep := range t.endpoints {
		routes[i] = ep.info
	}
	return routes
}
