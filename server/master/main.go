package master

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// Main runs the program with the command line argv, program name included, and returns the exit code: 0 or, for every
// failure, 1. The caller exits with it at once.
func Main(p Program, argv []string) int {
	p.Paths = p.Paths.withDefaults()
	as, inherited := role(), inheritedEnv()
	for _, name := range []string{envRole, envSockets, envNginx} {
		_ = os.Unsetenv(name) // they are for this process, not for what it starts
	}
	if as == roleWorker {
		return p.workerMain()
	}
	if as == roleDaemon {
		argv = untitled(argv)
		nameSelf(argv[0])
	}
	o, err := parseOptions(argv[1:])
	if err != nil {
		return fail(err)
	}
	if o.version {
		p.tell(o)
		if !o.test {
			return 0
		}
	}
	at, err := newPlace(o, p.Paths)
	if err != nil {
		return fail(err)
	}
	log := openEarly(at, o.test)
	if o.test {
		return p.test(o, at, log)
	}
	m := base{prog: &p, place: at, log: log, argv: argv, title: filepath.Base(argv[0]) + ": " + nameWorker}
	return m.start(o, as == roleDaemon, inherited)
}

func (p Paths) withDefaults() Paths {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	def(&p.Prefix, DefaultPaths.Prefix)
	def(&p.Conf, DefaultPaths.Conf)
	def(&p.ErrorLog, DefaultPaths.ErrorLog)
	def(&p.PID, DefaultPaths.PID)
	return p
}

func fail(err error) int {
	fmt.Fprintf(os.Stderr, "nginx: %s\n", err)
	return 1
}

// tell prints the version and what else was asked for.
func (p *Program) tell(o options) {
	p.writeVersion(os.Stderr)
	if o.help {
		writeUsage(os.Stderr, p.Paths)
	}
	if o.configure {
		p.writeConfigure(os.Stderr)
	}
}

// openEarly opens the log that is in use before the configuration says another. Without it, standard error does.
func openEarly(at place, test bool) *errlog.Log {
	level := errlog.Notice
	if test {
		level = errlog.Info
	}
	log, err := errlog.Open(errlog.Target{To: at.ErrorLog, Level: level})
	if err != nil {
		fmt.Fprintf(os.Stderr, "nginx: [alert] could not open error log file: %s\n", err)
		log, _ = errlog.Open(errlog.Target{To: "stderr", Level: level})
	}
	log.Console(os.Stderr)
	return log
}

// test is -t and -T: everything a start does, short of serving.
func (p *Program) test(o options, at place, log *errlog.Log) int {
	files := newSnapshot()
	conf, err := p.load(at, files, true, log)
	if err == nil {
		if !o.quiet {
			fmt.Fprintf(os.Stderr, "nginx: the configuration file %s syntax is ok\n", at.Conf)
		}
		err = conf.test(log)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "nginx: configuration file %s test failed\n", at.Conf)
		return 1
	}
	if !o.quiet {
		fmt.Fprintf(os.Stderr, "nginx: configuration file %s test is successful\n", at.Conf)
	}
	if o.dump {
		for _, name := range files.Order {
			fmt.Printf("# configuration file %s:\n%s\n", name, files.Files[name])
		}
	}
	return 0
}

// testLogs opens the logs that workers will have. As with NGINX, they are there afterwards.
func (l *loaded) testLogs() error {
	for _, name := range l.LogFiles {
		f, err := errlog.OpenAppend(name)
		if err != nil {
			return err
		}
		_ = f.Close()
	}
	return nil
}

// test checks what only a start would find: the pid file, the logs, the directories, the memory and the addresses. One that is in use is
// no fault, as the server may be running.
func (l *loaded) test(log *errlog.Log) error {
	errs := []error{testPID(l.place.PID)}
	opened, err := l.openLog()
	if errs = append(errs, err, l.testLogs(), l.makeCacheDirs(), l.tryZones()); err == nil {
		opened.Close()
	}
	for i := range l.Listen {
		errs = append(errs, tryBind(l.Listen[i]))
	}
	for _, err := range errs {
		if err != nil {
			log.Printf(levelOf(err), "%s", err)
			return err
		}
	}
	return nil
}

// start is everything behind the tests of the command line.
func (m *base) start(o options, daemon bool, inherited string) int {
	if o.signal == "" {
		m.signals = catchSignals()
	}
	load := m.prog.load
	if daemon {
		load = m.prog.loadAgain
	}
	conf, err := load(m.place, newSnapshot(), o.signal != "", m.log)
	switch {
	case err != nil:
		return 1
	case o.signal != "":
		if signalProcess(o.signal, conf.place.PID, m.log) != nil {
			return 1
		}
		return 0
	case !conf.Foreground && !daemon && inherited == "":
		return m.daemonize()
	}
	m.daemonized, m.parent = daemon || inherited != "", os.Getppid()
	if inherited != "" {
		m.inherited, m.sockets = true, inheritSockets(inherited, m.log)
	}
	if daemon {
		syscall.CloseOnExec(fdStarter)
	}
	if err := m.findBinary(); err != nil {
		m.log.Printf(errlog.Emerg, "%s", err)
		return 1
	}
	m.attend()
	if conf.Single {
		return (&single{base: *m}).run(conf)
	}
	return (&master{base: *m}).run(conf)
}

// findBinary notes what an upgrade executes: the file this program was started as, whatever it holds by then.
func (m *base) findBinary() error {
	path, err := exec.LookPath(m.argv[0])
	if err != nil {
		path, err = os.Executable()
	}
	if err == nil {
		m.binary, err = filepath.Abs(path)
	}
	return err
}
