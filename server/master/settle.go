package master

import (
	"cmp"
	"os"
	"syscall"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// prepare opens the log and the sockets of a configuration. What fails has been logged, also where the operator looks for
// it: in the log that the configuration names, and at the start on standard error.
func (m *base) prepare(conf *loaded, boot bool) (*generation, error) {
	log, err := conf.openLog()
	if err != nil {
		m.log.Printf(errlog.Emerg, "%s", err)
		return nil, err
	}
	if boot {
		log.Console(os.Stderr)
	}
	if err := cmp.Or(conf.makeCacheDirs(), conf.tryZones()); err != nil {
		log.Printf(levelOf(err), "%s", err)
		log.Close()
		return nil, err
	}
	socks, err := openSockets(conf.Listen, m.sockets, log)
	if err != nil {
		log.Close()
		return nil, err
	}
	if boot {
		m.announce(log)
	}
	return &generation{conf: conf, log: log, sockets: socks, boot: boot}, nil
}

// announce writes what NGINX writes of itself when it starts.
func (m *base) announce(log *errlog.Log) {
	log.Printf(errlog.Notice, "nginx/%s (wheelpit/%s)", compatible, m.prog.Version)
	log.Printf(errlog.Notice, "OS: %s", system())
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) == nil {
		log.Printf(errlog.Notice, "getrlimit(RLIMIT_NOFILE): %d:%d", l.Cur, l.Max)
	}
}

// discard gives up what prepare opened.
func (m *base) discard(g *generation) {
	m.dropSockets(without(g.sockets, m.sockets))
	g.log.Close()
}

// settle moves this process to a configuration that serves: its log, its pid file, its sockets. The pid file comes last
// at the start: whoever sees it may connect. The log before stays open, for others may write to it.
func (m *base) settle(g *generation) error {
	m.dropSockets(without(m.sockets, g.sockets))
	m.sockets = g.sockets
	if err := m.movePID(g.conf.place.PID); err != nil {
		return err
	}
	m.log = g.log
	if g.boot {
		m.detach(g.conf.KeepStderr)
	}
	m.reloaded(g, true)
	m.notifyReady()
	return nil
}

// reread reads the configuration for a reload.
func (m *base) reread() (*loaded, error) {
	m.notifyReloading()
	m.log.Printf(errlog.Notice, "reconfiguring")
	m.prog.generation = m.state.Generation + 1
	return m.prog.load(m.place, newSnapshot(), false, m.log)
}

// movePID writes the pid file, and removes the one before when it is another.
func (m *base) movePID(name string) error {
	if name == m.pidFile {
		return nil
	}
	m.writeState(name + stateSuffix) // first: whoever sees the pid file may ask for it
	if err := writePID(name); err != nil {
		_ = os.Remove(name + stateSuffix)
		return err
	}
	if m.pidFile != "" {
		_, _ = os.Remove(m.pidFile), os.Remove(m.stateFile(false))
	}
	m.pidFile = name
	return nil
}

// detach tells whoever started the program that it serves, and leaves standard error to the log.
func (m *base) detach(keepStderr bool) {
	m.log.Console(nil)
	if !keepStderr {
		if err := m.log.TakeStderr(); err != nil {
			m.log.Printf(errlog.Alert, "dup2(stderr) failed %s", errlog.Errno(err))
		}
	}
	if m.daemonized && !m.inherited {
		tellStarter()
	}
}

// dropSockets closes sockets that are no longer listened on.
func (m *base) dropSockets(list []*socket) {
	m.unlink(list)
	closeSockets(list)
}

// unlink removes the files of unix sockets, unless the process they came from still runs.
func (m *base) unlink(list []*socket) {
	if !m.inherited || os.Getppid() != m.parent {
		unlinkSockets(list)
	}
}

// leave is the end of a master or single process. When a successor runs, the unix sockets are its own, and the pid file
// is the old one's.
func (m *base) leave(succeeded bool) {
	if m.pidFile != "" {
		_ = os.Remove(m.stateFile(succeeded))
		name := m.pidFile
		if succeeded {
			name += oldSuffix
		}
		if err := os.Remove(name); err != nil {
			m.log.Printf(errlog.Alert, `unlink() "%s" failed %s`, name, errlog.Errno(err))
		}
	}
	m.log.Printf(errlog.Notice, "exit")
	m.stopListening(succeeded)
}

// stopListening closes the sockets of this process; the workers close their own.
func (m *base) stopListening(succeeded bool) {
	if !succeeded {
		m.unlink(m.sockets)
	}
	closeSockets(m.sockets)
}

// reopenOwn opens the logs of this process anew. Root makes those of the workers first and gives them to their user, who
// may not be allowed to make files there.
func (m *base) reopenOwn(g *generation) {
	if err := m.log.Reopen(); err != nil {
		m.log.Printf(errlog.Emerg, "%s", err)
	}
	if g == nil || g.conf.identity == nil || g.conf.Single {
		return
	}
	for _, name := range g.conf.logFiles() {
		f, err := errlog.OpenAppend(name)
		if err == nil {
			err = f.Chown(g.conf.identity.UID, -1)
			_ = f.Close()
		}
		if err != nil {
			m.log.Printf(errlog.Emerg, "%s", err)
		}
	}
}
