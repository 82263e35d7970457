package master

import (
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/wheelpit/wheelpit/server/errlog"
)

const (
	// killAfter is how long workers have to end after TERM before they are killed (NGINX: signals again after 50, 100, ...
	// 800 ms, then kills).
	killAfter = 1500 * time.Millisecond
	// A worker that ends unasked is replaced at once. If it lived for less than steady, the next one that ends waits:
	// from firstPause on, doubled up to longestPause (NGINX: always at once, as fast as it can fork).
	steady       = 10 * time.Second
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// master is the process that holds the sockets and looks after the others. All its fields belong to the goroutine of run.
type master struct {
	base
	procs         []*process
	current, next *generation // next while a configuration is being moved to
	again         bool        // another reload was asked for meanwhile
	terminating   bool
	quitting      bool
	noaccept      bool // after WINCH: no workers
	newBinary     *process
	shared        *os.File      // see sharedFile; nil before the first worker
	pause         time.Duration // before the next replacement of a worker
	served        uint64        // requests since the last look at the rate
	scaler        scaler

	exits   chan exit
	reports chan report
	calls   chan func() // what is due, to be run by the loop
}

// base is what the master and a single process have in common.
type base struct {
	prog    *Program
	place   place
	log     *errlog.Log
	argv    []string
	binary  string // what an upgrade executes
	title   string // of workers
	sockets []*socket
	pidFile string // empty until it is written
	signals <-chan os.Signal
	// daemonized says that the server runs in the background; inherited, that its sockets came from the process parent.
	daemonized, inherited bool
	parent                int
	code                  int // to exit with
	state                 State
	notifySocket          string           // of a service manager
	watchdog              <-chan time.Time // when it is to be told that this process lives; nil for never
}

// generation is a configuration in use: its workers carry it.
type generation struct {
	conf    *loaded
	log     *errlog.Log
	sockets []*socket
	zones   []*zone // none without a master
	boot    bool    // the first one: whoever started the program still listens on stderr
}

// run is the life of the master; it returns the exit code.
func (m *master) run(first *loaded) int {
	m.exits, m.reports, m.calls = make(chan exit), make(chan report), make(chan func())
	if !m.adopt(first) {
		return 1
	}
	for !m.over() {
		select {
		case sig := <-m.signals:
			m.signal(sig.(syscall.Signal))
		case e := <-m.exits:
			m.exited(&e)
		case r := <-m.reports:
			m.reported(r)
		case due := <-m.calls:
			due()
		case <-m.watchdog:
			m.notify("WATCHDOG=1")
		}
	}
	m.leave(m.newBinary != nil)
	return m.code
}

func (m *master) ending() bool { return m.terminating || m.quitting }

// over says that the end was asked for and all workers are gone.
func (m *master) over() bool { return m.ending() && len(m.workers(all)) == 0 }

// later runs f on the loop after d.
func (m *master) later(d time.Duration, f func()) {
	time.AfterFunc(d, func() { m.calls <- f })
}

// adopt begins to move to a configuration: its sockets are opened and its workers started beside those that serve. It is
// done when all of them serve; see commit.
func (m *master) adopt(conf *loaded) bool {
	g, err := m.prepare(conf, m.current == nil)
	if err != nil {
		return false
	}
	if m.openZones(g) != nil {
		m.discard(g)
		return false
	}
	m.next = g
	g.log.Printf(errlog.Notice, "start worker processes")
	for range max(conf.Processes, 1) {
		if !m.startWorker(g) {
			m.abandon()
			return false
		}
	}
	return true
}

// commit makes the next generation the current one, and tells the old workers to finish.
func (m *master) commit() {
	g := m.next
	closeZones(m.current.ownZones(), g.zones)
	m.current, m.next, m.noaccept, m.pause = g, nil, false, 0
	before := m.log
	if err := m.settle(g); err != nil {
		m.log.Printf(errlog.Emerg, "%s", err)
		if g.boot {
			m.code = 1
			m.terminate()
			return
		}
		m.reloaded(nil, false)
	}
	if m.log != before {
		before.Close()
	}
	m.tellWorkers(syscall.SIGQUIT, func(p *process) bool { return p.gen != g })
	m.watchRate(g)
	m.tellWorkersState()
	m.reloadAgain()
}

// reloadAgain does a reload that was asked for while another one was on its way.
func (m *master) reloadAgain() {
	if m.again {
		m.again = false
		m.reload()
	}
}

// abandon gives the next generation up. What serves goes on serving; without anything that serves, the program ends.
func (m *master) abandon() {
	g := m.next
	m.next = nil
	m.tellWorkers(syscall.SIGTERM, func(p *process) bool { return p.gen == g })
	closeZones(g.zones, m.current.ownZones())
	m.discard(g)
	if g.boot {
		m.log.Printf(errlog.Emerg, "no worker process could begin to serve")
		m.code = 1
		m.terminate()
		return
	}
	m.log.Printf(errlog.Emerg, "the new workers could not begin to serve, the old configuration stays")
	m.keepOld()
	m.reloadAgain()
}

// keepOld notes a reload that has changed nothing.
func (m *master) keepOld() {
	m.reloaded(nil, false)
	m.tellWorkersState()
	m.notifyReady()
}

// reported takes a line of a worker.
func (m *master) reported(r report) {
	p := r.from
	if p.gen == m.current {
		m.served += r.served
	}
	if !r.ready {
		return
	}
	p.ready = true
	if p.pending != 0 {
		m.tell(p, p.pending)
	}
	if m.next != nil && p.gen == m.next && !m.ending() &&
		len(m.workers(func(p *process) bool { return p.gen == m.next && p.ready })) == max(m.next.conf.Processes, 1) {
		m.commit()
	} else {
		m.tellWorkersState() // one that was replaced, or started for the load
	}
}

// exited takes note of a child that has ended.
func (m *master) exited(e *exit) {
	p := e.p
	m.procs = slices.DeleteFunc(m.procs, func(q *process) bool { return q == p })
	if p.hello != nil {
		_ = p.hello.Close()
	}
	m.forget(p.pid)
	m.log.Printf(errlog.Notice, "signal %d (SIGCHLD) received from %d", int(syscall.SIGCHLD), p.pid)
	level, text := e.describe()
	m.log.Printf(level, "%s", text)
	switch {
	case p == m.newBinary:
		m.upgradeFailed()
	case p.gen == nil || p.exiting || m.ending():
	case p.gen == m.next:
		m.abandon()
	case p.gen == m.current:
		m.replace(p)
	}
	if !m.over() {
		m.tellWorkersState()
	}
}

// replace starts another worker for one that ended unasked, after a pause if it did not live long.
func (m *master) replace(p *process) {
	if time.Since(p.started) >= steady {
		m.pause = 0
	}
	pause := m.pause
	m.pause = min(max(2*m.pause, firstPause), longestPause)
	if pause == 0 && m.startWorker(p.gen) {
		return
	}
	m.later(max(pause, firstPause), func() {
		if m.current == p.gen && !m.ending() && !m.noaccept && !m.startWorker(p.gen) {
			m.replace(p)
		}
	})
}

// terminate ends the workers at once.
func (m *master) terminate() {
	m.terminating = true
	if m.newBinary == nil {
		m.notifyStopping()
	}
	m.tellWorkers(syscall.SIGTERM, all)
	m.later(killAfter, func() { m.tellWorkers(syscall.SIGKILL, all) })
}
