package master

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// process is a child of the master: a worker, or the new binary of an upgrade.
type process struct {
	pid     int
	name    string
	gen     *generation // nil for a new binary
	started time.Time
	// ready says that a worker serves; exiting, that it was told to end and is not to be replaced.
	ready, exiting bool
	// pending is a signal to be sent when the worker is ready: before, it would not know what to do with it.
	pending syscall.Signal
	// hello is the master's end of the pipe whose end tells the worker that the master is gone.
	hello *os.File
}

const (
	nameWorker = "worker process"
	nameBinary = "new binary process"
)

// exit is the end of a child.
type exit struct {
	p      *process
	status syscall.WaitStatus
}

// spawn starts a process with these descriptors from 3 on, and sends its end to m.exits.
func (m *master) spawn(p *process, path string, argv, env []string, fds []uintptr) error {
	attr := &syscall.ProcAttr{Env: env, Files: append([]uintptr{0, 1, 2}, fds...)}
	pid, _, err := syscall.StartProcess(path, argv, attr)
	if err != nil {
		return err
	}
	p.pid, p.started = pid, time.Now()
	m.procs = append(m.procs, p)
	go func() { m.exits <- exit{p, wait(pid)} }()
	return nil
}

// wait returns when the child has ended.
func wait(pid int) syscall.WaitStatus {
	for {
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(pid, &status, 0, nil); err != syscall.EINTR {
			return status
		}
	}
}

// startWorker starts one worker of g.
func (m *master) startWorker(g *generation) bool {
	p := &process{name: nameWorker, gen: g}
	if err := m.execWorker(p); err != nil {
		m.log.Printf(errlog.Alert, "could not start %s %s", p.name, errlog.Errno(err))
		return false
	}
	g.log.Printf(errlog.Notice, "start worker process %d", p.pid)
	return true
}

func (m *master) execWorker(p *process) error {
	path, err := self()
	if err != nil {
		return err
	}
	shared, err := m.sharedFile()
	if err != nil {
		return err
	}
	fromMaster, hello, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = fromMaster.Close() }()
	reports, toMaster, err := os.Pipe()
	if err != nil {
		_ = hello.Close()
		return err
	}
	defer func() { _ = toMaster.Close() }()
	fds := append([]uintptr{fromMaster.Fd(), toMaster.Fd(), shared.Fd()}, descriptors(p.gen.sockets)...)
	for _, z := range p.gen.zones {
		fds = append(fds, z.file.Fd())
	}
	if err := m.spawn(p, path, []string{m.title}, childEnv(envRole+"="+roleWorker), fds); err != nil {
		_, _ = hello.Close(), reports.Close()
		return err
	}
	p.hello = hello
	text := p.gen.hello(m.daemonized)
	go func() { _ = text.send(hello) }() // the pipe holds less than a configuration may be
	go readReports(p, reports, m.reports)
	return nil
}

// hello is what the workers of g are told.
func (g *generation) hello(daemon bool) *hello {
	h := &hello{Place: g.conf.place, Files: g.conf.files, Daemon: daemon, Boot: g.boot, Interval: g.conf.Elastic.interval(), Generation: g.conf.generation, Zones: len(g.zones)}
	for _, s := range g.sockets {
		h.Sockets = append(h.Sockets, s.listen)
		h.Counts = append(h.Counts, len(s.fds))
	}
	return h
}

// tell sends a signal to a worker. One that is not ready yet gets it when it is, but for the signals that end it at once.
func (m *master) tell(p *process, sig syscall.Signal) {
	if sig != syscall.SIGUSR1 {
		p.exiting = true
	}
	if !p.ready && sig != syscall.SIGTERM && sig != syscall.SIGKILL {
		p.pending = sig
		return
	}
	if err := syscall.Kill(p.pid, sig); err != nil && err != syscall.ESRCH { // it may have ended a moment ago
		m.log.Printf(errlog.Alert, "kill(%d, %d) failed %s", p.pid, int(sig), errlog.Errno(err))
	}
}

// workers returns the live workers that match.
func (m *master) workers(match func(*process) bool) (list []*process) {
	for _, p := range m.procs {
		if p.gen != nil && match(p) {
			list = append(list, p)
		}
	}
	return list
}

// tellWorkers sends a signal to every worker that it is news to.
func (m *master) tellWorkers(sig syscall.Signal, match func(*process) bool) {
	for _, p := range m.workers(match) {
		if sig != syscall.SIGQUIT || !p.exiting {
			m.tell(p, sig)
		}
	}
}

func all(*process) bool { return true }

// describe is NGINX's text about the end of a process.
func (e *exit) describe() (errlog.Level, string) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d exited ", e.p.name, e.p.pid)
	if !e.status.Signaled() {
		fmt.Fprintf(&b, "with code %d", e.status.ExitStatus())
		return errlog.Notice, b.String()
	}
	fmt.Fprintf(&b, "on signal %d", int(e.status.Signal()))
	if e.status.CoreDump() {
		b.WriteString(" (core dumped)")
	}
	return errlog.Alert, b.String()
}
