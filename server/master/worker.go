package master

import (
	"context"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// workerMain is the main function of a worker process.
func (p *Program) workerMain() int {
	name, _, _ := strings.Cut(os.Args[0], ":")
	nameSelf(name)
	sigs := make(chan os.Signal, 16)
	signal.Ignore(syscall.SIGHUP, syscall.SIGUSR2, syscall.SIGPIPE, syscall.SIGWINCH)
	signal.Notify(sigs, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGUSR1)
	from, to := os.NewFile(fdHello, "hello"), os.NewFile(fdReport, "report")
	h, err := receiveHello(from)
	if err != nil {
		return 1 // the master is gone
	}
	if h.Daemon {
		signal.Notify(sigs, syscall.SIGWINCH)
	}
	socks := h.sockets()
	for _, s := range socks {
		for _, fd := range s.fds {
			syscall.CloseOnExec(fd)
		}
	}
	syscall.CloseOnExec(fdHello)
	syscall.CloseOnExec(fdReport)
	w, log, conf := p.openWorker(h)
	if w == nil || !conf.startWorker(w, socks, log) {
		return 1
	}
	log.Console(nil)
	if !conf.KeepStderr {
		_ = log.TakeStderr() // the master has told, if it fails
	}
	closeSockets(socks) // the worker has its own
	go writeReports(to, h.Interval, w.Requests)
	masterGone := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, from); close(masterGone) }()
	s := &serving{worker: w, log: log, timeout: conf.ShutdownTimeout}
	s.until(sigs, masterGone)
	return 0
}

// openWorker reads what the master has read and prepares the worker, still with the master's rights.
func (p *Program) openWorker(h *hello) (Worker, *errlog.Log, *loaded) {
	early, err := errlog.Open(errlog.Target{To: h.Place.ErrorLog, Level: errlog.Error})
	if err != nil {
		early = errlog.Writer(os.Stderr, errlog.Error)
	}
	defer early.Close()
	if h.Boot {
		early.Console(os.Stderr)
	}
	p.generation, p.shared = h.Generation, inheritShared()
	conf, err := p.loadAgain(h.Place, h.Files, false, early)
	if err != nil {
		return nil, nil, nil
	}
	if err := conf.attachZones(h.zones(), h.Zones); err != nil {
		early.Printf(errlog.Emerg, "%s", err)
		return nil, nil, nil
	}
	log, err := conf.openLog()
	if err != nil {
		early.Printf(errlog.Emerg, "%s", err)
		return nil, nil, nil
	}
	if h.Boot {
		log.Console(os.Stderr)
	}
	w, err := conf.Open(log)
	if err != nil {
		log.Printf(errlog.Emerg, "%s", err)
		return nil, nil, nil
	}
	return w, log, conf
}

// startWorker gives up the rights of the master and begins to serve.
func (l *loaded) startWorker(w Worker, socks []*socket, log *errlog.Log) bool {
	setEnvironment(l.Env)
	l.setLimits(log)
	if l.identity != nil {
		if err := l.identity.assume(); err != nil {
			log.Printf(errlog.Emerg, "%s", err)
			return false
		}
	}
	if l.WorkingDirectory != "" {
		if err := os.Chdir(l.WorkingDirectory); err != nil {
			log.Printf(errlog.Alert, `chdir("%s") failed %s`, l.WorkingDirectory, errlog.Errno(err))
			return false
		}
	}
	if err := serve(w, socks); err != nil {
		log.Printf(errlog.Emerg, "%s", err)
		return false
	}
	return true
}

// setLimits sets niceness, processors and resources. A failure is told, and the worker serves all the same, as in NGINX.
func (l *loaded) setLimits(log *errlog.Log) {
	told := func(err error, format string, args ...any) {
		if err != nil {
			log.Printf(errlog.Alert, format+" failed "+errlog.Errno(err), args...)
		}
	}
	if l.Priority != 0 {
		told(setPriority(l.Priority), "setpriority(%d)", l.Priority)
	}
	if len(l.CPUs) > 0 {
		for _, cpu := range l.CPUs {
			log.Printf(errlog.Notice, "sched_setaffinity(): using cpu #%d", cpu)
		}
		told(setAffinity(l.CPUs), "sched_setaffinity()")
	}
	if l.RlimitNofile != 0 {
		told(setRlimit(syscall.RLIMIT_NOFILE, l.RlimitNofile), "setrlimit(RLIMIT_NOFILE, %d)", l.RlimitNofile)
	}
	if l.RlimitCore != 0 {
		told(setRlimit(syscall.RLIMIT_CORE, l.RlimitCore), "setrlimit(RLIMIT_CORE, %d)", l.RlimitCore)
	}
}

// serve hands the sockets to the worker.
func serve(w Worker, socks []*socket) error {
	list, err := files(socks)
	if err != nil {
		return err
	}
	defer closeFiles(list)
	return w.Serve(list)
}

// serving is a worker that serves in a process of its own.
type serving struct {
	worker  Worker
	log     *errlog.Log
	timeout time.Duration
	cut     context.CancelFunc // set while it quits
	done    chan struct{}
}

// until returns when the worker has ended: on a signal, or because the master is gone.
func (s *serving) until(sigs <-chan os.Signal, masterGone <-chan struct{}) {
	for {
		select {
		case sig := <-sigs:
			s.signal(sig)
		case <-masterGone:
			masterGone = nil
			s.log.Printf(errlog.Alert, "the master process is gone, shutting down")
			s.quit()
		case <-s.done:
			s.log.Printf(errlog.Notice, "exiting")
			s.log.Printf(errlog.Notice, "exit")
			return
		}
	}
}

func (s *serving) signal(sig os.Signal) {
	switch sig {
	case syscall.SIGUSR1:
		s.log.Printf(errlog.Notice, "reopening logs")
		reopen(s.worker, s.log)
	case syscall.SIGQUIT, syscall.SIGWINCH:
		s.quit()
	default:
		s.begin()
		s.cut()
	}
}

// reopen opens the logs of a process anew.
func reopen(w Worker, log *errlog.Log) {
	if err := log.Reopen(); err != nil {
		log.Printf(errlog.Emerg, "%s", err)
	}
	if err := w.Reopen(); err != nil {
		log.Printf(errlog.Emerg, "%s", err)
	}
}

// quit begins the graceful end.
func (s *serving) quit() {
	if s.done != nil {
		return
	}
	s.log.Printf(errlog.Notice, "gracefully shutting down")
	s.begin()
}

// begin begins the end, which cut makes short.
func (s *serving) begin() {
	if s.done == nil {
		s.done = make(chan struct{})
		s.cut = quit(s.worker, s.timeout, s.done)
	}
}

// cutGrace is how long a worker that was cut has to come to its end; it is shorter than killAfter. What then still runs is
// left behind: a handler that blocks for good must not keep the process.
const cutGrace = time.Second

// quit ends a worker gracefully on another goroutine, which closes done in the end; cut makes it short.
func quit(w Worker, timeout time.Duration, done chan<- struct{}) (cut context.CancelFunc) {
	ctx, cut := context.WithCancel(context.Background())
	bounded, end := ctx, context.CancelFunc(func() {})
	if timeout > 0 {
		bounded, end = context.WithTimeout(ctx, timeout)
	}
	ended := make(chan struct{})
	go func() {
		_ = w.Quit(bounded) // what is cut was meant to be
		close(ended)
	}()
	go func() {
		defer close(done)
		defer end()
		select {
		case <-ended:
			return
		case <-bounded.Done():
		}
		select {
		case <-ended:
		case <-time.After(cutGrace):
		}
	}()
	return cut
}
