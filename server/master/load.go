package master

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
)

// ErrTold says that what is wrong was written to Spec.Log already.
var ErrTold = errors.New("master: the configuration cannot be used")

// place is where the command line says things are.
type place struct {
	Conf, ConfPrefix, Prefix, Global, ErrorLog, PID string
}

// newPlace joins the command line and the defaults, as ngx_process_options does.
func newPlace(o options, def Paths) (place, error) {
	p := place{Prefix: def.Prefix, Conf: def.Conf, ErrorLog: def.ErrorLog, PID: def.PID, Global: o.global}
	if o.prefix != "" {
		abs, err := filepath.Abs(o.prefix)
		if err != nil {
			return p, &callError{"getcwd()", err}
		}
		p.Prefix = abs
	}
	p.Prefix = strings.TrimSuffix(p.Prefix, "/") + "/"
	if o.conf != "" {
		p.Conf = o.conf
	}
	p.Conf = p.full(p.Conf)
	p.ConfPrefix = p.Conf[:strings.LastIndexByte(p.Conf, '/')+1]
	if o.errorLog != "" {
		p.ErrorLog = o.errorLog
	}
	if p.ErrorLog != "stderr" {
		p.ErrorLog = p.full(p.ErrorLog)
	}
	return p, nil
}

// full makes a name absolute by the prefix, as ngx_conf_full_name does: joined, not cleaned, since messages show it.
func (p *place) full(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return p.Prefix + name
}

// snapshot is what was read for a configuration.
type snapshot struct {
	Files map[string][]byte
	Order []string // of the files that -T prints
	Globs map[string][]string
}

func newSnapshot() *snapshot {
	s := new(snapshot)
	s.init()
	return s
}

func (s *snapshot) init() {
	if s.Files == nil {
		s.Files = map[string][]byte{}
	}
	if s.Globs == nil {
		s.Globs = map[string][]string{}
	}
}

// read reads a file, once.
func (s *snapshot) read(name string) ([]byte, error) {
	if data, ok := s.Files[name]; ok {
		return data, nil
	}
	data, err := os.ReadFile(name)
	if err == nil {
		s.Files[name] = data
	}
	return data, err
}

// readShown is read for a file that -T prints.
func (s *snapshot) readShown(name string) ([]byte, error) {
	data, err := s.read(name)
	if err == nil && !slices.Contains(s.Order, name) {
		s.Order = append(s.Order, name)
	}
	return data, err
}

func (s *snapshot) glob(pattern string) ([]string, error) {
	if names, ok := s.Globs[pattern]; ok {
		return names, nil
	}
	names, err := conf.Glob(pattern)
	if err == nil {
		s.Globs[pattern] = names
	}
	return names, err
}

// loaded is a plan and what it was read from.
type loaded struct {
	*Plan
	place    place
	files    *snapshot
	identity *Identity

	generation int
}

// load reads and checks a configuration. Whatever is wrong has been logged when it returns an error.
func (p *Program) load(at place, files *snapshot, test bool, log *errlog.Log) (*loaded, error) {
	plan, err := p.Build(Spec{
		Conf: at.Conf, ConfPrefix: at.ConfPrefix, Prefix: at.Prefix, Global: at.Global, Test: test,
		Version: p.Version, Generation: max(p.generation, 1), Shared: p.shared,
		Read: files.readShown, Glob: files.glob, Secret: files.read, Log: log,
	})
	if err == nil && plan == nil {
		err = errors.New("master: Build returned nothing")
	}
	if err != nil {
		if !errors.Is(err, ErrTold) {
			log.Printf(errlog.Emerg, "%s", err)
		}
		return nil, err
	}
	l := &loaded{Plan: plan, place: at, files: files, generation: max(p.generation, 1)}
	if l.identity, err = plan.identity(); err != nil {
		log.Printf(errlog.Emerg, "%s", err)
		return nil, err
	}
	l.makeTempDirs(log)
	if plan.PID != "" {
		l.place.PID = plan.PID
	}
	l.place.PID = at.full(l.place.PID)
	return l, nil
}

// loadAgain is load for a process that reads what another one has read and told of: its warnings are not repeated. If it
// fails where that one did not, it says why on standard error, which is the error log's once the server serves.
func (p *Program) loadAgain(at place, files *snapshot, test bool, log *errlog.Log) (*loaded, error) {
	var told bytes.Buffer
	conf, err := p.load(at, files, test, errlog.Writer(&told, errlog.Info))
	if err != nil {
		_, _ = os.Stderr.Write(told.Bytes())
		log.Printf(errlog.Emerg, "the configuration file %s could not be read a second time", at.Conf)
	}
	return conf, err
}

// openLog opens the error log of a configuration.
func (l *loaded) openLog() (*errlog.Log, error) {
	targets := slices.Clone(l.ErrorLogs)
	file := false
	for i, t := range targets {
		if strings.HasPrefix(t.To, "syslog:") {
			continue
		}
		file = true
		if t.To != "stderr" {
			targets[i].To = l.place.full(t.To)
		}
	}
	if !file {
		targets = append(targets, errlog.Target{To: l.place.ErrorLog, Level: errlog.Error})
	}
	return errlog.Open(targets...)
}

// errorFiles lists the files of the error log.
func (l *loaded) errorFiles() (list []string) {
	for _, t := range l.ErrorLogs {
		if t.To != "stderr" && !strings.HasPrefix(t.To, "syslog:") {
			list = append(list, l.place.full(t.To))
		}
	}
	if len(list) == 0 && l.place.ErrorLog != "stderr" {
		list = append(list, l.place.ErrorLog)
	}
	return list
}

// logFiles lists every file that workers open again at a reopen.
func (l *loaded) logFiles() []string {
	list := slices.Clone(l.LogFiles)
	for _, t := range l.ErrorLogs {
		if t.To != "stderr" && !strings.HasPrefix(t.To, "syslog:") {
			list = append(list, l.place.full(t.To))
		}
	}
	return list
}
