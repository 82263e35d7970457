package front

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/charset"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/master"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/resolver"
	"github.com/wheelpit/wheelpit/server/script"
	"github.com/wheelpit/wheelpit/server/static"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// Options say what a configuration does not.
type Options struct {
	// Prefix is what relative paths are relative to, "/usr/share/nginx/" for example.
	Prefix string
	// ConfPrefix is where the configuration file lies: for auth_basic_user_file and the like. Default: that of the file.
	ConfPrefix string
	// AccessLog is written to without an access_log. Default: logs/access.log.
	AccessLog string
	// TempDirs are directories of temporary files by NGINX's name for them: "proxy_temp". Default: that name.
	TempDirs map[string]string
	// Product and Version are what the Server field and error pages show. Default: nginx, as clients of a configuration
	// of NGINX expect it.
	Product, Version string
	// Status is for wheelpit_status.
	Status Status
	// Shared is a file of memory through which the worker processes of one configuration hand over to those of the next; nil
	// without such. Status.Generation counts the configurations.
	Shared *os.File
	// Explain readies the Plan for Plan.Explain, which a Plan that serves does not pay for.
	Explain bool
}

// Plan is what a configuration comes to: where to listen, and what to run there.
type Plan struct {
	// Specs are the addresses. An unchanged one has an equal Addr after a reload.
	Specs []loop.ListenSpec
	// Runtime answers the requests.
	Runtime *Runtime
	// Server is the configuration of the server, Specs and Runtime included.
	Server server.Config

	errorLogs []errlog.Target // of the main context
	tempDirs  []string
	cacheDirs []string
	explain   bool
}

// Runtime is the compiled form of a configuration, and the Runner of a server. It is immutable.
type Runtime struct {
	addresses  []*address
	fallback   *address // for a connection whose address is gone
	logFiles   *logFiles
	errorLogs  []*errorLog
	groups     []*upstream.Group              // of the upstream blocks
	upstreams  []*proxy.Upstream              // with their connections
	byGroup    map[*upstream.Group]*resolving // those that have a resolver
	resolvers  []*resolver.Resolver
	back       background
	handover   *handover // nil without other processes
	older      *Runtime  // see Adopt
	cacheZones []*cacheZone
	zones      zones
	meter      *meter // nil when nobody asks for numbers

	postActions atomic.Int64 // in progress
}

// builder compiles one configuration.
type builder struct {
	opt         Options
	rt          *Runtime
	table       *script.Table
	logFiles    *logFiles
	errorLogs   map[logKey]*errorLog
	formats     map[string]*logFormat
	policies    map[server.Settings]*server.Policy
	files       map[string]*static.Files
	typed       map[string]*typeTable
	pages       map[string]pages
	parts       map[string]any                  // made once for all blocks that say the same
	upstreams   map[string]*proxy.Upstream      // by the names of their blocks
	implicit    map[string]*proxy.Upstream      // by address
	firstHealth map[string]upstream.HealthStart // by the names of upstreams
	cacheZones  map[string]*cacheZone
	charsetMaps *charset.Maps
	charsets    []string // that are named anywhere
	tempDirs    []string
	cacheDirs   []string
	nameBodies  bool // something asks for $request_body_file
	errs        []error
}

// Build compiles a configuration that was loaded without errors, with conf.Options.Serving. It opens nothing:
// the listeners are the caller's to open, and logs are opened by Runtime.Open. All faults are reported at once, in NGINX's
// words.
func Build(cfg *conf.Config, opt Options) (*Plan, error) {
	if opt.ConfPrefix == "" {
		opt.ConfPrefix = filepath.Dir(cfg.File)
	}
	if opt.AccessLog == "" {
		opt.AccessLog = "logs/access.log"
	}
	if opt.Product == "" {
		opt.Product, opt.Version = "nginx", script.NginxVersion
	}
	b := &builder{
		opt: opt, rt: new(Runtime), table: script.NewTable(), logFiles: newLogFiles(), errorLogs: map[logKey]*errorLog{}, formats: map[string]*logFormat{}, policies: map[server.Settings]*server.Policy{}, files: map[string]*static.Files{},
		typed: map[string]*typeTable{}, pages: map[string]pages{}, parts: map[string]any{},
	}
	main := mainScope(cfg)
	if http := main.one("http"); http != nil {
		b.http(newScope(main, http))
		b.resolvers(http)
	}
	if err := errors.Join(b.errs...); err != nil {
		return nil, err
	}
	if b.rt.handover = newHandover(opt.Shared, opt.Status.Generation); b.rt.handover != nil && len(b.rt.groups) > 0 {
		b.rt.back.add(b.rt.takeOver)
	}
	b.rt.logFiles = b.logFiles
	for _, l := range b.errorLogs {
		b.rt.errorLogs = append(b.rt.errorLogs, l)
	}
	if b.rt.meter != nil {
		for _, p := range b.policies { // it counts what is not logged as well
			p.Loud()
		}
	}
	p := &Plan{Runtime: b.rt, errorLogs: b.targets(main.own["error_log"]), tempDirs: b.tempDirs, cacheDirs: b.cacheDirs, explain: opt.Explain}
	for _, a := range b.rt.addresses {
		if a.bind {
			p.Specs = append(p.Specs, a.spec())
		}
	}
	p.Server = server.Config{
		Specs: p.Specs, Runner: b.rt, Place: b.rt.place, Refuse: b.rt.refuse, Reasons: reasons, AccessLog: b.rt.accessLog,
		SlowInline: -1,
	}
	for _, a := range b.rt.addresses {
		if a.proxied {
			p.Server.Preface = b.rt.preface
		}
	}
	w := workers(main)
	if _, p.Server.Reactors = master.Workers(int(w.Number), w.Elastic > 0); main.one("events") != nil {
		p.Server.MaxConns = int(newScope(nil, main.one("events")).number("worker_connections", 512))
	}
	return p, nil
}

// fail notes a fault of a directive, in the form of NGINX's errors.
func (b *builder) fail(d *conf.Directive, format string, args ...any) {
	b.errs = append(b.errs, fmt.Errorf("%s in %s:%d", fmt.Sprintf(format, args...), d.File(), d.Line()))
}

// http compiles the servers.
func (b *builder) http(s *scope) {
	b.variables(s)
	b.makeZones(s)
	b.makeCharsets(s)
	b.logFormats(s)
	b.gatewayVariables()
	b.nameBodies = mentions(s.block, "request_body_file")
	b.makeUpstreams(s)
	b.makeCacheZones(s)
	for _, d := range s.own["server"] {
		srv := b.server(newScope(s, d))
		b.listen(srv, d)
	}
	if s.own["access_log"] != nil { // they are opened even if each server has its own
		b.accessLogs(s)
	}
	b.settle()
	if err := b.table.Resolve(); err != nil {
		b.errs = append(b.errs, err)
	}
}

// confPath makes a path absolute that is relative to the configuration file.
func (b *builder) confPath(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(b.opt.ConfPrefix, name)
}

// path makes a path of the configuration absolute.
func (b *builder) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(b.opt.Prefix, name)
}

// beginBroken has a request whose head is broken belong to the address's first server.
func (r *request) beginBroken(rt *Runtime) {
	if r.rt != nil {
		return
	}
	r.rt, r.changes = rt, maxChanges
	if r.addr, _ = r.carrier.Place().(*address); r.addr == nil {
		r.addr = rt.fallback
	}
	script.SetEnv(r.c, r)
	r.srv = r.addr.def
	r.enter(r.srv.root)
}

// refuse answers a request whose head is broken with the page of the address's first server, by its error_page if it has one.
func (rt *Runtime) refuse(c *pipeline.Ctx, status int) pipeline.Outcome {
	r := requestOf(c)
	r.beginBroken(rt)
	r.c.ClearResponse()
	if status == 431 {
		status = tooLargeHead
	}
	if status == 408 {
		r.page(status, nil)
		return pipeline.Done
	}
	if status == 413 {
		r.dropBody()
	}
	if status == 405 { // TRACE or CONNECT
		r.fail(errNotAllowed)
	} else {
		r.fail(r.statusError(status))
	}
	return rt.Run(c)
}
