package front

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/master"
)

// Load reads, checks and compiles a configuration for the master process; see master.Build.
func Load(spec master.Spec) (*master.Plan, error) {
	cfg, errs := conf.Load(spec.Conf, conf.Options{Global: spec.Global, Read: spec.Read, Glob: spec.Glob, Serving: true})
	tell(spec.Log, errs)
	if errs.Failed() {
		return nil, master.ErrTold
	}
	opt := Options{Prefix: spec.Prefix, ConfPrefix: spec.ConfPrefix, Shared: spec.Shared, Status: Status{
		Registry: countersIn(spec.Shared), Version: spec.Version, Generation: spec.Generation, Several: settings(cfg).Elastic.Rate > 0,
	}}
	if spec.Prefix == master.DefaultPaths.Prefix {
		opt.AccessLog, opt.TempDirs = debianAccessLog, debianTempDirs
	}
	if d := mainScope(cfg).one("user"); d != nil && os.Geteuid() != 0 {
		spec.Log.Printf(errlog.Warn, `the "user" directive makes sense only if the master process runs with super-user privileges, ignored in %s:%d`, d.File(), d.Line())
	}
	plan, err := Build(cfg, opt)
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			spec.Log.Printf(errlog.Emerg, "%s", line)
		}
		return nil, master.ErrTold
	}
	p := &master.Plan{Settings: settings(cfg), ErrorLogs: plan.errorLogs, LogFiles: plan.Runtime.logNames(), TempDirs: plan.tempDirs,
		CacheDirs: plan.cacheDirs, Zones: plan.Runtime.zones.list}
	for _, l := range plan.Runtime.errorLogs {
		for _, t := range l.targets {
			p.KeepStderr = p.KeepStderr || t.To == "stderr"
		}
	}
	for _, a := range plan.bound() {
		p.Listen = append(p.Listen, a.forMaster(plan.Server.Reactors))
	}
	p.Open = func(log *errlog.Log) (master.Worker, error) {
		if served != nil { // a process without a master, at a reload
			plan.Runtime.Adopt(served)
		}
		if err := plan.Runtime.Open(log); err != nil {
			return nil, err
		}
		served = plan.Runtime
		plan.Server.Log = slog.New(log.Handler())
		return &worker{plan: plan}, nil
	}
	return p, nil
}

// served is what the process serves, or served last. The goroutine of package master has it.
var served *Runtime

// debianAccessLog and debianTempDirs go with master.DefaultPaths, which are Debian's.
const debianAccessLog = "/var/log/nginx/access.log"

var debianTempDirs = map[string]string{
	"client_body_temp": "/var/lib/nginx/body", "proxy_temp": "/var/lib/nginx/proxy", "fastcgi_temp": "/var/lib/nginx/fastcgi",
	"scgi_temp": "/var/lib/nginx/scgi", "uwsgi_temp": "/var/lib/nginx/uwsgi",
}

// tell writes the faults of a configuration: NGINX's lines to the log, what helps a person to the console.
func tell(log *errlog.Log, errs conf.Errors) {
	for _, e := range errs {
		level := [...]errlog.Level{conf.Emerg: errlog.Emerg, conf.Crit: errlog.Crit, conf.Warn: errlog.Warn}[e.Level]
		log.Printf(level, "%s", e.Error())
		var b bytes.Buffer
		conf.Printer{Program: "nginx"}.Print(&b, conf.Errors{e})
		if _, rest, ok := strings.Cut(b.String(), "\n"); ok && rest != "" {
			log.Explain(rest)
		}
	}
}

// settings are the directives about processes.
func settings(cfg *conf.Config) master.Settings {
	s := mainScope(cfg)
	m := master.Settings{
		Foreground: !s.on("daemon", true), Single: !s.on("master_process", true), PID: s.text("pid", ""),
		RlimitNofile: s.number("worker_rlimit_nofile", 0), RlimitCore: s.number("worker_rlimit_core", 0),
		Priority:         int(s.number("worker_priority", 0)),
		ShutdownTimeout:  milliseconds(s.number("worker_shutdown_timeout", 0)),
		WorkingDirectory: s.text("working_directory", ""),
	}
	if d := s.one("worker_cpu_affinity"); d != nil {
		a, _ := d.Value.(conf.CPUAffinity)
		m.CPUs = processors(a, int(workers(s).Number))
	}
	if d := s.one("user"); d != nil {
		m.User, m.UserPlace = d.Args[0], d.File()+":"+strconv.Itoa(d.Line())
		if len(d.Args) > 1 {
			m.Group = d.Args[1]
		}
	}
	for _, d := range s.own["env"] {
		m.Env = append(m.Env, d.Args[0])
	}
	w := workers(s)
	m.Processes, _ = master.Workers(int(w.Number), w.Elastic > 0)
	m.Elastic = master.Elastic{Rate: w.Elastic, Max: int(w.Max)}
	return m
}

// processors are those of the masks that n workers of NGINX would have. Reactors share them: tied to one thread each, every request
// that goes to a worker goroutine and back would switch threads.
func processors(a conf.CPUAffinity, n int) (list []int) {
	if !a.Auto {
		a.Masks = a.Masks[:min(n, len(a.Masks))]
	}
	for _, mask := range a.Masks {
		list = append(list, mask...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// workers is worker_processes, with "auto" as a number.
func workers(s *scope) conf.WorkerProcesses {
	w := conf.WorkerProcesses{Number: 1}
	if d := s.one("worker_processes"); d != nil {
		w, _ = d.Value.(conf.WorkerProcesses)
	}
	if w.Auto || w.Number == 0 {
		w.Number = int64(runtime.NumCPU())
	}
	return w
}

// mainScope is the main context.
func mainScope(cfg *conf.Config) *scope {
	main := &scope{own: map[string][]*conf.Directive{}}
	for d := range cfg.Main() {
		main.own[d.Name] = append(main.own[d.Name], d)
	}
	return main
}

// bound are the addresses that have a socket of their own.
func (p *Plan) bound() (list []*address) {
	for _, a := range p.Runtime.addresses {
		if a.bind {
			list = append(list, a)
		}
	}
	return list
}

// forMaster says how the master opens the socket.
func (a *address) forMaster(reactors int) master.Listen {
	l := a.listen
	m := master.Listen{
		Address: a.addr, Backlog: int(l.Backlog), DualStack: !l.IPv6Only, Deferred: l.Deferred,
		FastOpen: int(max(l.FastOpen, 0)), RcvBuf: int(l.RcvBuf), SndBuf: int(l.SndBuf),
		KeepAlive: master.KeepAlive{
			On: l.KeepAlive.On, Off: l.KeepAlive.Off, Idle: int(l.KeepAlive.Idle), Interval: int(l.KeepAlive.Interval), Count: int(l.KeepAlive.Count),
		},
	}
	if l.ReusePort {
		m.ReusePort = max(reactors, 1)
	}
	return m
}

// Open opens the log files, and begins to resolve names and to check the health of servers. log is the one of the main context.
func (rt *Runtime) Open(log *errlog.Log) error {
	if err := rt.readyZones(); err != nil {
		return err
	}
	for _, l := range rt.errorLogs {
		if l.log = log; len(l.targets) == 0 {
			continue
		}
		own, err := errlog.Open(l.targets...)
		if err != nil {
			return err
		}
		l.log = own
	}
	for _, z := range rt.cacheZones {
		if err := z.open(log); err != nil {
			return err
		}
	}
	if err := rt.logFiles.open(log); err != nil {
		return err
	}
	rt.adopt()
	rt.back.start(log)
	return nil
}

// Reopen opens the log files anew, for a rotation that moved them away. The log of the main context is not among them.
func (rt *Runtime) Reopen() error {
	faults := []error{rt.logFiles.reopen()}
	for _, l := range rt.errorLogs {
		if len(l.targets) > 0 && l.log != nil {
			faults = append(faults, l.log.Reopen())
		}
	}
	return errors.Join(faults...)
}

// Close ends what Open began, writes what access logs have gathered, and closes the files.
func (rt *Runtime) Close() {
	rt.back.stop()
	for _, r := range rt.resolvers {
		r.Close()
	}
	for _, z := range rt.cacheZones {
		if z.zone != nil {
			z.zone.Close()
		}
	}
	rt.logFiles.close()
	for _, l := range rt.errorLogs {
		if len(l.targets) > 0 && l.log != nil {
			l.log.Close()
		}
	}
}

// logNames are the files that Reopen opens.
func (rt *Runtime) logNames() (list []string) {
	for _, f := range rt.logFiles.list {
		list = append(list, f.name)
	}
	for _, l := range rt.errorLogs {
		for _, t := range l.targets {
			if isFile(t.To) {
				list = append(list, t.To)
			}
		}
	}
	return list
}
