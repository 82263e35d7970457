package master

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// catchSignals takes the signals of a master or a single process. It comes before anything that others may see, as a
// signal that is not caught would end the process.
func catchSignals() <-chan os.Signal {
	c := make(chan os.Signal, 64)
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(c, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2,
		syscall.SIGWINCH)
	return c
}

// signalNames are those that messages show.
var signalNames = map[syscall.Signal]string{
	syscall.SIGTERM: "SIGTERM", syscall.SIGINT: "SIGINT", syscall.SIGQUIT: "SIGQUIT", syscall.SIGHUP: "SIGHUP",
	syscall.SIGUSR1: "SIGUSR1", syscall.SIGUSR2: "SIGUSR2", syscall.SIGWINCH: "SIGWINCH",
}

// logSignal writes NGINX's line about a signal, without the sender, which Go does not tell.
func (m *base) logSignal(sig syscall.Signal, action string) {
	m.log.Printf(errlog.Notice, "signal %d (%s) received%s", int(sig), signalNames[sig], action)
}

func (m *master) signal(sig syscall.Signal) {
	switch sig {
	case syscall.SIGTERM, syscall.SIGINT:
		m.logSignal(sig, ", exiting")
		m.terminate()
	case syscall.SIGQUIT:
		m.logSignal(sig, ", shutting down")
		m.quit()
	case syscall.SIGHUP:
		m.logSignal(sig, ", reconfiguring")
		m.reload()
	case syscall.SIGUSR1:
		m.logSignal(sig, ", reopening logs")
		m.reopen()
	case syscall.SIGUSR2:
		m.upgrade()
	case syscall.SIGWINCH:
		m.stopAccepting(sig)
	}
}

// quit ends gracefully. The sockets are closed here too, so that clients are refused as soon as the workers have closed
// theirs.
func (m *master) quit() {
	if m.ending() {
		return
	}
	m.quitting = true
	if m.newBinary == nil {
		m.notifyStopping()
	}
	m.tellWorkers(syscall.SIGQUIT, all)
	if m.next != nil {
		m.dropSockets(without(m.next.sockets, m.sockets))
	}
	m.stopListening(m.newBinary != nil)
}

// reload reads the configuration anew.
func (m *master) reload() {
	switch {
	case m.ending():
	case m.next != nil:
		m.again = true
	case m.noaccept && m.newBinary != nil:
		m.restartWorkers()
	default:
		conf, err := m.reread()
		if err != nil || !m.adopt(conf) {
			m.keepOld()
		} else {
			m.tellWorkersState()
		}
	}
}

// reopen opens the logs anew: first those of this process, with the workers as owners, then the workers'.
func (m *master) reopen() {
	m.log.Printf(errlog.Notice, "reopening logs")
	m.reopenOwn(m.current)
	m.tellWorkers(syscall.SIGUSR1, all)
	m.state.Reopened++
	m.tellWorkersState()
}

// stopAccepting ends the workers and keeps the master, so that an upgrade can be taken back. A terminal sends WINCH when
// its window changes, so in the foreground it means nothing, as in NGINX.
func (m *master) stopAccepting(sig syscall.Signal) {
	if !m.daemonized {
		m.logSignal(sig, "")
		return
	}
	m.logSignal(sig, ", stop accepting connections")
	m.noaccept = true
	m.tellWorkers(syscall.SIGQUIT, all)
	m.tellWorkersState()
}

// restartWorkers starts the workers of the current configuration again.
func (m *master) restartWorkers() {
	m.noaccept = false
	m.log.Printf(errlog.Notice, "start worker processes")
	for range max(m.current.conf.Processes, 1) {
		m.startWorker(m.current)
	}
}
