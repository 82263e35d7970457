package master

import (
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// upgrade executes the program's file again, which may be another by now, with the sockets that are open. Both serve
// until the operator ends one of them: QUIT to the old master completes the upgrade, QUIT to the new one takes it back.
func (m *master) upgrade() {
	if m.newBinary != nil || m.underParent() {
		m.refuseUpgrade()
		return
	}
	m.logSignal(syscall.SIGUSR2, ", changing binary")
	m.log.Printf(errlog.Notice, "changing binary")
	if m.current == nil || m.ending() {
		return
	}
	if err := m.execBinary(); err != nil {
		m.log.Printf(errlog.Alert, "%s", err)
		m.state.FailedUpgrades++
		m.tellWorkersState()
	}
}

// underParent says that this process was started by an upgrade and the old master still runs.
func (m *base) underParent() bool { return m.inherited && os.Getppid() == m.parent }

func (m *base) refuseUpgrade() {
	m.logSignal(syscall.SIGUSR2, ", ignoring")
	m.log.Printf(errlog.Crit, "the changing binary signal is ignored: you should shutdown or terminate before either old or new binary's process")
}

// execBinary moves the pid file away and starts the new binary.
func (m *master) execBinary() error {
	old := m.pidFile + oldSuffix
	if err := os.Rename(m.pidFile, old); err != nil {
		return &callError{fmt.Sprintf("rename() %s to %s", m.pidFile, old), err}
	}
	_ = os.Remove(m.stateFile(false)) // it is the new binary's to write
	m.tellState(true)
	fds := descriptors(m.sockets)
	var list strings.Builder
	for i := range fds {
		fmt.Fprintf(&list, "%d;", 3+i)
	}
	p := &process{name: nameBinary}
	env := childEnv(envSockets+"="+list.String(), envNginx+"="+list.String())
	if err := m.spawn(p, m.binary, m.argv, env, fds); err != nil {
		_ = os.Remove(m.stateFile(true))
		m.restorePID()
		return &callError{fmt.Sprintf(`execve() of new binary process "%s"`, m.binary), err}
	}
	m.newBinary = p
	m.log.Printf(errlog.Notice, "start %s %d", p.name, p.pid)
	return nil
}

func (m *master) restorePID() {
	if err := os.Rename(m.pidFile+oldSuffix, m.pidFile); err != nil {
		m.log.Printf(errlog.Alert, `rename() %s back to %s failed after the new binary process "%s" exited %s`,
			m.pidFile+oldSuffix, m.pidFile, m.binary, errlog.Errno(err))
	}
}

// upgradeFailed takes note that the new binary has ended, and goes on as before.
func (m *master) upgradeFailed() {
	m.newBinary = nil
	_ = os.Remove(m.stateFile(true))
	m.restorePID()
	m.state.FailedUpgrades++
	if m.noaccept && !m.ending() {
		m.restartWorkers()
	}
}
