package master

import (
	"context"
	"os"
	"slices"
	"syscall"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// single is a process without a master: it serves itself (`master_process off`). As in NGINX it keeps its user.
type single struct {
	base
	gen    *generation
	worker Worker
	ended  chan *generation // old generations that have finished
	left   int              // generations that are finishing
	cut    []context.CancelFunc
	ending bool
}

// run is the life of the process; it returns the exit code.
func (s *single) run(first *loaded) int {
	s.ended = make(chan *generation)
	setEnvironment(first.Env)
	if !s.adopt(first) {
		return 1
	}
	for !s.ending || s.left > 0 {
		select {
		case sig := <-s.signals:
			s.signal(sig.(syscall.Signal))
		case g := <-s.ended:
			s.left--
			if g != s.gen {
				g.log.Close()
			}
			s.tell()
		case <-s.watchdog:
			s.notify("WATCHDOG=1")
		}
	}
	s.leave(false)
	return s.code
}

// adopt moves to a configuration: its worker serves before the old one finishes.
func (s *single) adopt(conf *loaded) bool {
	g, err := s.prepare(conf, s.gen == nil)
	if err != nil {
		return false
	}
	if err := s.begin(g); err != nil {
		s.log.Printf(errlog.Emerg, "%s", err)
		s.discard(g)
		return false
	}
	return true
}

// begin serves g and tells the worker before to finish.
func (s *single) begin(g *generation) error {
	w, err := g.conf.Open(g.log)
	if err != nil {
		return err
	}
	if err := serve(w, g.sockets); err != nil {
		return err
	}
	old, oldWorker := s.gen, s.worker
	s.gen, s.worker = g, w
	if oldWorker != nil {
		s.finish(old, oldWorker)
	}
	if err := s.settle(g); err != nil {
		s.log.Printf(errlog.Emerg, "%s", err)
		if g.boot {
			s.code = 1
			s.quit()
		} else {
			s.reloaded(nil, false)
		}
	}
	s.tell()
	return nil
}

// tell writes the state; generations that are finishing are shown as this process, once each.
func (s *single) tell() {
	s.state.Workers, s.state.Retiring = []int{os.Getpid()}, slices.Repeat([]int{os.Getpid()}, s.left)
	s.tellState(false)
}

// finish ends a worker gracefully.
func (s *single) finish(g *generation, w Worker) {
	done := make(chan struct{})
	s.left++
	s.cut = append(s.cut, quit(w, g.conf.ShutdownTimeout, done))
	go func() { <-done; s.ended <- g }()
}

func (s *single) signal(sig syscall.Signal) {
	switch sig {
	case syscall.SIGTERM, syscall.SIGINT:
		s.logSignal(sig, ", exiting")
		s.quit()
		for _, cut := range s.cut {
			cut()
		}
	case syscall.SIGQUIT:
		s.logSignal(sig, ", shutting down")
		s.quit()
	case syscall.SIGHUP:
		s.logSignal(sig, ", reconfiguring")
		s.reload()
	case syscall.SIGUSR1:
		s.logSignal(sig, ", reopening logs")
		s.log.Printf(errlog.Notice, "reopening logs")
		reopen(s.worker, s.log)
		s.state.Reopened++
		s.tell()
	default:
		s.logSignal(sig, ", ignoring")
	}
}

func (s *single) quit() {
	if s.ending {
		return
	}
	s.ending = true
	s.notifyStopping()
	s.finish(s.gen, s.worker)
	s.stopListening(false)
}

func (s *single) reload() {
	if s.ending {
		return
	}
	conf, err := s.reread()
	if err != nil || !s.adopt(conf) {
		s.reloaded(nil, false)
		s.tell()
		s.notifyReady()
	}
}
