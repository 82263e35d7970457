package front

import (
	"cmp"
	"math"
	"strings"
	"time"
	"unsafe"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/router"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/metrics"
	"github.com/wheelpit/wheelpit/server/realip"
	"github.com/wheelpit/wheelpit/server/script"
	"github.com/wheelpit/wheelpit/server/static"
)

// virtual is a server block.
type virtual struct {
	scope         *scope
	name          string // the first of server_name
	names         []string
	allNames      []string     // expressions as well, with their "~"
	sub           *subrequests // answers subrequests
	regex         []regexName
	root          *location // the server's own level: for a request that no location matches
	program       *script.Program
	realIP        *realip.Hook
	locations     *router.Locations
	list          []*location // by the integer that locations returns
	named         map[string]*location
	sendTimeout   time.Duration
	resetTimedOut bool
	sendChunk     int64         // bytes of files that leave at once, see loop.ListenSpec
	letters       *[256]bool    // of names of fields; nil for every token
	zone          *metrics.Zone // status_zone; nil for none
}

// location is a compiled block.
type location struct {
	from       source
	policy     *server.Policy
	maxBody    int64 // 0 for no bound
	internal   bool
	regex      *script.Regex // of the location, or of one around it; nil when it has no captures
	program    *script.Program
	fixed      *fixed      // what the program comes to when it is a constant
	ifs        []*location // by the number of the program's conditions
	except     *except     // limit_except; nil when there is none
	around     *location   // of a location of a condition: the one it stands in
	access     []hook
	mirror     []hook
	guards     guards
	rates      *rates
	try        *tryFiles
	content    func(r *request) error
	gate       *gate     // passes requests on; nil when content does not
	cgi        *cgiPaths // nil without fastcgi_index and fastcgi_split_path_info
	name       string    // as the configuration has it
	dir        dir
	directory  directory
	types      *static.Types
	filters    []hook
	changers   []changer // those of the filters that may change bodies
	redirects  redirects
	recursive  bool  // recursive_error_pages
	refreshes  bool  // msie_refresh
	logSub     bool  // log_subrequest
	subBuffer  int64 // subrequest_output_buffer_size
	errorPages []errorPage
	pages      pages
	logs       []accessLog
	post       *postAction // nil without post_action
	log        *errorLog

	warnUninitialized bool
	noMSIE6, noSafari bool // keepalive_disable
}

// outer returns the location whose program runs: l itself, or the one around the block of a condition.
func (l *location) outer() *location {
	if l.around != nil {
		return l.around
	}
	return l
}

// bodyLimit returns the bound of a request body in bytes.
func (l *location) bodyLimit() int64 {
	if l.maxBody == 0 {
		return math.MaxInt64
	}
	return l.maxBody
}

// server compiles a server block.
func (b *builder) server(s *scope) *virtual {
	srv := &virtual{
		scope: s, named: map[string]*location{},
		sendTimeout: milliseconds(s.number("send_timeout", 60000)), resetTimedOut: s.on("reset_timedout_connection", false),
		sendChunk: cmp.Or(s.number("sendfile_max_chunk", loop.DefaultSendChunk), -1),
	}
	srv.letters = letters(s)
	for _, d := range s.own["server_name"] {
		list, _ := d.Value.([]string)
		for _, name := range list {
			b.serverName(srv, d, name)
		}
	}
	if len(srv.names)+len(srv.regex) == 0 {
		srv.names = []string{""}
	}
	srv.sub, srv.zone = &subrequests{b.rt, srv}, b.statusZone(s)
	srv.root = b.location(s, srv, nil)
	srv.root.content = b.static(s)
	srv.realIP = b.realIP(s)
	srv.root.try, srv.program = b.tryFiles(s), b.program(s)
	lines := b.locations(s, srv, nil)
	table, err := router.CompileLocations(lines)
	if err != nil {
		b.errs = append(b.errs, err)
		return srv
	}
	srv.locations = table
	return srv
}

// serverName gives a server one of its names.
func (b *builder) serverName(srv *virtual, d *conf.Directive, name string) {
	srv.allNames = append(srv.allNames, name)
	if srv.name == "" {
		srv.name = strings.TrimPrefix(name, ".")
	}
	expr, isRegex := strings.CutPrefix(name, "~")
	if !isRegex {
		srv.names = append(srv.names, name)
		return
	}
	re, err := b.table.Regex(expr, true)
	if err != nil {
		b.fail(d, "%v", err)
		return
	}
	srv.regex = append(srv.regex, regexName{re, srv})
}

// locations compiles the location blocks of a block; outer is the expression of a location around it.
func (b *builder) locations(s *scope, srv *virtual, outer *script.Regex) (lines []router.Location) {
	for _, d := range s.own["location"] {
		m, ok := d.Value.(conf.LocationMatch)
		if !ok {
			continue
		}
		in, regex := newScope(s, d), outer
		line := router.Location{Modifier: modifiers[m.Kind], Pattern: strings.TrimPrefix(m.Text, "@"), Route: len(srv.list), Slash: passesOn(in)}
		if m.Kind == conf.Regex || m.Kind == conf.RegexNoCase {
			var err error
			if regex, err = b.table.Regex(m.Text, m.Kind == conf.RegexNoCase); err != nil {
				b.fail(d, "%v", err)
				continue
			}
			line.Matcher = pathMatcher{regex}
		}
		l := b.location(in, srv, &m)
		if l.from.matcher = line.Matcher; regex != nil && regex.Groups() > 0 {
			l.regex = regex
		}
		if m.Kind == conf.NamedLocation {
			if srv.named[line.Pattern] != nil {
				continue // the first one of a name is found
			}
			srv.named[line.Pattern] = l
		}
		srv.list = append(srv.list, l)
		line.Nested = b.locations(in, srv, regex)
		lines = append(lines, line)
	}
	return lines
}

// passesOn tells whether a block passes requests on (proxy_pass and its kin): then its name without the slash at the end
// redirects to it.
func passesOn(s *scope) bool {
	for name := range s.own {
		if strings.HasSuffix(name, "_pass") {
			return true
		}
	}
	return false
}

// pathMatcher has the router run an expression of the configuration.
type pathMatcher struct{ re *script.Regex }

// MatchString tells whether a path matches; see router.Matcher.
func (m pathMatcher) MatchString(path string) bool {
	found, err := m.re.Match(unsafe.Slice(unsafe.StringData(path), len(path)))
	return found && err == nil
}

var modifiers = [...]string{
	conf.Prefix: "", conf.Exact: "=", conf.PrefixFirst: "^~", conf.Regex: "~", conf.RegexNoCase: "~*", conf.NamedLocation: "@",
}

// location compiles one block; m is nil for the server's own level.
func (b *builder) location(s *scope, srv *virtual, m *conf.LocationMatch) *location {
	l := &location{
		from: source{scope: s}, maxBody: s.number("client_max_body_size", 1<<20), recursive: s.on("recursive_error_pages", false),
		refreshes: s.on("msie_refresh", false),
		internal:  len(s.own["internal"]) > 0, warnUninitialized: s.on("uninitialized_variable_warn", true),
	}
	for _, d := range s.all("keepalive_disable") {
		for _, a := range d.Args {
			l.noMSIE6, l.noSafari = l.noMSIE6 || a == "msie6", l.noSafari || a == "safari"
		}
	}
	l.noMSIE6 = l.noMSIE6 || s.one("keepalive_disable") == nil
	l.logSub, l.subBuffer = s.on("log_subrequest", false), s.number("subrequest_output_buffer_size", 4<<10)
	l.pages = b.pagesOf(s)
	l.errorPages = b.errorPages(s)
	l.types = b.types(s)
	l.access = b.accessHooks(s)
	l.mirror = b.mirrorHooks(s)
	l.guards = b.guardsOf(s, srv)
	l.rates = b.rates(s)
	b.filters(s, l)
	l.logs, l.log = b.accessLogs(s), b.errorLog(s)
	l.post = b.postAction(s)
	l.policy = b.policy(s, l)
	l.dir = b.dir(s, l, m)
	l.directory = b.directory(s)
	l.redirects = redirectsOf(s)
	l.content = b.content(s)
	l.cgi = b.cgiPaths(s)
	if m != nil {
		l.name = m.Text
	}
	if l.gate = b.gateway(s, m); l.gate != nil {
		l.content = l.gate.pass
	}
	l.from.handled = l.content != nil
	if m == nil {
		return l
	}
	if l.content == nil {
		l.content = b.static(s)
	}
	l.try = b.tryFiles(s)
	l.program, l.fixed = b.program(s), fixedOf(s.block)
	l.except = b.except(s, srv, m, l)
	for _, d := range l.program.Ifs() {
		l.ifs = append(l.ifs, b.conditional(newScope(s, d), srv, m, l))
	}
	return l
}

// conditional compiles the block of a condition in a location: a location without a name, which runs when its condition
// holds and inherits from the one it stands in.
func (b *builder) conditional(s *scope, srv *virtual, m *conf.LocationMatch, around *location) *location {
	l := b.location(s, srv, nil)
	l.dir = b.dir(s, l, m)
	l.around, l.regex, l.internal = around, around.regex, around.internal
	if l.content == nil {
		l.content, l.gate = around.content, around.gate
	}
	return l
}

// program compiles the rewrite module's part of a block.
func (b *builder) program(s *scope) *script.Program {
	p, err := script.NewProgram(b.table, s.block.Children(), script.ProgramOptions{RewriteLog: s.on("rewrite_log", false), Watch: b.watch()})
	if err != nil {
		b.errs = append(b.errs, err)
	}
	return p
}
