package front

import (
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/server/conf"
)

// RouteLine is one line of the table of routes.
type RouteLine struct {
	// Listen are the addresses of the server, Server its names; both are empty in the lines of an application.
	Listen []string `json:"listen,omitempty"`
	Server []string `json:"server,omitempty"`
	// Location is the location as it stands in the configuration, or a route of an application with its methods.
	Location string `json:"location"`
	// Depth tells how deep it is nested: 0 for a location of a server.
	Depth int `json:"depth"`
	// Content is what answers: a directive, or "static files" and where they lie.
	Content string `json:"content"`
	// Name is the name of a route of an application.
	Name string `json:"name,omitempty"`
	At   At     `json:"at"`
}

// Routes lists the servers and their locations in the order of the configuration, and behind each location with app the routes
// of the application.
func (p *Plan) Routes() (list []RouteLine) {
	var servers []*virtual
	listen := map[*virtual][]string{}
	for _, a := range p.Runtime.addresses {
		for _, srv := range a.all {
			if !slices.Contains(servers, srv) {
				servers = append(servers, srv)
			}
			text := a.addr
			if a.def == srv && len(a.all) > 1 {
				text += " (default)"
			}
			listen[srv] = append(listen[srv], text)
		}
	}
	order := func(srv *virtual) int { return slices.Index(srv.scope.outer.own["server"], srv.scope.block) }
	slices.SortFunc(servers, func(a, b *virtual) int { return order(a) - order(b) })
	for _, srv := range servers {
		line := RouteLine{Listen: listen[srv], Server: srv.allNames, Location: "(server)", Content: srv.root.answers(), At: placeOf(srv.scope.block)}
		list = append(list, line)
		list = srv.routes(list, srv.scope, 0)
	}
	return list
}

// routes appends the locations of a block.
func (srv *virtual) routes(list []RouteLine, s *scope, depth int) []RouteLine {
	for _, l := range srv.list {
		b := l.from.scope.block
		if l.from.scope.outer != s {
			continue
		}
		list = append(list, RouteLine{Location: textOf(b), Depth: depth, Content: l.answers(), At: placeOf(b)})
		if d := contentOf(l); d != nil && d.Name == "app" {
			list = appRoutes(list, d, depth+1)
		}
		list = srv.routes(list, l.from.scope, depth+1)
	}
	return list
}

// answers says what answers in a location.
func (l *location) answers() string {
	if d := contentOf(l); d != nil {
		return textOf(d)
	}
	if d := first(l.from.scope.own["return"]); d != nil {
		return textOf(d)
	}
	for _, name := range [...]string{"alias", "root"} {
		if list := effective(l.from.scope, name); len(list) > 0 {
			return "static files, " + textOf(list[0])
		}
	}
	return "static files, root " + l.dir.root.text
}

// appRoutes appends the routes of an application.
func appRoutes(list []RouteLine, d *conf.Directive, depth int) []RouteLine {
	chain, err := RegisteredApp(d.Args[0]).Compile()
	if err != nil {
		return list // the plan would not have been built
	}
	for _, info := range chain.Table().Routes() {
		where := "worker"
		if routes := chain.Routes(); info.Route < len(routes) && routes[info.Route].Inline {
			where = "inline"
		}
		pattern := info.Pattern
		if methods := info.Methods.String(); methods != "" && !strings.HasPrefix(pattern, methods+" ") {
			pattern = methods + " " + pattern
		}
		list = append(list, RouteLine{Location: pattern, Depth: depth, Content: where, Name: info.ViewName, At: placeOf(d)})
	}
	return list
}
