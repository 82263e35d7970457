package front

import (
	"net/url"
	"strings"

	"github.com/wheelpit/wheelpit/router"
	"github.com/wheelpit/wheelpit/server/conf"
)

// handlers are the directives that name what answers, beside those that end with "_pass", which come first; in the order of
// builder.content.
var handlers = []string{"app", "wheelpit_status", "empty_gif", "stub_status"}

// contentOf returns the directive that names what answers in a location, nil for files. The block of a condition has that of
// the location around it.
func contentOf(l *location) *conf.Directive {
	for d := range l.from.scope.block.Children() {
		if strings.HasSuffix(d.Name, "_pass") {
			return d
		}
	}
	for _, name := range handlers {
		if d := first(l.from.scope.own[name]); d != nil {
			return d
		}
	}
	if l.around != nil {
		return contentOf(l.around)
	}
	return nil
}

// phases are the phases of NGINX with the directives that do something in them.
var phases = []struct {
	name       string
	directives []string
}{
	{"limits of the request", []string{"client_max_body_size"}},
	{"preaccess", []string{"set_real_ip_from", "real_ip_header", "real_ip_recursive", "limit_req", "limit_conn"}},
	{"access", []string{"satisfy", "allow", "deny", "auth_basic", "auth_basic_user_file", "auth_delay", "auth_request", "auth_request_set"}},
	{"precontent", []string{"mirror", "try_files"}},
	{"content", []string{"root", "alias", "index", "random_index", "autoindex"}},
	{"filters", []string{
		"add_header", "add_trailer", "expires", "userid", "gunzip", "add_before_body", "add_after_body", "sub_filter", "charset",
		"ssi", "brotli", "zstd", "gzip", "gzip_static", "brotli_static", "zstd_static", "limit_rate", "limit_rate_after",
	}},
	{"errors", []string{"error_page"}},
	{"log", []string{"access_log", "error_log"}},
}

// inherited tells whether an inner block has what an outer one says. try_files belongs to its block alone.
func inherited(name string) bool { return name != "try_files" }

// runsOf lists the directives that are in effect in a location, by phase. Those that are off are left out.
func runsOf(l *location) []Phase {
	list := []Phase{}
	s := l.from.scope
	for _, p := range phases {
		phase := Phase{Name: p.name}
		for _, name := range p.directives {
			for _, d := range effective(s, name) {
				if len(d.Args) == 0 || d.Args[0] != "off" {
					phase.Directives = append(phase.Directives, Chosen{textOf(d), placeOf(d)})
				}
			}
		}
		if len(phase.Directives) > 0 {
			list = append(list, phase)
		}
	}
	return list
}

// effective are the directives of a name that hold in a block. Rules are inherited together, in the order of the text.
func effective(s *scope, name string) []*conf.Directive {
	switch {
	case name == "deny":
		return nil // stands with allow
	case name == "allow":
		return rulesOf(s)
	case name == "root" && s.one("alias") != nil && within(s, "alias") <= within(s, "root"):
		return nil
	case name == "alias" && within(s, "alias") > within(s, "root"):
		return nil
	case !inherited(name):
		return s.own[name]
	}
	return s.all(name)
}

// within tells how many blocks further out a directive stands.
func within(s *scope, name string) (n int) {
	for ; s != nil && len(s.own[name]) == 0; s = s.outer {
		n++
	}
	return n
}

func rulesOf(s *scope) (list []*conf.Directive) {
	for ; s != nil && s.block != nil && len(list) == 0; s = s.outer {
		for d := range s.block.Children() {
			if d.Name == "allow" || d.Name == "deny" {
				list = append(list, d)
			}
		}
	}
	return list
}

// describe tells more of a handler: the peers of an upstream group, the route of an application.
func (w *walk) describe(d *conf.Directive) {
	switch {
	case len(d.Args) == 0:
	case d.Name == "app":
		w.app(d.Args[0])
	case strings.HasSuffix(d.Name, "_pass"):
		w.out.Peers = peersOf(w.r.srv.scope.outer, groupOf(d.Args[0]))
	}
}

// groupOf is the host of an address to pass to, which may be the name of an upstream group.
func groupOf(to string) string {
	if u, err := url.Parse(to); err == nil && u.Host != "" {
		return u.Host
	}
	return to
}

// peersOf are the servers of an upstream group; of what is none, the name itself.
func peersOf(http *scope, group string) (list []string) {
	for _, d := range http.own["upstream"] {
		if d.Args[0] != group {
			continue
		}
		for p := range d.Children() {
			if p.Name == "server" {
				list = append(list, strings.Join(p.Args, " "))
			}
		}
		return list
	}
	return []string{group}
}

// app tells which route of an application answers, and what runs for it.
func (w *walk) app(name string) {
	chain, err := RegisteredApp(name).Compile()
	if err != nil {
		return // the plan would not have been built
	}
	var m router.Match
	if chain.Table().Find(router.MethodOf(w.c.Method()), w.c.PathView(), &m) == router.Found {
		w.out.App = chain.Explain(chain.Routes()[m.Route])
	} else {
		w.out.App = "no route of its own\n"
	}
}
